"""The energy pulse: the worked cases of the handbook, and what no picture may give away."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.energy import Band, Bands, Picture, Shift, Spread, TooFew, Uniform, disclose, reading


def shown(*scores: int, min_n: int = 5, members: int = 20) -> Picture:
    return disclose(scores, invited=12, members=members, min_n=min_n)


@pytest.mark.parametrize("scores", [(), (5,), (1, 2, 3, 4)])
def test_with_four_answers_or_fewer_nothing_is_shown_but_how_many(scores: tuple[int, ...]) -> None:
    assert shown(*scores) == TooFew(len(scores), offer_round=False)


@pytest.mark.parametrize(("members", "offer"), [(7, True), (8, False)])
def test_a_community_under_eight_is_offered_a_round_instead(members: int, *, offer: bool) -> None:
    assert shown(3, members=members) == TooFew(1, offer_round=offer)


def test_five_equal_answers_show_their_band_and_no_distribution() -> None:
    assert shown(4, 4, 4, 4, 4) == Uniform(Band.HIGH, 5, 12)


def test_fewer_than_eight_answers_in_one_band_show_only_the_band() -> None:
    assert shown(1, 2, 1, 2, 2, 1, 1) == Uniform(Band.LOW, 7, 12)


def test_eight_answers_in_one_band_show_their_spread() -> None:
    assert shown(1, 2, 1, 2, 2, 1, 1, 1) == Spread((5, 3, 0, 0, 0), Decimal("1.4"), 8, 12)


def test_any_number_of_equal_answers_shows_only_the_band() -> None:
    assert shown(*[3] * 30) == Uniform(Band.MID, 30, 12)


def test_fewer_than_eight_answers_are_merged_into_bands() -> None:
    assert shown(1, 2, 3, 4, 5, 5, 4) == Bands(low=2, mid=1, high=4, mean=Decimal("3.4"), n=7, invited=12)


def test_eight_answers_are_counted_by_score() -> None:
    assert shown(1, 2, 3, 4, 5, 5, 4, 4) == Spread((1, 1, 1, 3, 2), Decimal("3.5"), 8, 12)


def test_half_a_tenth_goes_up() -> None:
    picture = shown(3, 3, 3, 3, 3, 3, 3, 4, 4, 3, 3, 3, 3, 3, 3, 4, 4, 3, 3, 4)  # 65 / 20

    assert isinstance(picture, Spread)
    assert picture.mean == Decimal("3.3")


def test_a_community_can_raise_the_threshold() -> None:
    assert shown(1, 2, 3, 4, 5, 5, 5, min_n=8) == TooFew(7, offer_round=False)


@pytest.mark.parametrize("min_n", [4, 0, -1])
def test_a_community_cannot_lower_the_threshold(min_n: int) -> None:
    assert shown(1, 2, 3, 4, min_n=min_n) == TooFew(4, offer_round=False)


def test_what_is_no_score_is_no_answer() -> None:
    assert shown(0, 6, 1, 2, 3, 4) == TooFew(4, offer_round=False)


@settings(max_examples=100)
@given(scores=st.lists(st.integers(1, 5), max_size=12), min_n=st.integers(0, 12))
def test_a_picture_never_shows_more_than_its_number_of_answers_allows(scores: list[int], min_n: int) -> None:
    picture = disclose(scores, invited=12, members=20, min_n=min_n)

    assert isinstance(picture, TooFew) == (len(scores) < max(5, min_n))
    assert isinstance(picture, Spread) <= (len(scores) >= 8)
    if isinstance(picture, Bands | Spread):
        assert len(set(scores)) > 1
    if isinstance(picture, Bands):
        assert sorted([picture.low, picture.mid, picture.high])[1] > 0
    assert picture == disclose(sorted(scores), invited=12, members=20, min_n=min_n)


BASELINE = [3.8, 3.7, 3.9, 3.8]


@pytest.mark.parametrize(
    ("means", "expected"),
    [
        ([], Shift.TOO_LITTLE),
        (BASELINE, Shift.TOO_LITTLE),
        ([*BASELINE, 3.2], Shift.TOO_LITTLE),  # one pulse is never commented on
        ([*BASELINE, 3.2, 3.3], Shift.DOWN),
        ([*BASELINE, 3.3, 3.3], Shift.DOWN),  # half a point is enough, exactly
        ([*BASELINE, 3.2, 3.4], Shift.NONE),
        ([*BASELINE, 3.2, 4.3], Shift.NONE),
        ([*BASELINE, 4.3, 4.3], Shift.UP),
        ([*BASELINE, 4.2, 4.5], Shift.NONE),
        ([1.0] * 20 + [3.0] * 8 + [2.5, 2.5], Shift.DOWN),  # what came before the last eight has no say
        ([4.0] * 3 + [3.0] * 4 + [3.0, 3.0], Shift.NONE),
    ],
)
def test_two_pulses_in_a_row_half_a_point_from_the_baseline_are_a_shift(means: list[float], expected: Shift) -> None:
    assert reading(means) is expected
    assert reading([Decimal(str(mean)) for mean in means]) is expected
