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
    if not _ADDRESS.fullmatch(url):
        message = "is not an address"
        raise ValueError(message)
    return url


def guid(value: str) -> str:
    """Take an id of Microsoft's, in small letters.

    Raises:
        ValueError: it is none.

    """
    if not _GUID.fullmatch(value):
        message = "is not an id of 32 digits and letters with hyphens between them"
        raise ValueError(message)
    return value.lower()


def begins(token: SecretStr, beginning: str) -> SecretStr:
    """Take a key that begins as it should.

    Raises:
        ValueError: it begins otherwise.

    """
    if not token.get_secret_value().startswith(beginning):
        message = f"does not begin with {beginning}"
        raise ValueError(message)
    return token
