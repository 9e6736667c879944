"""One scenario, played with real processes: replicas, a platform, a database, and bad luck."""

import asyncio
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp

from bot.chat import events
from bot.chat.events import Commanded, Event, Place, User
from bot.domain.rhythm import Slot
from bot.errors import StoreError
from storage import communities, occurrences, rhythms, schema
from storage.communities import Community
from storage.db import Store
from storage.people import key_of
from storage.rhythms import Rhythm
from storage.sealed import Vault
from tests.faults import drum, verdict
from tests.faults.cluster import Cluster
from tests.faults.hours import BEHIND, Hours
from tests.faults.loopback.messenger import PLATFORM
from tests.faults.loopback.process import Loopback, loopback
from tests.faults.oracle import DRUMS, LATER, MOVED, SKIPPED, WINDOWS, Beat, Drum, Window, beats
from tests.faults.replica import ENGINE, SECRET, Spec
from tests.faults.scenario import Knows, Outcome, Scenario
from tests.faults.waiting import until
from tests.faults.ward import Death, Ward, ward

Happening = Callable[[], Coroutine[None, None, None]]
LOOK = 0.05  # seconds between two looks at the platform
DAYS_A_SECOND = 8.0
AFTER = timedelta(days=2)
FAILURES = ("part.failed", "clock.failed", "clock.plan.failed", "clock.timer.failed", "delivery.broken",
            "delivery.failed", "inbox.failed", "inbox.failed.twice", "clock.unheard")  # fmt: skip
"""Log events that say that something of ours fell over, which nothing in these scenarios should bring about."""
ORPHAN = "exception was never retrieved"
AWAY = '"error": "StoreError"'  # a part that ends when the store goes away is begun again


