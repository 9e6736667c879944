"""What can go wrong with one call: each plays once, on the next call that it is meant for."""

import json
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fault:
    """`arrives` when what was asked is done all the same; `cut` closes the line, `hang` never answers."""

    status: int = 200
    body: str | bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    arrives: bool = False
    cut: bool = False
    hang: bool = False


def limited(retry_after: str | None = "1") -> Fault:
    """Too many requests; the header says how long to wait, or whatever it is made to say."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return Fault(429, '{"ok":false,"error":"ratelimited"}', headers=headers)


def broken(status: int = 500, *, arrives: bool = False) -> Fault:
    """A fault of Slack's own, told in JSON."""
    return Fault(status, '{"ok":false,"error":"internal_error"}', arrives=arrives)


def page(status: int = 502, *, arrives: bool = False) -> Fault:
    """A page, from something that stands before Slack."""
    return Fault(status, "<html><body>Bad gateway</body></html>", "text/html", arrives=arrives)


def odd(body: str, content_type: str = "application/json", *, arrives: bool = False) -> Fault:
    """A 200 that is no object."""
    return Fault(200, body, content_type, arrives=arrives)


def refused(error: str, **more: object) -> Fault:
    """Slack says no."""
    return Fault(200, json.dumps({"ok": False, "error": error, **more}))


def hang(*, arrives: bool = True) -> Fault:
    """Nothing comes back, for as long as anyone waits."""
    return Fault(hang=True, arrives=arrives)


def cut(*, arrives: bool = True) -> Fault:
    """The line is cut after the request was read."""
    return Fault(cut=True, arrives=arrives)
