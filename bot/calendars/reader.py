"""Reading a calendar in a process of its own: the only thing that can be stopped when a rule of it never ends."""

import json
import subprocess
import sys
from datetime import date

from bot.domain.free_calendar import Trouble, Understood
from bot.domain.free_days import Period

READ_SECONDS = 8.0  # chosen: eighty times an ordinary calendar, and less than the ten seconds in which Kring stops


def read(
    data: bytes, start_on: date, until_on: date, zone: str, *, within: float = READ_SECONDS
) -> Understood | Trouble:
    """Read which days are free in a window; blocks, so call it in a thread."""
    command = [sys.executable, "-P", "-m", "bot.calendars.ics", start_on.isoformat(), until_on.isoformat(), zone]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=within, check=False)  # noqa: S603 - our own module, and arguments that we wrote
    except subprocess.TimeoutExpired:
        return Trouble.TOO_MUCH
    return Trouble.NO_CALENDAR if done.returncode else _unpack(done.stdout)


def _unpack(written: bytes) -> Understood | Trouble:
    told = json.loads(written)
    if "trouble" in told:
        return Trouble(told["trouble"])
    periods = (
        Period(name, date.fromisoformat(first), date.fromisoformat(last)) for name, first, last in told["periods"]
    )
    return Understood(told["name"], tuple(periods), told["left_out"])
