"""What says that a request is the connector's, and everything that only looks like it."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable

import jwt
import pytest
from aiohttp import ClientSession
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.platforms.teams.registration import Registration
from bot.platforms.teams.validation import Claims, Keys, NoKeys, NotTrusted, Validation
from tests.fakes.teams import faults, issuer
from tests.fakes.teams.server import FakeTeams
from tests.fakes.teams.world import APP_ID
from tests.platforms.teams.conftest import Logs

SERVICE = "https://smba.trafficmanager.net/emea/"
Header = Callable[[FakeTeams], str]


@pytest.fixture
async def keys(session: ClientSession, teams: FakeTeams) -> Keys:
    keys = Keys(session, teams.metadata_url)
    await keys.refresh()
    teams.asked.clear()
    return keys


@pytest.fixture
def validation(keys: Keys, registration: Registration) -> Validation:
    return Validation(registration, keys)


def signed(teams: FakeTeams, **claims: object) -> str:
    return "Bearer " + teams.issuer.token(SERVICE, **claims)  # type: ignore[arg-type]  # any claim at all


def with_header(teams: FakeTeams, **header: object) -> str:
    """A token that is right in everything but its header."""
    token = teams.issuer.token(SERVICE)
    head = {**jwt.get_unverified_header(token), **header}
    written = base64.urlsafe_b64encode(json.dumps(head).encode()).decode().rstrip("=")
    return f"Bearer {written}." + token.partition(".")[2]


def unsigned(teams: FakeTeams) -> str:
    told = jwt.decode(teams.issuer.token(SERVICE), options={"verify_signature": False})
    return "Bearer " + jwt.encode(told, "", "none", headers={"kid": next(iter(teams.issuer.keys))})


def signed_with_the_public_key(teams: FakeTeams) -> str:
    """HS256, with what everyone may know as the secret: PyJWT itself would not make such a token."""
    head, told, _ = with_header(teams, alg="HS256").removeprefix("Bearer ").split(".")
    secret = teams.issuer.jwks()["keys"][0]["n"].encode()
    seal = hmac.new(secret, f"{head}.{told}".encode(), hashlib.sha256).digest()
    return f"Bearer {head}.{told}." + base64.urlsafe_b64encode(seal).decode().rstrip("=")


def changed(teams: FakeTeams) -> str:
    """A token of which the content was changed after it was signed."""
    head, _, signature = teams.issuer.token(SERVICE).split(".")
    told = json.dumps({"iss": issuer.NAME, "aud": "x", "exp": 9e9, "serviceurl": SERVICE}).encode()
    return f"Bearer {head}.{base64.urlsafe_b64encode(told).decode().rstrip('=')}.{signature}"


BAD: dict[str, Header] = {
    "expired": lambda teams: signed(teams, exp=int(time.time()) - 301),
    "not yet valid": lambda teams: signed(teams, nbf=int(time.time()) + 400),
    "made in the future": lambda teams: signed(teams, iat=int(time.time()) + 400),
    "forged": lambda teams: signed(teams, signed_with=77),
    "of an unknown key": lambda teams: signed(teams, kid="key-77", signed_with=77),
    "of a key that is no text": lambda teams: with_header(teams, kid=["key-1"]),
    "without a key": lambda teams: with_header(teams, kid=None),
    "for another bot": lambda teams: signed(teams, aud="another-app"),
    "for another bot too": lambda teams: signed(teams, aud=[APP_ID, "another-app"]),
    "of another issuer": lambda teams: signed(teams, iss="https://sts.windows.net/x/"),
    "of the emulator": lambda teams: signed(teams, iss="https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/"),
    "unsigned": unsigned,
    "signed with what everyone knows": signed_with_the_public_key,
    "of another algorithm": lambda teams: with_header(teams, alg="RS512"),
    "changed": changed,
    "without an end": lambda teams: signed(teams, exp=None),
    "without an issuer": lambda teams: signed(teams, iss=None),
    "without an audience": lambda teams: signed(teams, aud=None),
    "without a service": lambda teams: signed(teams, serviceurl=None),
    "with a service that is no text": lambda teams: signed(teams, serviceurl=7),
    "ending never": lambda teams: signed(teams, exp="morgen"),
    "ending at infinity": lambda teams: signed(teams, exp=float("inf")),
    "nothing": lambda _: "",
    "only a word": lambda _: "Bearer",
    "of another scheme": lambda teams: signed(teams).replace("Bearer", "Basic"),
    "garbage": lambda _: "Bearer a.b.c",
    "not ascii": lambda _: "Bearer \u00e9\u0301\U0001f600.x.y",
    "half a character": lambda _: "Bearer \ud800.\udfff.x",
    "nothing between dots": lambda _: "Bearer ..",
    "deep": lambda _: "Bearer " + base64.urlsafe_b64encode(b"[" * 6000).decode() + ".e30.x",
    "two tokens": lambda teams: signed(teams) + " " + signed(teams),
}  # fmt: skip


@pytest.mark.parametrize("header", BAD.values(), ids=BAD)
async def test_a_bad_token_is_told_without_a_call_to_anyone(
    validation: Validation, teams: FakeTeams, header: Header
) -> None:
    with pytest.raises(NotTrusted) as refused:
        validation.claims(header(teams))

    assert teams.asked == []
    assert len(str(refused.value)) < 40


@pytest.mark.parametrize("away", [{}, {"exp": -200}, {"nbf": 200}], ids=["right", "late", "early"])
async def test_a_token_of_the_connector_is_read_also_when_clocks_differ_a_little(
    validation: Validation, teams: FakeTeams, away: dict[str, int]
) -> None:
    now = int(time.time())  # not of when the tests were collected: a whole run takes minutes

    claims = validation.claims(signed(teams, **{name: now + seconds for name, seconds in away.items()}))

    assert claims == Claims(SERVICE, frozenset({"msteams", "webchat"}))


async def test_the_scheme_may_be_written_as_one_likes(validation: Validation, teams: FakeTeams) -> None:
    assert validation.claims(signed(teams).replace("Bearer", "bearer")).service_url == SERVICE


@pytest.mark.parametrize(
    ("activity", "problem"),
    [
        ({"channelId": "msteams", "serviceUrl": SERVICE}, None),
        ({"channelId": "webchat", "serviceUrl": SERVICE}, None),
        ({"channelId": "directline", "serviceUrl": SERVICE}, "channel"),
        ({"serviceUrl": SERVICE}, "channel"),
        ({"channelId": ["msteams"], "serviceUrl": SERVICE}, "channel"),
        ({"channelId": "msteams", "serviceUrl": SERVICE.rstrip("/")}, "service"),
        ({"channelId": "msteams", "serviceUrl": "https://evil.example/"}, "service"),
        ({"channelId": "msteams"}, "service"),
    ],
)
def test_a_token_is_good_for_its_service_and_the_channels_of_its_key(
    activity: dict[str, object], problem: str | None
) -> None:
    assert Claims(SERVICE, frozenset({"msteams", "webchat"})).problem(activity) == problem


async def test_without_keys_nothing_can_be_told(
    session: ClientSession, teams: FakeTeams, registration: Registration
) -> None:
    validation = Validation(registration, Keys(session, teams.metadata_url))

    with pytest.raises(NoKeys):
        validation.claims(signed(teams))
    with pytest.raises(NotTrusted):
        validation.claims("Bearer garbage")


async def test_a_new_key_is_known_at_the_next_look_and_the_old_one_as_long_as_it_is_announced(
    keys: Keys, validation: Validation, teams: FakeTeams
) -> None:
    before = signed(teams)

    teams.issuer.rotate(keep=True)
    with pytest.raises(NotTrusted):
        validation.claims(signed(teams))
    await keys.refresh()
    both = [validation.claims(before), validation.claims(signed(teams))]
    teams.issuer.rotate()
    await keys.refresh()

    assert [one.service_url for one in both] == [SERVICE, SERVICE]
    with pytest.raises(NotTrusted):
        validation.claims(before)
    assert validation.claims(signed(teams)).service_url == SERVICE


@pytest.mark.parametrize("on", ["metadata", "keys"])
@pytest.mark.parametrize(
    "fault",
    [
        faults.broken(500), faults.broken(404), faults.page(), faults.cut(),
        faults.odd("[]"), faults.odd('{"keys": []}'), faults.odd('{"keys": [3, {"kid": 1}]}'),
        faults.odd('{"jwks_uri": "nergens"}'), faults.odd('{"jwks_uri": 3}'),
        faults.odd('{"keys": [{"kid": "a", "kty": "RSA", "endorsements": [], "n": "x", "e": "%"}]}'),
        faults.odd("[" * 100_000), faults.odd(" " * 2_000_000), faults.Fault(body=b"\xff\xfe"),
    ],
)  # fmt: skip
async def test_keys_that_cannot_be_read_leave_the_old_ones(
    keys: Keys, validation: Validation, teams: FakeTeams, logs: Logs, on: str, fault: faults.Fault
) -> None:
    teams.will(fault, fault, on=on)  # a line that was cut is tried again by aiohttp itself

    await keys.refresh()

    assert [entry["event"] for entry in logs] == ["teams.keys.unread"]
    assert validation.claims(signed(teams)).service_url == SERVICE


async def test_a_key_that_speaks_for_other_channels_is_not_good_for_this_one(
    keys: Keys, validation: Validation, teams: FakeTeams
) -> None:
    teams.issuer.endorsed = ("skype", "webchat")

    await keys.refresh()

    assert validation.claims(signed(teams)).problem({"channelId": "msteams", "serviceUrl": SERVICE}) == "channel"


class Enough(Exception):
    """It was looked often enough."""


class Counted(Keys):
    """Looks so many times."""

    looks = 0

    async def refresh(self) -> None:
        if self.looks == 3:
            raise Enough
        self.looks += 1
        await super().refresh()


async def test_keys_are_looked_for_soon_again_while_there_are_none(session: ClientSession, teams: FakeTeams) -> None:
    keys = Counted(session, teams.metadata_url, every=0, soon=0)
    teams.will(faults.broken(500), faults.broken(500), on="metadata")

    with pytest.raises(Enough):
        await keys.run()

    assert teams.asked == ["metadata", "metadata", "metadata", "keys"]
    assert keys.known


async def test_keys_that_are_known_are_looked_at_again_by_the_clock(session: ClientSession, teams: FakeTeams) -> None:
    keys = Counted(session, teams.metadata_url, every=0, soon=3600)

    with pytest.raises(Enough):
        await keys.run()

    assert teams.asked == ["metadata", "keys"] * 3


@settings(max_examples=200, deadline=None)
@given(header=st.text(max_size=60).map(lambda text: "Bearer " + text) | st.text(max_size=60))
def test_no_header_at_all_is_an_error(header: str) -> None:
    validation = Validation(Registration("app", "", "tenant"), Keys(None, ""))  # type: ignore[arg-type]  # asks nobody

    with pytest.raises((NotTrusted, NoKeys)):
        validation.claims(header)


async def test_a_token_that_was_good_is_not_read_again_until_it_ends(
    keys: Keys, registration: Registration, teams: FakeTeams, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [time.time()]
    validation, header = Validation(registration, keys, lambda: now[0]), signed(teams)
    first = validation.claims(header)

    def read_again(*_: object, **__: object) -> None:
        raise jwt.ExpiredSignatureError

    monkeypatch.setattr(jwt, "decode", read_again)

    assert validation.claims(header) is first
    now[0] += 3600 + 301
    with pytest.raises(NotTrusted):
        validation.claims(header)


async def test_a_token_that_was_good_is_refused_when_its_key_is_withdrawn(
    keys: Keys, validation: Validation, teams: FakeTeams
) -> None:
    header = signed(teams)
    validation.claims(header)

    teams.issuer.rotate()
    await keys.refresh()

    with pytest.raises(NotTrusted):
        validation.claims(header)
