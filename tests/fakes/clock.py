"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

START = datetime(2026, 11, 2, 9, 0, tzinfo=ZoneInfo("Europe/Amsterdam"))  # a Monday morning


class StandingClock:
    """Tells the time it was set to."""

    def __init__(self, at: datetime = START) -> None:
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        return self._at

    def move(self, to: datetime) -> None:
        self._at = max(self._at, to.astimezone(UTC))

    def wait(self, how_long: timedelta) -> None:
        self._at += how_long


def moment(text: str) -> datetime:
    """Read "2026-03-29 09:00 Europe/Amsterdam"."""
    day, time, zone = text.split()
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=ZoneInfo(zone))
