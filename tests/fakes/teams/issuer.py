"""Who signs and who gives tokens: the keys of the connector, and Entra's token endpoint for the bot.

Source: learn.microsoft.com, "Authentication with the Bot Connector API".
"""

import base64
import time
from functools import cache
from itertools import count

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from tests.fakes.teams.world import APP_ID, TENANT, Json

NAME = "https://api.botframework.com"
SCOPE = "https://api.botframework.com/.default"
PASSWORD = "app-password"
ENDORSED = ("msteams", "webchat")


@cache
def key(number: int) -> RSAPrivateKey:
    """The so manieth key; making one takes a while, so that every test gets the same."""
    return generate_private_key(public_exponent=65537, key_size=2048)


class Issuer:
    """The signing keys in use: `keys` is what is announced, by id, and the last one signs."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self.keys: dict[str, int] = {}
        self.endorsed = ENDORSED
        self.rotate()

    def rotate(self, *, keep: bool = False) -> None:
        """Sign with another key from now on; `keep` announces the ones before as well."""
        number = next(self._numbers)
        self.keys = {**(self.keys if keep else {}), f"key-{number}": number}

    def metadata(self, url: str) -> Json:
        """Where the keys are, as it is announced."""
        return {
            "issuer": NAME, "authorization_endpoint": "https://invalid.botframework.com", "jwks_uri": f"{url}/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        }  # fmt: skip

    def jwks(self) -> Json:
        """The keys, and of which channels each one is."""
        return {"keys": [self._told(name, number) for name, number in self.keys.items()]}

    def token(self, service_url: str, *, signed_with: int | None = None, kid: str = "", **claims: object) -> str:
        """What says that an activity comes from Teams; claims are as given, and one that is None is left out.

        `signed_with` another number is a forgery, and `kid` says which key it pretends to be.
        """
        name, number = list(self.keys.items())[-1]
        now = int(time.time())
        usual: Json = {
            "serviceurl": service_url, "nbf": now - 60, "exp": now + 3600, "iss": NAME, "aud": APP_ID,
        }  # fmt: skip
        told = {key: value for key, value in (usual | claims).items() if value is not None}
        return jwt.encode(told, key(signed_with or number), "RS256", headers={"kid": kid or name, "x5t": name})

    def _told(self, name: str, number: int) -> Json:
        public = key(number).public_key().public_numbers()
        return {
            "kty": "RSA", "use": "sig", "kid": name, "x5t": name, "n": _number(public.n), "e": _number(public.e),
            "endorsements": list(self.endorsed),
        }  # fmt: skip


class Tokens:
    """The tokens of the bot: `fetched` counts how often one was given."""

    def __init__(self) -> None:
        self.fetched = 0
        self.lasts = 3599
        self._good: dict[str, float] = {}

    def give(self, tenant: str, form: Json) -> tuple[int, Json]:
        """Exchange the password of the bot for a token."""
        if tenant != TENANT:
            return 400, _no("invalid_request", 90002, "Tenant not found.")
        if form.get("client_id") != APP_ID:
            return 400, _no("unauthorized_client", 700016, "Application was not found in the directory.")
        if form.get("client_secret") != PASSWORD:
            return 401, _no("invalid_client", 7000215, "Invalid client secret provided.")
        if form.get("grant_type") != "client_credentials" or form.get("scope") != SCOPE:
            return 400, _no("invalid_scope", 70011, "The provided value for scope is not valid.")
        self.fetched += 1
        token = f"token-{self.fetched}"
        self._good[token] = time.monotonic() + self.lasts
        return 200, {
            "token_type": "Bearer", "expires_in": self.lasts, "ext_expires_in": self.lasts, "access_token": token,
        }  # fmt: skip

    def expire(self) -> None:
        """End every token that was given, whatever was said of how long it lasts."""
        self._good.clear()

    def known(self, header: str) -> bool:
        """Whether a request carries a token that is good."""
        kind, _, token = header.partition(" ")
        return kind == "Bearer" and time.monotonic() < self._good.get(token, 0.0)


def _no(error: str, number: int, words: str) -> Json:
    return {"error": error, "error_description": f"AADSTS{number}: {words}", "error_codes": [number]}


def _number(value: int) -> str:
    size = (value.bit_length() + 7) // 8
    return base64.urlsafe_b64encode(value.to_bytes(size, "big")).rstrip(b"=").decode()
