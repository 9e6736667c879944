"""A community of any size, all of whose members are asked something in private."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.chat.actions import Action
from bot.chat.cards import Card
from bot.chat.messages import Answers, Person, Post
from bot.chat.ports import Clock
from bot.config import Settings
from bot.context import Context, Origin
from bot.features.energy import views
from bot.kring import Kring
from storage import communities, people, pulses, schema, timers
from storage.communities import Community
from storage.db import Store, UnitOfWork, table_of
from storage.people import key_of
from storage.pulses import Pulse
from storage.sealed import Vault
from tests.bench.loopback import NAME, Loopback, SlackMessenger
from tests.conftest import SECRET
from tests.fakes.clock import START

WORKSPACE = "w"
MONDAY = "bench.monday"
NOBODY = "0 0"  # the last who was asked, and who has opened the pulse
_OPEN = timedelta(days=3)


@dataclass(slots=True)
class Circle:
    """Kring on a store with one community on the loopback platform; who opens it runs its parts."""

    kring: Kring
    community: int
    rounds: int = 0

    def card(self) -> Card:
        """What everyone is shown."""
        pulse = Pulse(id=1, community_id=self.community, opened_at=START, closes_at=START)
        return views.ask(self.kring.prompts.voice("nl"), "Toetsen", pulse)

    async def plan(self, people: int) -> None:
        """Make a delivery for each of so many people, in one transaction.

        Every time others: who has just heard something is left alone for a second.
        """
        self.rounds += 1
        kring, card = self.kring, self.card()
        names = [f"{user(number)}:{self.rounds}" for number in range(people)]
        posts = [Post(Person(name), card, f"bench:{name}") for name in names]
        origin = Origin("bench", NAME, WORKSPACE, None, self.community)
        async with kring.store.begin() as work:
            await kring.planner.outbox.put(work, origin, posts, kring.prompts.voice("nl"))

    async def asks(self, many: int) -> None:
        """Have so many people asked for their energy as soon as the clock is looked at.

        Every time others: whoever was asked something has less left of their budget for the week.
        """
        self.rounds += 1
        now = self.kring.clock.now()
        async with self.kring.store.begin() as work:
            await work.run(sa.update(table_of(people.Member)).values(left_at=now))
            await _join(work, self.community, [f"{user(number)}:{self.rounds}" for number in range(many)], now)
            await ask_all(work, self.community, now)


async def ask_all(work: UnitOfWork, community: int, now: datetime) -> None:
    """Open a pulse, whose members are asked slice by slice."""
    pulse = Pulse(community_id=community, opened_at=now, closes_at=now + _OPEN)
    await pulses.add(work, pulse)
    await timers.ring_now(work, "energy.ask", key_of(pulse), community_id=community, now=now, arg=NOBODY)


async def monday(context: Context, _: Action) -> Answers:
    """Do what a rhythm on Monday does: have everyone asked."""
    await ask_all(context.work, key_of(context.here), context.now)
    return []


async def furnish(url: str, many: int, at: datetime) -> None:
    """Make a store with a community of so many people; the first one leads it."""
    async with stored(url) as store:
        await schema.migrate(store)
        await schema.check_key(store)
        async with store.begin() as work:
            place = Community(
                platform=NAME, workspace=WORKSPACE, conversation="C1", name="Toetsen", language="nl",
                timezone="Europe/Amsterdam", created_at=at, set_up_at=at,
            )  # fmt: skip
            here = key_of(await communities.add(work, place))
            await _join(work, here, [user(number) for number in range(many)], at)


async def _join(work: UnitOfWork, here: int, users: Sequence[str], at: datetime) -> None:
    """Let so many people come, none of whom Kring knew; the first one leads."""
    person, member = table_of(people.Person), table_of(people.Member)
    persons = [{"platform": NAME, "workspace": WORKSPACE, "user_id": one, "name": one} for one in users]
    await work.run(sa.insert(person), persons)
    new = sa.select(person.c.id).where(person.c.user_id.in_(users)).order_by(person.c.id)
    members = [
        {"community_id": here, "person_id": number, "facilitator": place == 0, "joined_at": at}
        for place, number in enumerate((await work.run(new)).scalars())
    ]
    await work.run(sa.insert(member), members)


def user(number: int) -> str:
    """Name a member."""
    return f"U{number:05}"


@asynccontextmanager
async def stored(url: str) -> AsyncIterator[Store]:
    """Open a store, and close it."""
    store = Store(url, Vault(SECRET))
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def opened(url: str, messenger: SlackMessenger, clock: Clock) -> AsyncIterator[Circle]:
    """Open Kring on a store that was furnished."""
    async with stored(url) as store:
        kring = Kring(Settings(_env_file=None, database_url=url), store, clock)
        kring.add(Loopback(messenger, kring.dispatcher))
        kring.planner.router.routes.due(MONDAY)(monday)
        yield Circle(kring, 1)
