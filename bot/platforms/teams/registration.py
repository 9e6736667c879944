"""How Kring is known to Microsoft: a single-tenant bot registration, and where keys and tokens come from."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bot.domain.loopback import is_loopback

METADATA_URL = "https://login.botframework.com/v1/.well-known/openidconfiguration"
"""learn.microsoft.com, Bot Connector authentication: where the signing keys of the connector are announced."""
TOKEN_URL = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"  # noqa: S105 - an address
"""Idem, for a single-tenant registration: where Kring gets its own token."""
ISSUER = "https://api.botframework.com"
SCOPE = "https://api.botframework.com/.default"


@dataclass(frozen=True, slots=True)
class Registration:
    """One registration. With `auth` off nothing is checked and no token is asked for: for a client on this machine."""

    app_id: str
    password: str = field(repr=False)
    tenant: str
    auth: bool = True
    metadata_url: str = METADATA_URL
    token_url: str = TOKEN_URL

    @property
    def token_address(self) -> str:
        """Where the token of this tenant is asked for."""
        return self.token_url.replace("{tenant}", self.tenant)

    @property
    def bot_id(self) -> str:
        """Who Kring is in conversations of Teams."""
        return f"28:{self.app_id}"

    def may_call(self, url: str) -> bool:
        """Whether an address may be called with our token: over https only, or on this machine itself.

        With `auth` off anybody can name any address, so nothing is called but this machine.
        """
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            return False
        if not host or "@" in parts.netloc or parts.query or parts.fragment:
            return False
        here = is_loopback(host)
        return here if parts.scheme == "http" else parts.scheme == "https" and (self.auth or here)
