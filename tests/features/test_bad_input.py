"""What members do that nobody hoped for: each gets a kind, exact answer, and nothing is lost or done twice."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot import dispatch
from bot.chat.actions import Action
from bot.chat.events import Body, Event, Invited, Place, Said, Submitted, Tapped
from bot.chat.ports import Receipt
from bot.chat.prompts import Prompts
from bot.errors import UserError
from bot.features.checkin import views as checkin_views
from bot.features.checkin.views import QUESTION_MAX
from bot.features.help import views as help_views
from bot.platforms.room import inbound
from bot.platforms.room.messenger import RoomMessenger
from storage import checkins, deliveries, pulses
from tests.talk import CHANNEL, DIRECT, Talk, talking

QUESTION = "Wat probeerde je sinds vorige keer?"
NINE = "2026-11-03 09:00 Europe/Amsterdam"
CLOSED = "2026-11-09 09:00 Europe/Amsterdam"
PROMPTS = Prompts()


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration, made once and copied for each test."""
    folder = tmp_path_factory.mktemp("furnished")

    async def furnish() -> None:
        async with talking(folder):
            pass

    asyncio.run(furnish())
    return folder


@pytest.fixture
async def talk(furnished: Path, tmp_path: Path) -> AsyncIterator[Talk]:
    async with talking(shutil.copytree(furnished, tmp_path / "room")) as talk:
        yield talk


def title(prompt: str, language: str = "nl", **values: object) -> str:
    """The first words of a refusal, as they are written in prompts/."""
    return PROMPTS.voice(language)(prompt, **values).title


async def planned(talk: Talk) -> None:
    """A check-in is asked, this Tuesday at nine."""
    await talk.say("sanne", "/kring check-in nieuw")
    await talk.fill("sanne", question=QUESTION, when="elke dinsdag 9:00")
    await talk.tap("sanne", "Klopt, zet maar aan", where=CHANNEL)
    await talk.tick(NINE)


async def pulsed(talk: Talk) -> None:
    """There are eight of them, and a pulse is open."""
    await talk.join("noor")
    await talk.say("sanne", "energie", DIRECT)
    await talk.tap("sanne", "Peiling openen")


async def received(talk: Talk, who: str, body: Body, *, direct: bool = True, root: str | None = None) -> Receipt:
    """Hand Kring an event past the room, which would not have let it through."""
    person = talk.kring.room.state.people.get(who)
    assert person is not None
    where = inbound.place(
        f"dm:{who}" if direct else CHANNEL, None if direct else talk.kring.room.state.people.channel(CHANNEL)
    )
    place = where if root is None else Place(CHANNEL, message=root)
    receipt = await talk.kring.dispatcher.receive(
        Event(f"past:{who}:{body}", "room", inbound.WORKSPACE, person.user(), place, body)
    )
    await talk.kring.respond()
    return receipt


async def answers(talk: Talk) -> list[str | None]:
    """The answers in words that the first run keeps."""
    async with talk.kring.store.begin() as work:
        rows = await checkins.answers_of(work, 1)
        return [work.vault.read(answer.words) if answer.words else None for answer, _ in rows]


async def scores(talk: Talk) -> list[int]:
    """The answers that the first pulse keeps."""
    async with talk.kring.store.begin() as work:
        return await pulses.scores(work, 1)


# ---------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("who", "typed", "language", "nearest"),
    [("lotte", "enrgie", "nl", "energie"), ("emily", "enrgy", "en", "energy"), ("emily", "energei", "en", "energy")],
)
async def test_an_unknown_word_gets_the_nearest_one(
    talk: Talk, who: str, typed: str, language: str, nearest: str
) -> None:
    await talk.say(who, typed, DIRECT)

    assert title("help/unknown", language, word=typed, nearest=nearest) in talk.newest(who)
    assert nearest in talk.newest(who)
    assert typed in talk.newest(who)


async def test_a_word_like_no_other_gets_the_way_to_help(talk: Talk) -> None:
    await talk.say("lotte", "/kring *xyzzy* <!channel>")

    answer = talk.see("lotte", CHANNEL)[-1]
    assert answer.only_me
    assert "*xyzzy*" in answer.text
    assert "help" in answer.text


