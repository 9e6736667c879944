"""Members of a community: who is new, and who comes back."""

from datetime import datetime, timedelta
from enum import StrEnum

LANGUAGES = ("nl", "en")  # every text exists in both (expectations 68)
BACK_WITHIN = timedelta(days=90)  # expectations 7


class Welcome(StrEnum):
    """Which welcome suits somebody who joins."""

    NEW = "new"
    BACK = "back"


def welcome_kind(previous_left_at: datetime | None, now: datetime) -> Welcome:
    """The welcome for somebody who joins now, and who left before at that instant, or never was here (None).

    Back in less than 90 days is "welcome back" instead of the welcome journey (R90, expectations 7).
    """
    returns = previous_left_at is not None and now - previous_left_at < BACK_WITHIN
    return Welcome.BACK if returns else Welcome.NEW
