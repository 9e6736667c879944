"""What the views are looked at with: ordinary values, and the worst that a member can type."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.domain.checkin import MAX_ANSWER
from bot.domain.energy import Band, Bands, Picture, Spread, TooFew, Uniform
from bot.domain.free_calendar import NAME_MAX as PERIOD_MAX
from bot.domain.reflection import Step
from bot.domain.rhythm import Slot
from bot.features.checkin import views as checkin
from bot.features.reflection import views as reflection
from bot.features.rhythm import views as rhythm
from bot.features.setup import views as setup
from storage.checkins import CheckIn, Run
from storage.coming import Coming
from storage.communities import Community
from storage.occurrences import Occurrence, Reason
from storage.people import Member, Person
from storage.pulses import Pulse
from storage.reflections import Reflection
from storage.rhythms import Rhythm, RhythmState

ROW = 2**31 - 1  # as long as an id gets
NAME_MAX = 80  # of a person, on the platforms
AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
SLOT = Slot("2026-11-24T09:00", AT)
COMING = Coming(SLOT, AT, SLOT.local)
NASTY = "**a** _b_ `c` [d](https://e.nl) <!channel> <@U1> {{ x }} {% y %} \\ & # > - 1. ~ | "
MANY = 60


@dataclass(frozen=True, slots=True)
class Given:
    """What members typed, and how they are called."""

    name: str
    question: str
    option: str
    answer: str
    reflected: str
    community: str
    domain: str
    word: str

    def names(self, count: int) -> list[str]:
        """So many people."""
        return [self.name] * count

    def options(self, count: int = checkin.OPTIONS_MOST) -> list[str]:
        """Answers to choose from."""
        return [f"{number}{self.option}"[: checkin.OPTION_MAX] for number in range(count)]

    def check_in(self, *, options: int = 0) -> CheckIn:
        """Ask this question."""
        choices = re.sub(r"[\"\\]", "-", str(self.options(options))).replace("'", '"')
        return CheckIn(id=ROW, community_id=ROW, question=self.question, options=choices, created_at=AT)

    def person(self) -> Person:
        """Someone of this name."""
        return Person(id=ROW, platform="room", workspace="room", user_id="noor", name=self.name)

    def here(self) -> Community:
        """The community."""
        return Community(
            id=ROW,
            platform="room",
            workspace="room",
            conversation="toetsen",
            name=self.community,
            domain=self.domain,
            language="nl",
            timezone="America/Argentina/ComodRivadavia",
            created_at=AT,
        )


def worst(length: int) -> str:
    """So many characters, all of them trouble."""
    return (NASTY * length)[:length].strip().ljust(length, "*")


ORDINARY = Given(
    name="Noor Jansen",
    question="Wat probeerde je sinds vorige keer?",
    option=" veel ruimte",
    answer="Peerfeedback met een rubric.\n\nRommelig, maar leuk.",
    reflected="Een student bleef stil.",
    community="Leerkring Eigentijds toetsen",
    domain="Hoe we zo toetsen dat studenten er meer van leren.",
    word="chekin",
)
WORST = Given(
    name=worst(NAME_MAX),
    question=worst(checkin.QUESTION_MAX),
    option=worst(checkin.OPTION_MAX),
    answer=worst(MAX_ANSWER),
    reflected=worst(reflection.ANSWER_MAX),
    community=worst(setup.NAME_MAX),
    domain=worst(setup.DOMAIN_MAX),
    word=worst(40),
)


def a_rhythm(state: RhythmState = RhythmState.ACTIVE, rrule: str = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,SU") -> Rhythm:
    return Rhythm(
        id=ROW,
        community_id=ROW,
        kind="checkin",
        rrule=rrule,
        start_local="2026-11-24T09:00:00",
        timezone="Europe/Amsterdam",
        grace_seconds=86_400,
        state=state,
        next_local=SLOT.local,
        next_at=AT,
    )


def a_run() -> Run:
    return Run(id=ROW, check_in_id=ROW, local_slot=SLOT.local, opened_at=AT, closes_at=AT + timedelta(days=2))


def a_member() -> Member:
    return Member(id=ROW, community_id=ROW, person_id=ROW, joined_at=AT)


def a_pulse() -> Pulse:
    return Pulse(id=ROW, community_id=ROW, opened_at=AT, closes_at=AT + timedelta(days=7), invited=1000, min_n=5)


def a_reflection() -> Reflection:
    return Reflection(id=ROW, cycle_id=ROW, member_id=ROW)


def pictures() -> list[Picture]:
    return [
        TooFew(4, offer_round=True),
        TooFew(4, offer_round=False),
        *(Uniform(band, 5, 8) for band in Band),
        Bands(1, 2, 4, Decimal("3.6"), 7, 12),
        Spread((100, 200, 300, 400, 500), Decimal("3.7"), 1500, 2000),
    ]


EXCEPTIONS = (
    COMING,
    Coming(SLOT, AT, SLOT.local, Reason.CALLED_OFF),
    Coming(SLOT, AT, SLOT.local, Reason.PAUSED),
    Coming(SLOT, AT, SLOT.local, Reason.FREE, "Tweede kerstdag"),
    Coming(SLOT, AT + timedelta(days=1), "2026-11-25T14:00"),
)


def a_free_day() -> Occurrence:
    return Occurrence(rhythm_id=ROW, local_slot=SLOT.local, due_at=AT, reason=Reason.FREE, free_day=worst(PERIOD_MAX))


def shown(given: Given, found: Rhythm | None = None) -> rhythm.Shown:
    return rhythm.Shown(given.question, found or a_rhythm(), EXCEPTIONS)


def planned(given: Given, count: int) -> list[tuple[CheckIn, Rhythm, Coming | None]]:
    return [(given.check_in(), a_rhythm(), COMING if number % 2 == 0 else None) for number in range(count)]


def answers(given: Given) -> dict[int, str]:
    return dict.fromkeys(Step, given.reflected)