@pytest.mark.parametrize("empty", ["/kring", "/kring   ", "@Kring"])
async def test_an_empty_command_shows_help(talk: Talk, empty: str) -> None:
    await talk.say("lotte", empty)

    assert title("help/help", commands=[], community="Leerkring Eigentijds toetsen") in talk.newest("lotte", CHANNEL)


async def test_what_only_facilitators_do_is_refused_kindly(talk: Talk) -> None:
    await talk.say("lotte", "/kring check-in nieuw")

    assert title("help/facilitators") in talk.newest("lotte", CHANNEL)
    assert talk.form("lotte") is None


@pytest.mark.parametrize("typed", ["energie 9", "energie 0", "energie -1", "energie vier", "energie \uff14"])
async def test_an_energy_out_of_range_is_refused_and_not_kept(talk: Talk, typed: str) -> None:
    await talk.say("lotte", typed, DIRECT)

    assert title("energy/badscore") in talk.newest("lotte")
    async with talk.kring.store.begin() as work:
        assert [await pulses.journal(work, person) for person in range(1, 9)] == [[]] * 8


# ---------------------------------------------------------------- forms


async def test_a_form_with_gaps_stays_open_with_what_was_filled_in_and_says_what_is_missing(talk: Talk) -> None:
    await talk.say("sanne", "/kring check-in nieuw")

    receipt = await talk.fill("sanne", question="", when="elke dinsdag", options="alleen dit")

    form = talk.form("sanne")
    assert form is not None
    assert set(receipt.fields) == set(form.errors) == {"question", "when", "options"}
    assert form.answers["when"] == "elke dinsdag"
    assert form.answers["options"] == "alleen dit"


async def test_words_that_are_too_long_are_refused_with_both_numbers_and_kept_in_the_form(talk: Talk) -> None:
    long = "w" * (QUESTION_MAX + 1)
    await talk.say("sanne", "/kring check-in nieuw")

    receipt = await talk.fill("sanne", question=long, when="elke dinsdag 9:00")

    form = talk.form("sanne")
    assert form is not None
    assert str(QUESTION_MAX) in receipt.fields["question"]
    assert str(len(long)) in receipt.fields["question"]
    assert form.answers["question"] == long


async def test_a_form_that_was_refused_can_be_mended_and_sent_again(talk: Talk) -> None:
    await talk.say("sanne", "/kring check-in nieuw")
    await talk.fill("sanne", question="", when="elke dinsdag 9:00")

    receipt = await talk.fill("sanne", question=QUESTION, when="elke dinsdag 9:00")

    assert receipt.fields == {}
    assert talk.form("sanne") is None
    assert "elke dinsdag om 09:00" in talk.newest("sanne", CHANNEL)


async def test_a_form_that_nobody_waits_for_gets_its_words_back_in_a_message(talk: Talk) -> None:
    values = {"question": "w" * (QUESTION_MAX + 1), "when": "op een keer"}

    await received(talk, "sanne", Submitted(Action("checkin.create", 1), values))

    assert values["question"] in talk.newest("sanne")
    assert "op een keer" in talk.newest("sanne")


async def test_a_rule_that_never_fires_is_refused_at_its_end_date(talk: Talk) -> None:
    await talk.say("sanne", "/kring check-in nieuw")

    receipt = await talk.fill("sanne", question=QUESTION, when="elke dinsdag 9:00", until="2026-11-01")

    assert set(receipt.fields) == {"until"}
    await talk.tick(CLOSED)
    assert not any(QUESTION in seen.text for seen in talk.see("lotte", CHANNEL))


async def test_an_end_date_that_is_no_date_is_refused(talk: Talk) -> None:
    await talk.say("sanne", "/kring check-in nieuw")

    receipt = await talk.fill("sanne", question=QUESTION, when="elke dinsdag 9:00", until="morgen")

    assert set(receipt.fields) == {"until"}


