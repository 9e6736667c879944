"""What an operator can choose about Microsoft Teams."""

from collections.abc import Iterator
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from bot.config import kinds
from bot.config.house import HouseSettings

EXAMPLES = {
    "TEAMS_APP_ID": "12345678-90ab-cdef-1234-567890abcdef, the Application (client) ID of the app registration",
    "TEAMS_APP_PASSWORD": "40 characters, the Value of a client secret under Certificates & secrets",
    "TEAMS_TENANT_ID": "12345678-90ab-cdef-1234-567890abcdef, the Directory (tenant) ID of the app registration",
    "TEAMS_AUTH": "on",
    "TEAMS_OPENID_METADATA_URL": "https://login.botframework.com/v1/.well-known/openidconfiguration",
    "TEAMS_TOKEN_URL": "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
}


class TeamsSettings(HouseSettings):
    """The part of Teams in the settings; with `teams_auth` off nothing else is needed."""

    teams_app_id: str | None = Field(default=None, alias="TEAMS_APP_ID")
    teams_app_password: SecretStr | None = Field(default=None, alias="TEAMS_APP_PASSWORD")
    teams_tenant_id: str | None = Field(default=None, alias="TEAMS_TENANT_ID")
    teams_auth: Literal["on", "off"] = Field(default="on", alias="TEAMS_AUTH")
    teams_openid_metadata_url: str | None = Field(default=None, alias="TEAMS_OPENID_METADATA_URL")
    teams_token_url: str | None = Field(default=None, alias="TEAMS_TOKEN_URL")

    @field_validator("teams_app_id", "teams_tenant_id")
    @classmethod
    def _is_an_id(cls, value: str | None) -> str | None:
        return None if value is None else kinds.guid(value)

    @field_validator("teams_auth", mode="before")
    @classmethod
    def _is_lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("teams_openid_metadata_url", "teams_token_url")
    @classmethod
    def _is_an_address(cls, url: str | None) -> str | None:
        return None if url is None else kinds.address(url)

    @property
    def teams(self) -> bool:
        """Whether Teams is configured."""
        return self.teams_app_id is not None or self.teams_auth == "off"


def at_odds(settings: TeamsSettings) -> Iterator[tuple[str, str]]:
    """Name each setting that another one asks for, or that does not go with another one."""
    if settings.teams_auth == "off":
        if settings.host not in kinds.LOOPBACK:
            yield "KRING_HOST", "must be this machine's own address with TEAMS_AUTH=off: nobody is asked who they are."
        if (urlsplit(settings.public_url or "").hostname or "localhost") not in kinds.LOOPBACK:
            yield "TEAMS_AUTH", "must be on beside KRING_PUBLIC_URL: anybody could write there in anybody's name."
        return
    known, given = settings.teams_app_id is not None, (settings.teams_app_password, settings.teams_tenant_id)
    if any(given) and not known:
        yield "TEAMS_APP_ID", "must be set beside TEAMS_APP_PASSWORD and TEAMS_TENANT_ID."
    if known and settings.teams_app_password is None:
        yield "TEAMS_APP_PASSWORD", "must be set beside TEAMS_APP_ID."
    if known and settings.teams_tenant_id is None:
        yield "TEAMS_TENANT_ID", "must be set beside TEAMS_APP_ID: Kring is there for one organisation."
    if known and settings.secret_key is None:
        yield "KRING_SECRET_KEY", "must be set when Kring lives in Teams: it seals what members write there."
