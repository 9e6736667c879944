"""A pretend Kring behind the room: it keeps what came in and answers in a fixed way, at once."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.chat.actions import Action
from bot.chat.cards import Button, Buttons, Card, Choice, Divider, Facts, Form, Image, Input, Markup, Plain, Text
from bot.chat.events import Commanded, Event, Invited, Joined, Said, Submitted, Tapped
from bot.chat.messages import Channel, Person, Whisper
from bot.chat.ports import Handle, Receipt, Target, Under
from bot.errors import StoreError
from bot.platforms.room.messenger import RoomMessenger
from bot.platforms.room.state import RoomState

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

EVERYTHING = Card(
    summary=Plain("Everything a card can hold"),
    title=Plain("Everything"),
    nodes=(
        Text(Markup("A **strong** and _soft_ word, `code`, [a link](https://a.nl).\n\n- one\n- two\n\n> quoted")),
        Text(Markup("May be skipped"), muted=True),
        Facts(((Plain("When"), Plain("Monday")), (Plain("Where"), Plain("#toetsen")))),
        Divider(),
        Image("https://example.org/a.png", Plain("A circle of chairs")),
        Buttons((
            Button(Plain("Answer"), Action("checkin.answer", 3), primary=True),
            Button(Plain("Skip"), Action("checkin.skip", 3)),
        )),
        Choice(Plain("Which day?"), (Button(Plain("Monday"), Action("rhythm.day", 1, "mo")),)),
    ),
)  # fmt: skip

ANSWER = Form(
    title=Plain("Je antwoord"),
    intro=Markup("Iedereen in het kanaal leest het."),
    inputs=(
        Input("answer", Plain("Wat leerde je?"), kind="text", hint=Plain("Een paar regels is genoeg.")),
        Input("mood", Plain("Hoe ging het?"), kind="choice", options=(("good", Plain("Goed")), ("so", Plain("Matig")))),
        Input("on", Plain("Wanneer?"), kind="date", required=False),
    ),
    submit=Plain("Verstuur"),
    action=Action("checkin.save", 3),
)


class MovedClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    async def next_due(self) -> datetime | None:
        return self.at + timedelta(days=2, hours=1)

    async def advance(self, to: datetime) -> None:
        self.at = to


def card(text: str, *buttons: Button, title: str | None = None) -> Card:
    """A small card."""
    rows = (Buttons(buttons),) if buttons else ()
    return Card(Plain(text), (Text(Markup(text)), *rows), Plain(title) if title else None)


@dataclass
class PretendKring:
    """Takes events until it is told to be `down`; `heard` is what it took, `tried` how often it was asked."""

    state: RoomState
    clock: MovedClock = field(default_factory=MovedClock)
    heard: list[Event] = field(default_factory=list)
    tried: int = 0
    down: bool = False

    def __post_init__(self) -> None:
        self.messenger = RoomMessenger(self.state, self.clock)

    async def receive(self, event: Event, *, wait: float = 0.0) -> Receipt:
        self.tried += 1
        if self.down:
            raise StoreError
        if event in self.heard:
            return Receipt(new=False)
        self.heard.append(event)
        if wait and isinstance(event.body, Submitted) and not event.body.values.get("answer", "x"):
            return Receipt(fields={"answer": "Vul hier iets in."})
        await self._respond(event)
        return Receipt()

    async def _respond(self, event: Event) -> None:
        match event.body:
            case Submitted(values=values) if "answer" in values:
                await self._thank(event)
            case Commanded("form") | Tapped(Action("checkin.answer")):
                await self.messenger.open_form(event.trigger or "", ANSWER)
            case Commanded(text):
                await self._post(self._asker(event), f"Je typte: {len(text)} tekens", event)
            case Said():
                await self._post(self._asker(event), "Dank je, dat is bewaard.", event)
            case Invited() | Joined():
                await self._post(Person(event.user.id), "Welkom! Fijn dat je er bent.", event)
            case _:
                pass

    def _asker(self, event: Event) -> Target:
        if event.place.direct:
            return Person(event.user.id)
        return Whisper(event.place.conversation, event.user.id, event.place.message)

    async def _post(self, to: Target, text: str, event: Event) -> None:
        await self.messenger.post(to, card(text), key=f"answer:{event.id}")

    async def _thank(self, event: Event) -> None:
        await self._post(Person(event.user.id), "Bewaard.", event)

    async def ask(self, channel: str = "toetsen") -> Handle:
        """Post a check-in that everyone can answer."""
        ask = card(
            "Wat probeerde je sinds de vorige keer? **Ook als het niets werd.**",
            Button(Plain("Antwoord"), Action("checkin.answer", 3), primary=True),
            Button(Plain("Sla over"), Action("checkin.skip", 3)),
            title="Check-in",
        )
        return await self.messenger.post(Channel(channel), ask, key="occurrence:1")

    async def under(self, root: Handle, text: str) -> Handle:
        """Post something in a thread."""
        return await self.messenger.post(Under(root), card(text), key=f"under:{text}")
