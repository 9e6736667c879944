"""Sealing what a member wrote: encrypted at rest, so that a stolen file or dump says nothing (README, Privacy).

Fernet (AES-128-CBC with HMAC-SHA256) of the `cryptography` package, with a key derived from `KRING_SECRET_KEY`.
"""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken

from bot.errors import KringError


class SealBroken(KringError):
    """A sealed row does not open."""


class Vault:
    """Seals text to bytes and opens it again."""

    def __init__(self, secret: str) -> None:
        """Derive the key: any secret of enough length will do, a random one is best."""
        self._fernet = Fernet(base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest()))

    def seal(self, data: bytes | str) -> bytes:
        """Encrypt; the same text gives other bytes each time."""
        return self._fernet.encrypt(data.encode() if isinstance(data, str) else data)

    def open(self, sealed: bytes) -> bytes:
        """Decrypt.

        Raises:
            SealBroken: the bytes were sealed with another key, or were changed.

        """
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken as error:
            message = "a sealed row does not open: KRING_SECRET_KEY is not the one it was written with"
            raise SealBroken(message) from error

    def read(self, sealed: bytes) -> str:
        """Decrypt to text."""
        return self.open(sealed).decode()
