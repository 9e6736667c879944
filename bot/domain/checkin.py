"""Check-ins: one question to everybody at a fixed rhythm, with a choice or a line for an answer (R3, R28)."""

from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.calendar import add_working_days, at_local, local_date

MAX_ANSWER = 2000  # characters; chosen, well under the 3000 of an input in Slack
OPEN_WORKING_DAYS = 2  # chosen: 48 hours of a working week, so that a Friday's check-in is open on Monday
MOST_RHYTHMS = 10  # chosen: what more asks for attention is no rhythm any more (expectations, noise budget)


class RunState(StrEnum):
    """One time that a check-in was held."""

    OPEN = "open"
    CLOSED = "closed"


def closes_at(opened_at: datetime, zone: ZoneInfo, working_days: int = OPEN_WORKING_DAYS) -> datetime:
    """When a run closes (aware, UTC): on the n-th working day after it opened, at the same time on the wall."""
    opened = opened_at.astimezone(zone)
    return at_local(add_working_days(local_date(opened_at, zone), working_days), opened.time(), zone)
