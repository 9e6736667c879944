"""Energy: an answer to a pulse leads to nobody, not by a column, not by an order, not after the closing."""

import asyncio
from datetime import date, timedelta

import pytest

from storage import pulses, tables
from storage.db import Store
from storage.people import key_of
from storage.pulses import Pulse
from tests.storage.rows import NOW, look, look_one, some_members

TODAY = date(2026, 11, 2)
MANY = 40


async def a_pulse(store: Store) -> int:
    async with store.begin() as work:
        await pulses.add(work, pulse := Pulse(community_id=1, opened_at=NOW, closes_at=NOW + timedelta(days=5)))
        return key_of(pulse)


async def vote(store: Store, pulse: int, member: int, value: int) -> bool:
    async with store.begin() as work:
        taken = await pulses.voted(work, pulse, member)
        if taken:
            await pulses.score(work, pulse, value, on=TODAY)
        return taken


async def close(store: Store, pulse_id: int) -> None:
    async with store.begin() as work:
        pulse = await pulses.get(work, pulse_id)
        assert pulse
        await pulses.close(work, pulse, at=NOW)


async def test_a_member_has_one_turn(store: Store) -> None:
    first, second = await some_members(store, 2)
    pulse = await a_pulse(store)

    taken = [await vote(store, pulse, member, 4) for member in (first, first, second)]

    assert taken == [True, False, True]
    async with store.begin() as work:
        assert await pulses.has_voted(work, pulse, first)
        assert await pulses.scores(work, pulse) == [4, 4]


async def test_another_pulse_is_another_turn(store: Store) -> None:
    (member,) = await some_members(store, 1)
    one, other = await a_pulse(store), await a_pulse(store)

    taken = [await vote(store, pulse, member, value) for pulse, value in ((one, 2), (other, 5))]

    assert taken == [True, True]
    async with store.begin() as work:
        assert [await pulses.scores(work, pulse) for pulse in (one, other)] == [[2], [5]]


async def test_answers_come_back_lowest_first_whatever_the_order_they_came_in(store: Store) -> None:
    members = await some_members(store, 5)
    pulse = await a_pulse(store)

    for member, value in zip(members, (4, 1, 5, 3, 1), strict=True):
        await vote(store, pulse, member, value)

    async with store.begin() as work:
        assert await pulses.scores(work, pulse) == [1, 1, 3, 4, 5]


async def test_the_closing_forgets_who_answered_and_keeps_what(store: Store) -> None:
    members = await some_members(store, 3)
    pulse, other = await a_pulse(store), await a_pulse(store)
    for member in members:
        await vote(store, pulse, member, 3)
    await vote(store, other, members[0], 3)

    await close(store, pulse)

    assert await look(store, "select pulse_id from energy_pulse_voter") == [(other,)]
    async with store.begin() as work:
        assert await pulses.scores(work, pulse) == [3, 3, 3]
        assert [row.closed_at for row in await pulses.latest(work, 1)] == [None, NOW]


def test_no_column_ties_an_answer_to_its_author() -> None:
    scored, voted = (tables.metadata.tables[f"energy_pulse_{name}"].columns for name in ("score", "voter"))

    assert set(scored.keys()) == {"token", "pulse_id", "score", "on"}
    assert set(voted.keys()) == {"pulse_id", "member_id"}


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
async def test_sqlite_lays_voters_by_member_and_scores_by_token(store: Store) -> None:
    members, scored = await _many_votes(store)

    voters = [row[0] for row in await look(store, "select member_id from energy_pulse_voter")]
    tokens = [row[0] for row in await look(store, "select token from energy_pulse_score")]

    assert voters == sorted(members)
    assert tokens == sorted(tokens)
    assert [row[0] for row in await look(store, "select score from energy_pulse_score")] != scored


@pytest.mark.xdist_group("postgres")
async def test_postgresql_keeps_neither_the_order_nor_the_transaction_of_a_vote(postgres_store: Store) -> None:
    members, scored = await _many_votes(postgres_store)

    voters = [row[0] for row in await look(postgres_store, "select member_id from energy_pulse_voter order by ctid")]
    scores = [row[0] for row in await look(postgres_store, "select score from energy_pulse_score order by ctid")]

    assert sorted(voters) == sorted(members)
    assert voters not in (members, sorted(members))
    assert sorted(scores) == sorted(scored)
    assert scores != scored
    assert _pairs(voters, scores) != _pairs(members, scored)
    for table in ("voter", "score"):
        assert await look_one(postgres_store, f"select count(distinct xmin::text) from energy_pulse_{table}") == 1  # noqa: S608


async def _many_votes(store: Store) -> tuple[list[int], list[int]]:
    """Let many vote, the last member first; return who did and what they said, in that order."""
    members = (await some_members(store, MANY))[::-1]
    scored = [1 + number % 5 for number in range(MANY)]
    pulse = await a_pulse(store)
    for member, value in zip(members, scored, strict=True):
        await vote(store, pulse, member, value)
    return members, scored


def _pairs(members: list[int], scored: list[int]) -> set[tuple[int, int]]:
    return set(zip(members, scored, strict=True))


@pytest.mark.xdist_group("postgres")
async def test_votes_that_come_at_once_are_all_kept(postgres_store: Store) -> None:
    earlier, *members = await some_members(postgres_store, 8)
    pulse = await a_pulse(postgres_store)
    await vote(postgres_store, pulse, earlier, 3)

    taken = await asyncio.gather(*(vote(postgres_store, pulse, member, 3) for member in members))

    assert taken == [True] * 7
    async with postgres_store.begin() as work:
        assert await pulses.scores(work, pulse) == [3] * 8


@pytest.mark.xdist_group("postgres")
async def test_a_vote_that_is_overtaken_by_the_closing_leaves_nobodys_name_behind(postgres_store: Store) -> None:
    (member,) = await some_members(postgres_store, 1)
    pulse = await a_pulse(postgres_store)

    async with postgres_store.begin() as work:
        assert await pulses.get(work, pulse)
        await close(postgres_store, pulse)
        taken = await pulses.voted(work, pulse, member)

    assert not taken
    assert await look(postgres_store, "select member_id from energy_pulse_voter") == []


async def test_ones_own_journal_is_sealed_and_read_newest_first(store: Store) -> None:
    await some_members(store, 2)
    async with store.begin() as work:
        for number, value in enumerate((4, 2, 5)):
            await pulses.log(work, 1, value, "een lange dag", at=NOW + timedelta(days=number))

    async with store.begin() as work:
        mine, others = await pulses.journal(work, 1, limit=2), await pulses.journal(work, 2)

    assert mine == [(NOW + timedelta(days=2), 5), (NOW + timedelta(days=1), 2)]
    assert others == []
    assert all(b"lange dag" not in row[0] for row in await look(store, "select sealed from energy_note"))
