"""The time of a scenario: it runs as fast as it may, is stepped, and waits when too much is behind."""

import time
from datetime import datetime, timedelta
from pathlib import Path

from tests.faults.world import write

BEHIND = timedelta(hours=20)
"""Less than a day, even the day of 23 hours: nobody sleeps through two beats of a drum because this machine is slow."""


class Hours:
    """What the replicas' clocks show. Written to a file for each, so that one may be ahead of another."""

    def __init__(self, folder: Path, replicas: int, now: datetime, ahead: timedelta = timedelta()) -> None:
        self.now = self.latest = now
        self._files = [folder / f"{number}.clock" for number in range(replicas)]
        self._ahead = ahead
        self._shown: list[tuple[float, datetime]] = []
        self._show()

    def run(self, by: timedelta, oldest: datetime | None, behind: timedelta, end: datetime) -> None:
        """Let time go on, but not further than `behind` beyond the oldest post that has not come."""
        bound = min(end, oldest + behind) if oldest else end
        if bound > self.now:
            self.now = min(self.now + by, bound)
            self._show()

    def step(self, by: timedelta) -> None:
        """Set every clock forward or back, at once."""
        self.now += by
        self._show()

    def meet(self) -> None:
        """Let all clocks show what the one that is ahead shows: what is due for that one waits for no other then."""
        self.now += (len(self._files) - 1) * self._ahead
        self._ahead = timedelta()
        self._show()

    def _show(self) -> None:
        for number, file in enumerate(self._files):
            shown = self.now + number * self._ahead
            self.latest = max(self.latest, shown)
            self._shown.append((time.monotonic(), self.latest))
            write(file, shown.isoformat())

    def latest_at(self, instant: float) -> datetime:
        """Say the latest time that any clock had shown at an instant of the machine's steady clock."""
        return max((latest for at, latest in self._shown if at <= instant), default=self._shown[0][1])
