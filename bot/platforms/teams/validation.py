"""Whether a request is the connector's: a token signed with one of its keys, meant for us.

The rules: learn.microsoft.com, "Authentication with the Bot Connector API", steps 2 to 4. The keys are fetched by the
clock, never because of a request, so that no stranger can make Kring call anybody; a key that was added is known at the
next look, and the connector announces it before it signs with it. The SDK's own validation fetches synchronously while
a request waits, and falls over keys that it does not know (4.17.1); here is PyJWT, on which that is built, alone.
"""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from aiohttp import ClientError, ClientSession, ClientTimeout
from jwt.algorithms import RSAAlgorithm

from bot.chat.payloads import Payload, every, identity, text
from bot.log import get_logger
from bot.platforms.teams.proxies import proxy_for
from bot.platforms.teams.registration import ISSUER, Registration

EVERY = 300.0  # seconds between two looks at the keys; Microsoft asks for one in 24 hours at least
SOON = 5.0  # seconds until the next try while there are no keys at all
LEEWAY = 300  # seconds that clocks may differ; as above
_TIMEOUT = ClientTimeout(total=10.0)
_LARGEST = 1024 * 1024  # bytes of a document
_SCHEME = "bearer"
_REMEMBERED = 256  # tokens found good; there is one for each service, and a new one now and then
_UNREADABLE = (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError)
log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Key:
    """A signing key, and the channels that it may speak for."""

    public: Any
    endorsements: frozenset[str]


class Keys:
    """The signing keys of the connector, as they were announced last."""

    def __init__(self, session: ClientSession, metadata_url: str, *, every: float = EVERY, soon: float = SOON) -> None:
        """Look there for them, `every` so many seconds, and `soon` again while there are none."""
        self._session, self._metadata_url = session, metadata_url
        self._every, self._soon = every, soon
        self._known: Mapping[str, Key] = {}

    @property
    def known(self) -> bool:
        """Whether there are any."""
        return bool(self._known)

    def find(self, key_id: str) -> Key | None:
        """Return the key of this name."""
        return self._known.get(key_id)

    async def run(self) -> None:
        """Look for keys until cancelled."""
        while True:
            await self.refresh()
            await asyncio.sleep(self._every if self.known else self._soon)

    async def refresh(self) -> None:
        """Look once; those that were known stay when that fails."""
        try:
            metadata = await self._fetched(self._metadata_url)
            found = dict(_readable(await self._fetched(text(metadata, "jwks_uri"))))
            if not found:
                raise ValueError("no keys are announced")
        except (ClientError, TimeoutError, *_UNREADABLE) as error:
            log.warning("teams.keys.unread", problem=type(error).__name__)
            return
        self._known = found

    async def _fetched(self, url: str) -> Payload:
        async with self._session.get(url, timeout=_TIMEOUT, proxy=proxy_for(url)) as response:
            response.raise_for_status()
            body = await response.content.read(_LARGEST)
            while not response.content.at_eof():
                more = await response.content.read(_LARGEST)
                body += more
                if len(body) > _LARGEST:
                    raise ValueError("more than any list of keys")
        found = json.loads(body)
        return found if isinstance(found, dict) else {}


def _readable(document: Payload) -> "list[tuple[str, Key]]":
    """Read a list of keys, without those that are none of ours to use."""
    found = []
    for one in every(document, "keys"):
        name, endorsements = text(one, "kid"), one.get("endorsements")
        if name and text(one, "kty") == "RSA" and isinstance(endorsements, list):
            channels = frozenset(channel for channel in endorsements if isinstance(channel, str))
            found.append((name, Key(RSAAlgorithm.from_jwk(dict(one)), channels)))
    return found


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token that is the connector's says: which service sent it, on behalf of which channels."""

    service_url: str
    endorsements: frozenset[str]

    def problem(self, activity: Payload) -> str | None:
        """Say why an activity is not what the token was given for; None when it is."""
        if identity(activity, "channelId") not in self.endorsements:
            return "channel"
        return None if text(activity, "serviceUrl") == self.service_url else "service"


class NotTrusted(Exception):
    """A request is not the connector's; the message says why, and holds nothing of the request."""


class NoKeys(Exception):
    """Nothing can be told from strangers yet."""


@dataclass(frozen=True, slots=True)
class Read:
    """A token that was found good: by which key, and until when."""

    claims: Claims
    key_id: str
    key: Key
    until: float


class Validation:
    """Tells the connector's requests from others, without a call to anybody.

    The connector sends the same token for an hour or so: one that was found good is not read again, until it ends or
    the keys are looked at anew.
    """

    def __init__(self, registration: Registration, keys: Keys, clock: Callable[[], float] = time.time) -> None:
        """Judge by these keys; `clock` tells the real time, in seconds since 1970."""
        self._app_id, self._keys, self._clock = registration.app_id, keys, clock
        self._good: dict[str, Read] = {}

    def claims(self, header: str) -> Claims:
        """Read the header of a request.

        Raises:
            NotTrusted: it is not the connector's.
            NoKeys: no keys are known yet.

        """
        scheme, _, token = header.partition(" ")
        if scheme.lower() != _SCHEME or not token:
            raise NotTrusted("no token")
        good = self._good.get(token)
        if good and self._clock() < good.until and self._keys.find(good.key_id) is good.key:
            return good.claims
        read = self._read(token)
        if len(self._good) >= _REMEMBERED:
            self._good.clear()
        self._good[token] = read
        return read.claims

    def _read(self, token: str) -> Read:
        try:
            key_id, key = self._key(jwt.get_unverified_header(token))
            told = jwt.decode(
                token,
                key.public,
                algorithms=["RS256"],
                audience=self._app_id,
                issuer=ISSUER,
                leeway=LEEWAY,
                options={"require": ["exp", "iss", "aud"], "strict_aud": True},
            )
        except _UNREADABLE as error:
            raise NotTrusted(type(error).__name__) from error
        service_url = told.get("serviceurl")
        if not isinstance(service_url, str) or not service_url:
            raise NotTrusted("no service")
        return Read(Claims(service_url, key.endorsements), key_id, key, float(told["exp"]) + LEEWAY)

    def _key(self, header: Mapping[str, Any]) -> tuple[str, Key]:
        if not self._keys.known:
            raise NoKeys
        name = header.get("kid")
        if isinstance(name, str) and (key := self._keys.find(name)):
            return name, key
        raise NotTrusted("unknown key")