class Season:
    """A scenario that is under way."""

    def __init__(self, scenario: Scenario, folder: Path, url: str, platform: Loopback, cluster: Cluster | None) -> None:
        self.scenario, self.folder, self.url, self.platform, self._cluster = scenario, folder, url, platform, cluster
        self.window: Window = WINDOWS[scenario.window]
        self.hours = Hours(folder, scenario.replicas, self.window.start, timedelta(hours=scenario.ahead))
        self.expected: dict[int, list[Beat]] = {}
        self.seen: Counter[str] = Counter()
        self.ward: Ward
        self._dice = random.Random(scenario.seed)  # noqa: S311 - dice, not a secret
        self._waiting: dict[str, datetime] = {}
        self._gestures: list[asyncio.Task[None]] = []
        self._people = 0

    def specify(self, number: int, death: Death | None) -> Spec:
        """Say what a replica is to be."""
        one = self.scenario
        return Spec(
            number, str(self.folder), self.url, self.platform.address, one.knows is Knows.ANSWERS, one.pace, death
        )

    async def furnish(self) -> None:
        """Make the store, a community, and the drums."""
        store = Store(self.url, Vault(SECRET))
        await schema.migrate(store)
        await schema.check_key(store)
        async with store.begin() as work:
            place = await communities.add(work, Community(
                platform=PLATFORM, workspace=PLATFORM, conversation=drum.EVERYONE, name="Plaza", language="nl",
                timezone="Europe/Amsterdam", created_at=self.window.start, set_up_at=self.window.start,
            ))  # fmt: skip
        for one in DRUMS:
            await self._hang(store, one, key_of(place))
        await store.close()

    async def _hang(self, store: Store, one: Drum, community: int) -> None:
        row = Rhythm(community_id=community, kind=drum.KIND, rrule=one.rrule, timezone=one.zone,
                     start_local=f"{self.window.start.date()}T{one.at}:00", grace_seconds=90 * 86400)  # fmt: skip
        async with store.begin() as work:
            await rhythms.add(work, row)
            await rhythms.resume(work, row, now=self.window.start)
            # Longer than the window: where clocks differ, one of them is further than its end.
            found = list(beats(one, Window(self.window.start, self.window.end + AFTER)))
            if one == SKIPPED:
                first = found.pop(0)
                assert await occurrences.call_off(work, key_of(row), Slot(first.local, first.at))
            if one == MOVED:
                first = found.pop(0)
                wall, at = datetime.fromisoformat(first.local) + LATER, first.at + LATER
                assert await occurrences.move(work, key_of(row), Slot(first.local, first.at), wall, at)
                found.insert(0, Beat(first.local, at))
            self.expected[key_of(row)] = found

    async def play(self) -> None:
        """Let the window pass, with everything that happens in it."""
        chances = self._chances()
        span = self.window.end - self.window.start
        while self.hours.now < self.window.end:
            await self._look()
            # A few beats at a time while someone is still to die, so that there are beats enough for everyone.
            behind = BEHIND / 4 if self.ward.condemned() else BEHIND
            self.hours.run(timedelta(days=DAYS_A_SECOND * LOOK), self._oldest(self.hours.now), behind, self.window.end)
            if not self._waiting and any(name.startswith(("inbox", "answer")) for name in self.ward.about_to_die()):
                await self._ask()
            while chances and self.hours.now >= self.window.start + chances[0][0] * span:
                await chances.pop(0)[1]()
            await asyncio.sleep(LOOK)
        for _, late in chances:
            await late()
        await until(self._nothing_waits)

    def _chances(self) -> list[tuple[float, Happening]]:
        """Spread over the window what happens to everyone."""
        one = self.scenario
        happens: list[Happening] = [self._kill] * one.random_kills + [self._cut] * one.cuts
        self._dice.shuffle(happens)
        happens += [self._stepping(hours) for hours in one.steps]  # in their own order
        # Not at the very end: a step forward must not lead out of the window.
        spread = [(0.85 * (number + self._dice.random()) / len(happens), what) for number, what in enumerate(happens)]
        asked = [(self._dice.random(), self._ask)] * one.people
        return sorted([*spread, *asked], key=lambda chance: chance[0])

    async def _look(self) -> None:
        if self.ward.failed:
            raise AssertionError([*self.ward.failed, *self.fell_over()])
        await self.platform.look()
        self.seen = Counter(post["text"] for post in self.platform.posts)
        for post in self.platform.posts:
            self._waiting.pop(post["conversation"], None)

    async def _nothing_waits(self) -> bool:
        await self._look()
        return self._oldest(self.hours.latest) is None

    def _oldest(self, until: datetime) -> datetime | None:
        """Say since when something waits: a beat, or a person."""
        missing = verdict.missing(self.expected, self.seen, until)
        return min((*(beat.at for beat, _ in missing), *self._waiting.values()), default=None)

    async def _kill(self) -> None:
        await until(self._someone_is_alive)
        self.ward.kill(self._dice.choice(sorted(self.ward.alive)))

    async def _someone_is_alive(self) -> bool:
        return bool(self.ward.alive)

    async def _cut(self) -> None:
        """Cut the database off, and start it again once a replica has found that it is gone."""
        assert self._cluster is not None
        told = len(self._diaries())
        self.ward.refused_is_well = True  # who is born without a database refuses to start
        await asyncio.to_thread(self._cluster.cut)
        await until(lambda: asyncio.sleep(0, len(self._diaries()) > told))
        await asyncio.to_thread(self._cluster.start)

    async def _everyone_is_answered(self) -> bool:
        await self._look()
        return not self._waiting

    def _stepping(self, hours: float) -> Happening:
        async def step() -> None:
            await until(self._everyone_is_answered)  # an answer that is a day late is given up, as it should be
            self.hours.step(timedelta(hours=hours))

        return step

    async def _ask(self) -> None:
        """Have someone ask something, and do not wait for the answer."""
        who = User(f"u{self._people}", "Lotte")
        self._people += 1
        self._waiting[f"dm:{who.id}"] = self.hours.now
        self._gestures.append(asyncio.create_task(self._tell(who)))

    async def _tell(self, who: User) -> None:
        """Say something to Kring as a platform does: again and again until one of the replicas acknowledges it."""
        place = Place(f"dm:{who.id}", direct=True)
        event = Event(f"season:{who.id}", PLATFORM, PLATFORM, who, place, Commanded("help"))
        await until(lambda: self._acknowledged(event))

    async def _acknowledged(self, event: Event) -> bool:
        replica = self._dice.randrange(self.scenario.replicas)
        socket = str(self.specify(replica, None).socket)
        try:
            async with (
                aiohttp.ClientSession(connector=aiohttp.UnixConnector(socket)) as session,
                session.post("http://replica/events", data=events.pack(event)) as answer,
            ):
                return answer.ok
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def settled(self) -> None:
        """Wait until the store has nothing open any more and everyone who was to be killed was."""
        self.hours.meet()

        async def nothing_is_open() -> bool:
            await self._look()
            return not await self.still()

        await until(nothing_is_open)

    async def still(self) -> list[str]:
        """List what is open: in the store, and of what was to happen."""
        store = Store(self.url, Vault(SECRET))
        found = [*await _open_in(store), *(f"nobody met {name}" for name in self.ward.condemned())]
        await store.close()
        return found

    def outcome(self, seconds: float) -> Outcome:
        """Judge."""
        latest = {post["text"]: self.hours.latest_at(post["at"]) for post in self.platform.posts}
        due = {
            number: [beat for beat in found if beat.at <= self.hours.latest] for number, found in self.expected.items()
        }
        found = verdict.judge(due, self._people, self.platform.posts, latest)
        found.wrong += self.fell_over()
        if not self.scenario.knows.enough:
            found.wrong += verdict.too_often(self.platform.posts, len(self.ward.kills))
        found_engine = self.folder / "0" / ENGINE
        engine = found_engine.read_text() if found_engine.exists() else "none"
        return Outcome(self.scenario, found, self.ward.kills, self.platform.counts, engine, seconds)

    def fell_over(self) -> list[str]:
        """List what in the diaries of the replicas tells of a fault of ours."""
        lines = [line for line in self._diaries() if AWAY not in line]
        return [line for line in lines if ORPHAN in line or any(f'"{name}"' in line for name in FAILURES)]

    def _diaries(self) -> list[str]:
        return [line for diary in self.folder.glob("*.log") for line in diary.read_text().splitlines()]