async def test_an_unknown_zone_of_ones_own_is_refused_by_name(talk: Talk) -> None:
    await talk.say("lotte", "ik", DIRECT)
    await talk.tap("lotte", "Andere tijdzone")

    receipt = await talk.fill("lotte", timezone="Europa/Amsterdam")

    assert "Europa/Amsterdam" in receipt.fields["timezone"]


async def test_an_unknown_zone_of_the_community_is_refused_and_nothing_of_the_form_is_kept(talk: Talk) -> None:
    await talk.say("sanne", "/kring start")

    receipt = await talk.fill("sanne", name="Andere naam", timezone="Mars/Olympus")

    assert set(receipt.fields) == {"timezone"}
    await talk.say("lotte", "help", DIRECT)
    assert "Leerkring Eigentijds toetsen" in talk.newest("lotte")


# ---------------------------------------------------------------- buttons


@pytest.mark.parametrize(
    "action",
    ["nothing.known|1|", "checkin.open|999|", "checkin.choose|1|9", "help.run||nothing", "energy.answer|999|4"],
)
async def test_a_stale_button_says_so_to_whoever_tapped_it(talk: Talk, action: str) -> None:
    await planned(talk)

    await talk.kring.room.tap("lotte", talk.find("lotte", QUESTION, CHANNEL).id, action)
    await talk.kring.respond()

    answer = talk.see("lotte", CHANNEL)[-1]
    assert title("chat/stale") in answer.text
    assert answer.only_me


async def test_a_draft_that_counts_already_cannot_be_confirmed_again(talk: Talk) -> None:
    await planned(talk)

    for name in ("checkin.confirm", "checkin.change", "checkin.cancel"):
        await received(talk, "sanne", Tapped(Action(name, 1)))
        assert title("chat/stale") in talk.newest("sanne")


async def test_a_card_of_someone_else_cannot_be_tapped_in_the_room(talk: Talk) -> None:
    await talk.say("karim", "reflectie", DIRECT)
    await talk.tap("karim", "Iedereen vragen")
    question = talk.see("amina")[-1]

    with pytest.raises(UserError):
        await talk.kring.room.tap("daan", question.id, "reflection.write|1|1")


@pytest.mark.parametrize("name", ["write", "preview", "share", "keep", "outcome", "decline"])
async def test_a_button_of_someone_elses_private_question_does_nothing(talk: Talk, name: str) -> None:
    await talk.say("amina", "reflectie", DIRECT)
    await talk.tap("amina", "Voor mezelf beginnen")
    before = talk.see("amina")

    await received(talk, "daan", Tapped(Action(f"reflection.{name}", 1, "1")))

    assert title("chat/notyours") in talk.newest("daan")
    assert talk.see("amina") == before


async def test_words_for_someone_elses_private_question_are_not_kept(talk: Talk) -> None:
    await talk.say("amina", "reflectie", DIRECT)
    await talk.tap("amina", "Voor mezelf beginnen")

    await received(talk, "daan", Submitted(Action("reflection.answer", 1, "1"), {"text": "Niet van mij."}))

    assert title("chat/notyours") in talk.newest("daan")
    assert "Niet van mij." in talk.newest("daan")
    assert "Niet van mij." not in "".join(seen.text for seen in talk.see("amina"))


async def test_a_language_button_of_someone_elses_welcome_does_nothing(talk: Talk) -> None:
    await talk.join("noor")

    await received(talk, "daan", Tapped(Action("welcome.language", 8, "en")))

    assert title("chat/notyours") in talk.newest("daan")


# ---------------------------------------------------------------- check-ins


async def test_skipping_after_answering_leaves_the_answer(talk: Talk) -> None:
    await planned(talk)
    await talk.say("lotte", "Peerfeedback.", under=QUESTION)

    await talk.tap("lotte", "Deze keer niet", QUESTION, CHANNEL)

    assert title("checkin/answered") in talk.newest("lotte", CHANNEL)
    assert await answers(talk) == ["Peerfeedback."]


