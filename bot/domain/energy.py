"""The energy pulse: what may be shown of the answers, and when a trend is a shift (handbook, energy pulse; R68, R77).

All of this is for a pulse that has closed: of an open one nothing is ever counted for anybody (5.2.1).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from statistics import median

SCORES = range(1, 6)  # 1 drains me, 5 gives a lot (5.1)
MIN_N = 5  # with fewer answers nothing is shown (5.2.1); a community may only raise it
WIDE_N = 8  # from here on a count per score, below it only per band (5.2.3, 5.2.5)
SMALL_COMMUNITY = 8  # with fewer members, offer a visible round in the meeting instead (5.2.2)
PULSE_OPEN_WORKING_DAYS = 5  # 5.2.1

BASELINE = 8  # at most so many pulses make the baseline (5.3)
LEAST_BASELINE = 4  # and at least so many (5.3)
JUDGED = 2  # one pulse is never commented on (5.3)
STEP = Decimal("0.5")  # how far from the baseline is a shift (5.3)


class Band(StrEnum):
    """Scores 1 and 2, score 3, scores 4 and 5 (5.2.5)."""

    LOW = "low"
    MID = "mid"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class TooFew:
    """Too few answers to show anything but how many (5.2.2). `offer_round`: a round in the meeting suits better."""

    n: int
    offer_round: bool


@dataclass(frozen=True, slots=True)
class Uniform:
    """All answered about the same: only the band is told, no distribution and no mean (5.2.3)."""

    band: Band
    n: int
    invited: int


@dataclass(frozen=True, slots=True)
class Bands:
    """Up to 7 answers: how many low, in the middle and high, and the mean to one decimal (5.2.5)."""

    low: int
    mid: int
    high: int
    mean: Decimal
    n: int
    invited: int


@dataclass(frozen=True, slots=True)
class Spread:
    """8 answers or more: how many gave each score, 1 to 5 in that order, and the mean to one decimal (5.2.5)."""

    counts: tuple[int, int, int, int, int]
    mean: Decimal
    n: int
    invited: int


Picture = TooFew | Uniform | Bands | Spread


def disclose(scores: Sequence[int], *, invited: int, members: int, min_n: int = MIN_N) -> Picture:
    """What may be shown of a closed pulse, to everybody alike.

    `scores` are the answers; what is not 1 to 5 is no answer. `invited` is how many were asked, `members` how many the
    community has. `min_n` below 5 counts as 5.
    """
    answers = [score for score in scores if score in SCORES]
    n = len(answers)
    if n < max(MIN_N, min_n):
        return TooFew(n, offer_round=members < SMALL_COMMUNITY)
    bands = [band_of(score) for score in answers]
    if len(set(answers)) == 1 or (n < WIDE_N and len(set(bands)) == 1):
        return Uniform(bands[0], n, invited)
    mean = _one_decimal(Decimal(sum(answers)) / n)
    if n < WIDE_N:
        low, mid, high = (bands.count(band) for band in Band)
        return Bands(low, mid, high, mean, n, invited)
    one, two, three, four, five = (answers.count(score) for score in SCORES)
    return Spread((one, two, three, four, five), mean, n, invited)


def band_of(score: int) -> Band:
    """The band of a score (5.2.5)."""
    middle = 3
    if score == middle:
        return Band.MID
    return Band.LOW if score < middle else Band.HIGH


def _one_decimal(number: Decimal) -> Decimal:
    """Half goes up, as people round: 3.25 is 3.3."""
    return number.quantize(Decimal("0.1"), ROUND_HALF_UP)


class Shift(StrEnum):
    """How the last two pulses compare with those before."""

    NONE = "none"
    DOWN = "shift_down"
    UP = "shift_up"
    TOO_LITTLE = "too_little"


def reading(means: Sequence[Decimal | float]) -> Shift:
    """Read the trend of the means of closed pulses with enough answers, oldest first (5.3).

    The last two are judged against the median of up to eight before them, of which there must be four; they are no
    part of it themselves. The handbook's case decides that: after 3.8, 3.7, 3.9 and 3.8, the means 3.2 and 3.3 are a
    shift down, which they would not be with a median of all six (3.75). Whoever asks leaves out the pulses that do not
    count: those before a stage was confirmed, and those in a holiday (worked cases, Trend).
    """
    exact = [Decimal(str(mean)) for mean in means]
    before, judged = exact[:-JUDGED][-BASELINE:], exact[-JUDGED:]
    if len(before) < LEAST_BASELINE:
        return Shift.TOO_LITTLE
    baseline = median(before)
    if max(judged) <= baseline - STEP:
        return Shift.DOWN
    return Shift.UP if min(judged) >= baseline + STEP else Shift.NONE
