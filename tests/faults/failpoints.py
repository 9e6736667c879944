"""The named moments at which a replica can be killed, put in from the outside: nothing in Kring knows of them.

A step is a function that works in a transaction; it is met before and after the commit of the transaction in which it
found something to do.
"""

import functools
import os
import signal
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any
from weakref import WeakKeyDictionary

from bot.delivery.local import LocalEngine
from bot.delivery.procrastinate import ProcrastinateEngine
from storage import claims, due, inbox, results
from storage.db import Store, UnitOfWork
from tests.faults.loopback.messenger import LoopbackMessenger

Meet = Callable[[str], None]
STEPS: dict[str, tuple[ModuleType, str]] = {
    "tick": (due, "tick"),
    "plan": (due, "to_plan"),
    "claim": (claims, "claim"),
    "finish": (results, "finish"),
    "inbox": (inbox, "keep"),
    "answer": (inbox, "take"),
}
CALLS: tuple[tuple[str, type, str], ...] = (
    ("enqueue", LocalEngine, "enqueue"),
    ("enqueue", ProcrastinateEngine, "enqueue"),
    ("send", LoopbackMessenger, "post"),
)
NAMES = (
    *(f"{step} {when} commit" for step in STEPS for when in ("before", "after")),
    *(f"{call} {when}" for call in ("enqueue", "send") for when in ("before", "after")),
)
_ALWAYS = {"finish"}  # tells nothing, and is asked only when there is something
_steps: WeakKeyDictionary[UnitOfWork, list[str]] = WeakKeyDictionary()


def watch(meet: Meet) -> None:
    """Call `meet` at every failpoint of this process, from now on and until it ends."""
    for step, (module, name) in STEPS.items():
        setattr(module, name, _marked(step, getattr(module, name)))
    for call, owner, name in CALLS:
        setattr(owner, name, _between(call, getattr(owner, name), meet))
    Store.begin = _telling(Store.begin, meet)  # type: ignore[assignment, method-assign]


def dying(name: str, visit: int) -> Meet:
    """Kill this process with -9 the so-manieth time that it meets a failpoint."""
    met: dict[str, int] = defaultdict(int)

    def meet(at: str) -> None:
        met[at] += 1
        if at == name and met[at] == visit:
            os.kill(os.getpid(), signal.SIGKILL)

    return meet


def doomed(file: Path) -> Meet:
    """Kill this process with -9 when it meets the failpoint that a file names; that is then done, and the file gone."""

    def meet(at: str) -> None:
        if file.exists() and file.read_text() == at:
            file.unlink()
            os.kill(os.getpid(), signal.SIGKILL)

    return meet


def _marked(step: str, function: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(function)
    async def marked(work: UnitOfWork, *args: object, **options: object) -> object:
        found = await function(work, *args, **options)
        if step in _ALWAYS or _did_something(found):
            _steps.setdefault(work, []).append(step)
        return found

    return marked


def _did_something(found: object) -> bool:
    """Whether a step found something to do: rows, or a claim that is more than a wait."""
    some = found if isinstance(found, list) else [found]
    return any(one for one in some if not isinstance(one, claims.Wait))


def _between(call: str, function: Callable[..., Awaitable[Any]], meet: Meet) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(function)
    async def between(*args: object, **options: object) -> object:
        meet(f"{call} before")
        done = await function(*args, **options)
        meet(f"{call} after")
        return done

    return between


def _telling(begin: Callable[[Store], Any], meet: Meet) -> Callable[[Store], Any]:
    @asynccontextmanager
    async def telling(store: Store) -> AsyncIterator[UnitOfWork]:
        steps: list[str] = []
        async with begin(store) as work:
            yield work
            await work.flush()
            steps = _steps.pop(work, [])
            for step in steps:
                meet(f"{step} before commit")
        for step in steps:
            meet(f"{step} after commit")

    return telling
