"""Logs that say what happened without saying what anyone wrote, and counters of the same names.

An event is named like the action and the metric: `energy.answer`. Keys that could hold a member's words or a secret are
dropped by name before anything is written, and so are the messages of exceptions from outside: only their type is kept.
"""

import json
import logging
import sys
from collections.abc import MutableMapping
from functools import cache
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram

_PRIVATE = frozenset({
    "text", "answer", "answers", "body", "card", "form", "note", "payload", "question", "title", "values", "words",
    "token", "secret", "password", "key", "authorization", "user", "name", "url",
})  # fmt: skip
Entry = MutableMapping[str, Any]
BoundLogger = structlog.stdlib.BoundLogger


class Tally:
    """Counts log events by name, for the metrics page."""

    def __init__(self) -> None:
        """Start at nothing, in a registry of its own."""
        self.registry = CollectorRegistry()
        events = Counter("kring_events", "What happened, by name", ["event"], registry=self.registry)
        took = Histogram("kring_took_seconds", "How long it took, by name", ["event"], registry=self.registry)
        self._count, self._took = cache(events.labels), cache(took.labels)  # names are few: they are written in code

    def __call__(self, _logger: object, _method: str, entry: Entry) -> Entry:
        """Count an entry as it passes, and how long it took where that is said (`took`, in seconds)."""
        name = str(entry.get("event", ""))
        self._count(name).inc()
        if "took" in entry:
            self._took(name).observe(entry["took"])
        return entry


def drop_private(_logger: object, _method: str, entry: Entry) -> Entry:
    """Take out every key that could hold a member's words or a secret."""
    for key in _PRIVATE & entry.keys():
        del entry[key]
    return entry


def exception_type(_logger: object, _method: str, entry: Entry) -> Entry:
    """Keep of an exception its type and where it was raised; its message may quote what someone wrote."""
    given = entry.pop("exc_info", None)
    if not given:
        return entry
    raised = given if isinstance(given, BaseException) else sys.exc_info()[1]
    kind, trace = type(raised) if raised else None, raised.__traceback__ if raised else None
    while trace and trace.tb_next:
        trace = trace.tb_next
    entry["error"] = kind.__name__ if kind else "unknown"
    entry["at"] = f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else ""
    return entry


_JSON = json.JSONEncoder(default=repr)


def as_json(_logger: object, _method: str, entry: Entry) -> str:
    """Write an entry as one line."""
    return _JSON.encode(entry)


def set_up(*, style: str, level: str, tally: Tally) -> None:
    """Write to stderr, as `console` or `json`, from `level` on; once, at the start."""
    renderer = as_json if style == "json" else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            exception_type,
            drop_private,
            tally,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def unheard(_loop: object, context: Entry) -> None:
    """Log an exception that nobody awaited, in place of asyncio, which would print its message."""
    get_logger(__name__).error("task.failed", exc_info=context.get("exception") or True)


def get_logger(name: str) -> BoundLogger:
    """Return the logger of a module."""
    return structlog.get_logger(module=name)  # type: ignore[no-any-return]