async def test_answering_after_skipping_counts(talk: Talk) -> None:
    await planned(talk)
    await talk.tap("lotte", "Deze keer niet", QUESTION, CHANNEL)

    await talk.say("lotte", "Toch iets.", under=QUESTION)

    assert await answers(talk) == ["Toch iets."]


async def test_a_closed_check_in_takes_no_answer_by_any_way_and_gives_the_words_back(talk: Talk) -> None:
    await planned(talk)
    await talk.tap("daan", "Antwoord geven", where=CHANNEL)
    root = talk.find("lotte", QUESTION, CHANNEL)
    await talk.tick(CLOSED)

    await talk.kring.room.tap("lotte", root.id, root.buttons["Antwoord geven"])
    await talk.kring.respond()
    assert title("checkin/toolate") in talk.newest("lotte", CHANNEL)

    await talk.fill("daan", text="Te laat in het formulier.")
    assert title("checkin/toolate") in talk.newest("daan", CHANNEL)
    assert "Te laat in het formulier." in talk.newest("daan", CHANNEL)

    await talk.say("amina", "Te laat getypt.", under=QUESTION)
    assert title("checkin/toolate") in talk.newest("amina", CHANNEL)

    await talk.kring.room.tap("emily", root.id, root.buttons["Deze keer niet"])
    await talk.kring.respond()
    assert title("checkin/toolate", "en") in talk.newest("emily", CHANNEL)
    assert await answers(talk) == []


@pytest.mark.parametrize(
    "body",
    [
        Said("Mag ik ook?"),
        Tapped(Action("checkin.open", 1)),
        Submitted(Action("checkin.answer", 1), {"text": "Mag ik ook?"}),
    ],
)
async def test_who_is_not_in_the_community_cannot_answer_its_check_in(talk: Talk, body: Body) -> None:
    await planned(talk)

    await received(talk, "noor", body, direct=False, root=talk.find("lotte", QUESTION, CHANNEL).id)

    answer = talk.see("noor", CHANNEL)[-1]
    assert title("setup/outsider", community="Leerkring Eigentijds toetsen") in answer.text
    assert answer.only_me
    assert await answers(talk) == []


async def test_who_left_cannot_answer_any_more(talk: Talk) -> None:
    await planned(talk)
    await talk.leave("lotte")

    await received(talk, "lotte", Submitted(Action("checkin.answer", 1), {"text": "Nog net?"}))

    assert title("setup/outsider", community="Leerkring Eigentijds toetsen") in talk.newest("lotte")
    assert await answers(talk) == []


# ---------------------------------------------------------------- pulses


async def test_a_second_answer_to_a_pulse_is_refused_and_the_first_one_counts(talk: Talk) -> None:
    await pulsed(talk)
    await received(talk, "lotte", Tapped(Action("energy.answer", 1, "2")))

    await received(talk, "lotte", Tapped(Action("energy.answer", 1, "5")))

    assert title("energy/already") in talk.newest("lotte")
    assert await scores(talk) == [2]


@pytest.mark.parametrize("arg", ["0", "6", "x", ""])
async def test_a_score_that_is_none_is_refused_and_leaves_the_members_turn(talk: Talk, arg: str) -> None:
    await pulsed(talk)

    await received(talk, "lotte", Tapped(Action("energy.answer", 1, arg)))

    assert title("energy/badscore") in talk.newest("lotte")
    await received(talk, "lotte", Tapped(Action("energy.answer", 1, "4")))
    assert await scores(talk) == [4]


async def test_an_answer_after_the_closing_is_refused(talk: Talk) -> None:
    await pulsed(talk)
    await talk.tick("2026-11-20 09:00 Europe/Amsterdam")

    await talk.tap("lotte", "4 geeft energie", "Hoeveel energie geeft")

    assert title("energy/closed") in talk.newest("lotte")
    assert await scores(talk) == []


async def test_who_is_not_in_the_community_any_more_cannot_answer_its_pulse(talk: Talk) -> None:
    await pulsed(talk)
    await talk.leave("noor")

    await received(talk, "noor", Tapped(Action("energy.answer", 1, "1")))

    assert title("setup/outsider", community="Leerkring Eigentijds toetsen") in talk.newest("noor")
    assert await scores(talk) == []


