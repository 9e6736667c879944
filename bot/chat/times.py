"""When something recurs, in words: "elke dinsdag om 09:00"."""

from datetime import datetime

from bot.chat.cards import Plain
from bot.chat.prompts import Voice
from bot.domain.pattern import describe


def rule(voice: Voice, rrule: str, start_local: str) -> Plain:
    """Say an RRULE with the time of day of its start (a local wall time, ISO 8601)."""
    return voice("rhythm/rule", pattern=describe(rrule), start=datetime.fromisoformat(start_local)).title


def moment(voice: Voice, local: str) -> str:
    """Say a local slot by the wall clock it was asked for, whatever zone the reader lives in."""
    at = datetime.fromisoformat(local)
    return f"{voice.day(at)}, {voice.time(at)}"
