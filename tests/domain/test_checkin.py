"""Check-ins: when a run closes."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.checkin import closes_at

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pytest.mark.parametrize(
    ("opened", "closes"),
    [
        ("2026-06-01T07:00", "2026-06-03T07:00"),  # Monday to Wednesday
        ("2026-06-05T07:00", "2026-06-09T07:00"),  # Friday to Tuesday
        ("2026-06-06T07:00", "2026-06-09T07:00"),  # Saturday too
        ("2026-03-27T08:00", "2026-03-31T07:00"),  # nine on the wall, before and after the change of the clocks
        ("2026-06-04T22:30", "2026-06-08T22:30"),  # half past midnight on Friday there
    ],
)
def test_a_run_closes_two_working_days_later_at_the_same_time_on_the_wall(opened: str, closes: str) -> None:
    assert closes_at(instant(opened), AMSTERDAM) == instant(closes)


def test_a_run_may_stay_open_longer() -> None:
    assert closes_at(instant("2026-06-01T07:00"), AMSTERDAM, working_days=5) == instant("2026-06-08T07:00")


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