# ---------------------------------------------------------------- twice


async def test_an_event_that_comes_twice_does_nothing_twice(talk: Talk) -> None:
    await planned(talk)
    root = talk.find("lotte", QUESTION, CHANNEL)

    for _ in range(2):
        await talk.kring.room.say("lotte", CHANNEL, "Eén keer.", root.id, event_id="twice:said")
        await talk.kring.room.tap("daan", root.id, root.buttons["Deze keer niet"], event_id="twice:tap")
        await talk.kring.room.join("noor", CHANNEL, event_id="twice:join")
        await talk.kring.respond()

    assert await answers(talk) == ["Eén keer."]
    assert len([seen for seen in talk.see("noor") if "Welkom" in seen.text]) == 1
    assert len([seen for seen in talk.see("daan", CHANNEL) if seen.only_me]) == 1


async def test_an_event_that_a_platform_redelivers_is_known_from_its_id(talk: Talk) -> None:
    first = await received(talk, "lotte", Said("energie 4"))

    again = await received(talk, "lotte", Said("energie 4"))

    assert (first.new, again.new) == (True, False)
    assert len(talk.see("lotte")) == 1


# ---------------------------------------------------------------- our own mistakes


async def test_a_mistake_of_ours_gives_the_member_the_reference_that_is_in_the_log(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(help_views, "help_", _broken)

    with capture_logs() as logged:
        await talk.say("lotte", "help", DIRECT)

    reference = next(entry["reference"] for entry in logged if entry["event"] == "inbox.failed")
    assert reference in talk.newest("lotte")
    assert title("chat/failed", reference=reference) in talk.newest("lotte")


async def test_a_mistake_for_one_member_stands_in_nobody_elses_way(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    await planned(talk)
    monkeypatch.setattr(help_views, "help_", _broken)

    await talk.say("lotte", "help", DIRECT)
    await talk.say("daan", "Gewoon door.", under=QUESTION)
    monkeypatch.undo()
    await talk.say("lotte", "help", DIRECT)

    assert await answers(talk) == ["Gewoon door."]
    assert title("help/help", commands=[], community="Leerkring Eigentijds toetsen") in talk.newest("lotte")


async def test_a_mistake_keeps_nothing_of_what_the_handler_had_begun(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await planned(talk)
    monkeypatch.setattr(checkin_views, "summary", _broken)

    await talk.say("lotte", "Half.", under=QUESTION)

    assert await answers(talk) == []
    assert title("chat/failed", reference="") in talk.newest("lotte", CHANNEL)


async def test_a_refusal_that_cannot_be_worded_stands_in_nobody_elses_way(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "_sorry", _broken)

    await talk.say("lotte", "energie 9", DIRECT)
    monkeypatch.undo()
    await talk.say("daan", "help", DIRECT)

    assert title("help/help", commands=[], community="Leerkring Eigentijds toetsen") in talk.newest("daan")


async def test_a_message_that_cannot_be_sent_does_not_silence_its_conversation_for_ever(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RoomMessenger, "post", _broken)
    await talk.say("lotte", "help", DIRECT)
    monkeypatch.undo()

    async with talk.kring.store.begin() as work:
        states = await deliveries.count_by_state(work)

    assert states.get("sending", 0) == 0  # given back, to be tried again or given up; not held under its lease


def _broken(*_: object, **__: object) -> None:
    raise ZeroDivisionError("a mistake of ours")


async def test_a_channel_with_a_long_name_can_be_set_up(talk: Talk) -> None:
    person = talk.kring.room.state.people.get("sanne")
    assert person
    invitation = Event("long", "room", inbound.WORKSPACE, person.user(), Place("elders", "Toetsen " * 30), Invited())

    await talk.kring.dispatcher.receive(invitation)
    await talk.kring.respond()
    await talk.tap("sanne", "Kring instellen")

    form = talk.form("sanne")
    assert form
    assert form.form["inputs"][0]["initial"] == ("Toetsen " * 30)[:79] + "…"
