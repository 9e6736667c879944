"""What several settings can be wrong by, and the words for it."""

import re

from pydantic import SecretStr

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_ADDRESS = re.compile(r"https?://[\w.:\[\]-]+(/\S*)?")
_GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def address(url: str) -> str:
    """Take an address of the web.

    Raises:
        ValueError: it is none.

    """
    return _written(url, _ADDRESS, "is not an address")


def guid(value: str) -> str:
    """Take an id of Microsoft's, in small letters.

    Raises:
        ValueError: it is none.

    """
    return _written(value, _GUID, "is not an id of 32 digits and letters with hyphens between them").lower()


def begins(token: SecretStr, beginning: str) -> SecretStr:
    """Take a key that begins as it should.

    Raises:
        ValueError: it begins otherwise.

    """
    if not token.get_secret_value().startswith(beginning):
        message = f"does not begin with {beginning}"
        raise ValueError(message)
    return token


def _written(value: str, form: re.Pattern[str], otherwise: str) -> str:
    if not form.fullmatch(value):
        raise ValueError(otherwise)
    return value