async def _open_in(store: Store) -> list[str]:
    try:
        return await verdict.unsettled(store)
    except StoreError as error:
        return [str(error)]


async def play(scenario: Scenario, cluster: Cluster | None = None) -> Outcome:
    """Play a scenario from its start to where nothing is open any more."""
    began = time.monotonic()
    async with begun(scenario, cluster) as season:
        try:
            async with asyncio.timeout(scenario.patience):
                await season.play()
                await season.settled()
        except TimeoutError:
            season.ward.failed += ["it did not come to an end", *await season.still()]
        await season.ward.stop()
        await season.platform.look()
        outcome = season.outcome(time.monotonic() - began)
        outcome.verdict.wrong += season.ward.failed
        return outcome


@asynccontextmanager
async def begun(scenario: Scenario, cluster: Cluster | None = None, *, empty: bool = False) -> AsyncIterator[Season]:
    """Furnish a store, or leave it `empty`, and let the platform and the replicas begin; all of it ends with us."""
    folder = Path(tempfile.mkdtemp(prefix="kring-"))  # short enough for the name of a socket
    url = cluster.create() if cluster else f"sqlite:///{folder / 'kring.db'}"
    async with AsyncExitStack() as stack:
        stack.callback(shutil.rmtree, folder)
        platform = await stack.enter_async_context(loopback())
        await platform.behave(
            recognises=scenario.knows is Knows.KEYS, answers=scenario.knows is Knows.ANSWERS,
            rates=scenario.rates, latency=scenario.latency,
            seed=scenario.seed, pace=scenario.pace,
        )  # fmt: skip
        season = Season(scenario, folder, url, platform, cluster)
        if not empty:
            await season.furnish()
        season.ward = await stack.enter_async_context(ward(season.specify))
        season.ward.deaths = list(scenario.deaths)
        for number in range(scenario.replicas):
            season.ward.bear(number)
        yield season
