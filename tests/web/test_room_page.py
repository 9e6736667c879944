"""The room's page without a script: forms, refusals, and who may use it at all."""

import re
from datetime import timedelta
from html import unescape

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from bot.chat.prompts import Prompts
from bot.domain.loopback import is_loopback
from bot.errors import ConfigError, StoreError
from bot.platforms.room.app import Room
from bot.platforms.room.state import RoomState
from bot.web.room import RoomPage
from tests.platforms.room.pretend import START, PretendKring
from tests.web.conftest import Client

pytestmark = pytest.mark.asyncio(loop_scope="session")

HOSTILE = "<script>alert(1)</script> **vet** {{ 7*7 }} <!channel> _x_ [a](https://b.nl)\nregel 2"


async def page(client: Client, **query: str) -> str:
    response = await client.get("/", params=query)
    assert response.status == 200
    return await response.text()


async def post(client: Client, gesture: str, **form: str) -> ClientResponse:
    return await client.post(f"/room/{gesture}", data=form, allow_redirects=False)


async def test_the_page_shows_the_channel_the_people_and_the_time(client: Client) -> None:
    shown = await page(client)

    assert '<html lang="nl">' in shown
    for words in ("Sanne de Wit", "Noor Jansen", "nog niet in het kanaal", "Probeer dit eerst"):
        assert words in shown
    assert "maandag 2 maart, 09:00" in shown
    assert "Naar wat er komt: woensdag 4 maart, 10:00" in shown


async def test_the_page_speaks_the_persons_language_unless_asked_otherwise(client: Client) -> None:
    assert '<html lang="en">' in await page(client, **{"as": "emily"})
    assert '<html lang="nl">' in await page(client, **{"as": "emily", "lang": "nl"})
    assert '<html lang="nl">' in await page(client, **{"as": "sanne", "lang": "xx"})
    assert "Monday 2 March, 08:00" in await page(client, **{"as": "emily"})


async def test_a_typed_message_returns_to_the_page_where_it_was_typed(client: Client, room: Room) -> None:
    response = await post(client, "say", **{"as": "lotte", "in": "toetsen", "to": "toetsen", "text": "Dag\r\nallen"})

    assert response.status == 303
    assert response.headers["Location"] == "/?as=lotte&in=toetsen"
    assert room.view("daan", "toetsen").talk[-1].message.payload["text"] == "Dag\nallen"


async def test_what_people_type_is_shown_as_they_typed_it(client: Client) -> None:
    await post(client, "say", **{"as": "lotte", "to": "toetsen", "text": HOSTILE})

    shown = await page(client, **{"as": "daan"})

    assert "<script>alert" not in shown
    typed = re.findall(r'<p class="typed">(.*?)</p>', shown, re.DOTALL)
    assert unescape(typed[-1]) == HOSTILE
    assert "<" not in typed[-1]


async def test_a_form_keeps_what_was_filled_in_and_says_what_is_wrong_beside_the_input(client: Client) -> None:
    await post(client, "say", **{"as": "daan", "to": "toetsen", "text": "/kring form"})
    shown = await page(client, **{"as": "daan"})
    trigger = re.search(r'name="trigger" value="(.*?)"', shown)
    assert trigger

    filled = {"value.answer": "", "value.mood": "so", "value.on": "2026-03-09"}
    await post(client, "submit", **{"as": "daan", "trigger": trigger[1], **filled})

    again = await page(client, **{"as": "daan"})
    assert 'aria-describedby="hint-answer wrong-answer"' in again
    assert '<p class="wrong" id="wrong-answer">Vul hier iets in.</p>' in again
    assert '<option value="so" selected>' in again
    assert 'type="date" maxlength="200" value="2026-03-09"' in again


async def test_a_form_can_be_closed(client: Client) -> None:
    await post(client, "say", **{"as": "daan", "to": "toetsen", "text": "/kring form"})
    trigger = re.search(r'name="trigger" value="(.*?)"', await page(client, **{"as": "daan"}))
    assert trigger

    await post(client, "dismiss", **{"as": "daan", "trigger": trigger[1]})

    assert "<dialog" not in await page(client, **{"as": "daan"})


