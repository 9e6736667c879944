"""Members: who is new, and who comes back."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.people import LANGUAGES, Welcome, welcome_kind

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


def test_who_never_was_here_is_new() -> None:
    assert welcome_kind(None, NOW) is Welcome.NEW


@pytest.mark.parametrize(
    ("away", "kind"),
    [
        (timedelta(0), Welcome.BACK),
        (timedelta(days=89, hours=23), Welcome.BACK),
        (timedelta(days=90), Welcome.NEW),
        (timedelta(days=400), Welcome.NEW),
    ],
)
def test_who_left_less_than_ninety_days_ago_is_welcomed_back(away: timedelta, kind: Welcome) -> None:
    assert welcome_kind(NOW - away, NOW) is kind


def test_kring_speaks_dutch_and_english() -> None:
    assert LANGUAGES == ("nl", "en")
