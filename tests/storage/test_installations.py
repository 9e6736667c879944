"""Installations: one row a workspace, sealed, replaced and erased; and accounts that are switched off and on."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.installation import Installation
from storage import communities, installations, people
from storage.communities import Community
from storage.db import Store
from storage.people import key_of

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
FIRST = Installation("T1", "UKRING", "xoxb-first", ("chat:write", "commands"))


async def kept(store: Store, *given: tuple[Installation, datetime]) -> None:
    async with store.begin() as work:
        for installation, at in given:
            await installations.keep(work, "slack", installation, at=at)


async def found(store: Store, workspace: str) -> Installation | None:
    async with store.begin() as work:
        return await installations.find(work, "slack", workspace)


async def test_an_installation_is_found_as_it_was_kept(store: Store) -> None:
    await kept(store, (FIRST, AT))

    assert await found(store, "T1") == FIRST
    assert await found(store, "T2") is None


async def test_every_workspace_of_an_organisation_has_the_key_of_the_organisation(store: Store) -> None:
    whole = Installation("E1", "UKRING", "xoxb-whole")
    await kept(store, (FIRST, AT), (whole, AT))

    assert await found(store, "E1/T1") == whole
    assert await found(store, "T1") == FIRST


async def test_a_second_installation_takes_the_place_of_the_first(store: Store) -> None:
    second = Installation("T1", "UKRING", "xoxb-second")
    await kept(store, (FIRST, AT), (second, LATER))

    async with store.begin() as work:
        rows = (await work.connection.exec_driver_sql("select token from installation")).scalars().all()

    assert await found(store, "T1") == second
    assert len(rows) == 1
    assert b"xoxb" not in bytes(rows[0])


@pytest.mark.parametrize(("given_before", "left"), [(AT, None), (AT - timedelta(seconds=1), FIRST)])
async def test_a_key_is_erased_unless_it_was_given_later(
    store: Store, given_before: datetime, left: Installation | None
) -> None:
    await kept(store, (FIRST, AT))

    async with store.begin() as work:
        await installations.erase(work, "slack", "T1", given_before=given_before)

    assert await found(store, "T1") == left


def test_a_key_is_not_in_what_an_installation_says_of_itself() -> None:
    assert "xoxb" not in repr(FIRST)


def a_community(workspace: str) -> Community:
    return Community(
        platform="slack",
        workspace=workspace,
        conversation="C1",
        name=workspace,
        language="nl",
        timezone="Europe/Amsterdam",
        created_at=AT,
    )


@pytest.mark.parametrize(("left", "silent"), [("T1", {"T1"}), ("E1/T1", {"E1/T1", "E1/T2"}), ("E", set[str]())])
async def test_a_workspace_that_kring_left_is_silent_and_no_other(store: Store, left: str, silent: set[str]) -> None:
    async with store.begin() as work:
        made = [await communities.add(work, a_community(name)) for name in ("T1", "T10", "E1/T1", "E1/T2", "E10/T1")]
    async with store.begin() as work:
        await communities.leave(work, "slack", left, at=LATER)

    async with store.begin() as work:
        now = [await communities.get(work, key_of(one)) for one in made]
        assert {one.workspace for one in now if one and one.left_at} == silent


async def test_memberships_end_with_an_account_and_only_those_come_back_with_it(store: Store) -> None:
    async with store.begin() as work:
        one = await people.known(work, platform="slack", workspace="T1", user_id="U1", name="Lotte")
        here, there = [key_of(await communities.add(work, a_community(name))) for name in ("T1", "T2")]
        await people.join(work, here, key_of(one), at=AT)
        gone = await people.join(work, there, key_of(one), at=AT)
        gone.left_at = AT
        work.session.add(gone)
        await people.switch_off(work, one, at=LATER)
    async with store.begin() as work:
        person = await people.find(work, platform="slack", workspace="T1", user_id="U1")
        assert person
        assert await people.present(work, here) == []
        await people.switch_on(work, person)

    async with store.begin() as work:
        assert [found.user_id for _, found in await people.present(work, here)] == ["U1"]
        assert await people.present(work, there) == []