async def test_a_button_is_a_form_of_its_own(client: Client, kring: PretendKring) -> None:
    root = await kring.ask()
    kring.heard.clear()
    tapped = {"as": "lotte", "message": root.message, "action": "checkin.skip|3|", "event": "1"}

    for _ in range(2):
        await post(client, "tap", **tapped)

    assert [event.user.id for event in kring.heard] == ["lotte"]


async def test_a_thread_opens_beside_its_channel(client: Client, kring: PretendKring, room: Room) -> None:
    root = await kring.ask()
    await room.say("daan", "toetsen", "In de draad", thread=root.message)

    channel, thread = await page(client), await page(client, thread=root.message)

    assert "In de draad" not in channel
    assert re.search(r"1 antwoord\s", channel)
    assert "In de draad" in thread
    assert f'name="under" value="{root.message}"' in thread


async def test_noor_reads_along_and_can_come_in(client: Client, room: Room) -> None:
    before = await page(client, **{"as": "noor"})
    await post(client, "join", **{"as": "noor", "to": "toetsen"})
    after = await page(client, **{"as": "noor"})

    assert "Kom in #toetsen" in before
    assert 'name="text"' not in before
    assert "Verlaat #toetsen" in after
    assert 'name="text"' in after
    await post(client, "leave", **{"as": "noor", "to": "toetsen"})
    assert not room.view("noor", "toetsen").present


@pytest.mark.parametrize(
    ("by", "moved"),
    [
        ("hour", timedelta(hours=1)),
        ("day", timedelta(days=1)),
        ("week", timedelta(weeks=1)),
        ("due", timedelta(days=2, hours=1)),
        ("back", timedelta(0)),
    ],
)
async def test_time_moves_by_its_buttons(client: Client, kring: PretendKring, by: str, moved: timedelta) -> None:
    response = await post(client, "advance", by=by)

    assert response.status == 303
    assert kring.clock.at == START + moved


async def test_the_others_can_be_asked_to_answer_by_themselves(client: Client, room: Room) -> None:
    await post(client, "companions", on="yes")
    assert 'role="switch" aria-checked="true"' in await page(client)

    await post(client, "companions", on="no")
    assert not room.view("sanne", "toetsen").companions


async def test_whoever_the_page_is_opened_as_is_the_visitor_and_a_fresh_copy_changes_nothing(
    client: Client, room: Room
) -> None:
    await page(client, **{"as": "amina"})
    await client.get("/", params={"as": "daan"}, headers={"X-Refresh": "1"})

    assert room.visitor == "amina"


async def test_a_gesture_that_is_not_possible_is_refused_in_words(client: Client) -> None:
    response = await post(client, "say", **{"as": "noor", "to": "toetsen", "text": "Hoi"})
    told = await client.post(
        "/room/say", data={"as": "noor", "to": "toetsen", "text": "x" * 4001}, headers={"Accept": "application/json"}
    )

    assert response.status == 400
    assert "Dat kan hier niet" in await response.text()
    assert told.status == 400
    assert "4000 tekens" in (await told.json())["message"]


async def test_what_kring_cannot_take_now_is_said_to_be_kept(client: Client, kring: PretendKring) -> None:
    kring.down = True

    response = await post(client, "say", **{"as": "lotte", "to": "dm:lotte", "text": "Hoi"})

    assert response.status == 303
    assert "Wat je deed is bewaard" in await page(client, **{"as": "lotte"})


