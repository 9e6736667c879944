"""What a member wrote, all the way through the house to the room's page: text, and nothing but text."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, example, given, settings

from bot.web.room import RoomPage, Where
from tests.chat.strategies import written
from tests.talk import CHANNEL, DIRECT, Talk, talking

Json = Any
ORDINARY = "kwibus"  # in no text of ours
LONGEST = 80  # of the name of a community
HOSTILE = "<script>alert(1)</script> **vet** [hier](https://x.nl)\r\n- een\n\n> {{ 7*7 }}\\"

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass(frozen=True, slots=True)
class Ordinary:
    """A community, and the cards that an ordinary word ended up on."""

    talk: Talk
    cards: list[Json]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def ordinary(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ordinary]:
    async with talking(tmp_path_factory.mktemp("house")) as talk:
        await talk.say("sanne", "/kring check-in nieuw")
        await talk.fill("sanne", question="Wat probeerde je?", when="elke dinsdag 9:00")
        await talk.tap("sanne", "Klopt, zet maar aan", where=CHANNEL)
        await talk.tick("2026-11-03 09:00 Europe/Amsterdam")
        yield Ordinary(talk, await written_everywhere(talk, ORDINARY))


@given(text=written.filter(lambda text: len(text) <= LONGEST))
@example(text=HOSTILE)
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_a_member_writes_is_shown_as_an_ordinary_word_is(ordinary: Ordinary, text: str) -> None:
    kept = text.strip().replace("\r\n", "\n").replace("\r", "\n")

    cards = await written_everywhere(ordinary.talk, text)

    assert cards == [instead(card, kept) for card in ordinary.cards]
    for card, usual in zip(cards, ordinary.cards, strict=True):
        assert read(ordinary.talk, card) == instead(read(ordinary.talk, usual), kept)


async def test_an_ordinary_word_is_on_every_card_and_is_plain_in_quotes(ordinary: Ordinary) -> None:
    quoted = [
        span
        for card in ordinary.cards
        for node in card["nodes"]
        for block in node.get("blocks", ())
        if block["kind"] == "quote"
        for span in block["spans"]
    ]

    assert all(ORDINARY in str(card) for card in ordinary.cards)
    assert len(quoted) > len(ordinary.cards)
    assert all(not any(span[dress] for dress in ("strong", "emphasis", "code", "url")) for span in quoted)


async def written_everywhere(talk: Talk, text: str) -> list[Json]:
    """Write this wherever a member can; return every card that it ends up on, as the room keeps it."""
    await talk.say("sanne", "/kring start")
    await talk.fill("sanne", name=text, domain=text)
    cards = [newest(talk, "sanne", CHANNEL)]
    await talk.tap("daan", "Antwoord geven", where=CHANNEL)
    await talk.fill("daan", text=text)
    cards.append(card_of(talk, talk.find("noor", "Daan Smits schrijft", CHANNEL).id))
    return [*cards, *await reflected(talk, text)]


async def reflected(talk: Talk, text: str) -> list[Json]:
    """Answer all of a reflection with this, and share it."""
    await talk.say("amina", "reflectie", DIRECT)
    await talk.tap("amina", "Voor mezelf beginnen")
    cards = [newest(talk, "amina", DIRECT)]
    for _ in range(3):
        await talk.tap("amina", "Antwoorden")
        await talk.fill("amina", text=text)
        cards.append(newest(talk, "amina", DIRECT))
    await talk.tap("amina", "Laat zien wat ik deel")
    cards.append(newest(talk, "amina", DIRECT))
    await talk.tap("amina", "Delen met de kring")
    return [*cards, newest(talk, "noor", CHANNEL)]


def newest(talk: Talk, who: str, where: str) -> Json:
    """The newest card somewhere."""
    return card_of(talk, talk.see(who, where)[-1].id)


def card_of(talk: Talk, number: str) -> Json:
    """The card of a message, without the row ids on its buttons."""
    message = talk.kring.room.state.talk.get(int(number))
    assert message is not None
    return without_actions(message.payload)


def without_actions(part: Json) -> Json:
    """The same card, whichever reflection it belongs to."""
    if isinstance(part, Mapping):
        return {name: "a.b||" if name == "action" else without_actions(value) for name, value in part.items()}
    return [without_actions(value) for value in part] if isinstance(part, list) else part


def instead(part: Json, text: str) -> Json:
    """The same, with this text where the ordinary word was."""
    if isinstance(part, Mapping):
        return {name: instead(value, text) for name, value in part.items()}
    if isinstance(part, list):
        return [instead(value, text) for value in part]
    return part.replace(ORDINARY, text) if isinstance(part, str) else part


class Reader(HTMLParser):
    """What a browser makes of HTML: elements with their attributes, and text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Json] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append([tag, *(list(attribute) for attribute in attrs)])

    def handle_data(self, data: str) -> None:
        self.found.append(data)

    def handle_comment(self, data: str) -> None:
        self.found.append(["!--", data])

    def handle_decl(self, decl: str) -> None:
        self.found.append(["!", decl])

    def unknown_decl(self, data: str) -> None:
        self.found.append(["!", data])

    def handle_pi(self, data: str) -> None:
        self.found.append(["?", data])


def read(talk: Talk, card: Json) -> list[Json]:
    """Read a card off the room's page."""
    kring = talk.kring
    templates = RoomPage(kring.room, kring.machine, kring.prompts, host="127.0.0.1")._templates
    message = SimpleNamespace(id=1, payload=card)
    pieces: Any = templates.get_template("parts.html.j2").module
    reader = Reader()
    reader.feed(str(pieces.card(message, Where(), lambda: "once", str)))
    reader.close()
    return reader.found