async def test_what_the_room_itself_cannot_keep_is_said_too(
    client: Client, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreError

    monkeypatch.setattr(room.state.talk, "add", full)

    response = await post(client, "say", **{"as": "lotte", "to": "toetsen", "text": "Hoi"})

    assert response.status == 503
    assert "Nog niet bewaard" in await response.text()


async def test_a_room_that_is_not_furnished_yet_asks_for_a_moment(kring: PretendKring, state: RoomState) -> None:
    app = web.Application()
    RoomPage(Room(state, kring.clock, kring), kring.clock, Prompts(), host="127.0.0.1").attach(app)
    async with TestClient(TestServer(app, host="127.0.0.1")) as client:
        response = await client.get("/?lang=en")

        assert response.status == 503
        assert "Just a moment" in await response.text()


async def test_the_script_gets_a_word_instead_of_the_page(client: Client) -> None:
    response = await client.post(
        "/room/say", data={"as": "lotte", "to": "toetsen", "text": "Hoi"}, headers={"Accept": "application/json"}
    )

    assert await response.json() == {"ok": True}


async def test_the_stream_tells_of_every_change(client: Client, room: Room) -> None:
    stream = await client.get("/room/stream")
    first = (await stream.content.readuntil(b"\n\n")).decode()
    await room.say("lotte", "toetsen", "Hoi")
    second = (await stream.content.readuntil(b"\n\n")).decode()
    stream.close()

    assert first.startswith("event: changed\ndata: ")
    assert second == f"event: changed\ndata: {room.version}\n\n"


@pytest.mark.parametrize("path", ["/", "/room/stream", "/static/room.css", "/static/room.js", "/static/room.svg"])
async def test_everything_is_locked_down_and_never_stored(client: Client, path: str) -> None:
    response = await client.get(path)
    policy = response.headers["Content-Security-Policy"]

    assert response.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    response.close()


async def test_the_page_has_no_script_or_style_of_its_own(client: Client, kring: PretendKring) -> None:
    await kring.ask()
    shown = await page(client)

    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", shown)
    assert re.findall(r"<script[^>]*>(.*?)</script>", shown, re.DOTALL) == [""]


@pytest.mark.parametrize("host", ["kring.example", "127.0.0.1.example.org", "192.168.1.4:3978", "", "[::2]", "[x"])
async def test_another_host_is_refused(client: Client, host: str) -> None:
    for path in ("/", "/room/stream", "/static/room.js"):
        assert (await client.get(path, headers={"Host": host})).status == 403
    response = await client.post("/room/companions", data={"on": "yes"}, headers={"Host": host})
    assert response.status == 403


@pytest.mark.parametrize("host", ["localhost:3978", "127.0.0.1", "[::1]:3978"])
async def test_every_name_of_this_machine_is_welcome(client: Client, host: str) -> None:
    assert (await client.get("/", headers={"Host": host})).status == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1:3978"])
async def test_a_form_on_another_page_is_refused(client: Client, room: Room, origin: str) -> None:
    headers = {"Host": "127.0.0.1:3978", "Origin": origin}

    response = await client.post("/room/companions", data={"on": "yes"}, headers=headers)

    assert response.status == 403
    assert not room.view("sanne", "toetsen").companions


async def test_our_own_forms_are_taken(client: Client) -> None:
    headers = {"Host": "localhost:3978", "Origin": "http://localhost:3978"}

    response = await client.post("/room/companions", data={"on": "no"}, headers=headers, allow_redirects=False)

    assert response.status == 303


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "kring.example", "::", ""])  # noqa: S104 - refused
async def test_the_page_is_not_made_where_others_could_reach_it(room: Room, kring: PretendKring, host: str) -> None:
    with pytest.raises(ConfigError, match="KRING_HOST"):
        RoomPage(room, kring.clock, Prompts(), host=host)


async def test_this_machine_goes_by_several_names() -> None:
    assert all(is_loopback(name) for name in ("localhost", "LOCALHOST", "127.0.0.1", "127.8.8.8", "::1", "[::1]"))
    assert not any(is_loopback(name) for name in ("localhost.example", "0.0.0.0", "::", "", "10.0.0.1"))  # noqa: S104


async def test_every_word_of_the_page_is_there_in_both_languages() -> None:
    prompts = Prompts()

    for name in ("room/page", "room/demo", "room/voices"):
        assert prompts.voice("nl")(name).labels.keys() == prompts.voice("en")(name).labels.keys()
