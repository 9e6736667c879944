"""The settings, read once from the environment or `.env`, frozen; nobody else reads the environment.

A wrong value stops the start with its name, what was wrong, and an example. Every setting stands in the README's table.
"""

import re
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import ConfigError

_EXAMPLES = {
    "KRING_DATABASE_URL": "sqlite:///kring.db or postgresql://kring:secret@localhost/kring",
    "KRING_HOST": "127.0.0.1",
    "KRING_PORT": "3978",
    "KRING_PUBLIC_URL": "https://kring.example.org",
    "KRING_SECRET_KEY": "the output of: openssl rand -hex 32",
    "KRING_LANGUAGE": "nl",
    "KRING_TIMEZONE": "Europe/Amsterdam",
    "KRING_PROMPTS_DIR": "/etc/kring/prompts",
    "KRING_LOG_FORMAT": "json",
    "KRING_LOG_LEVEL": "info",
    "SLACK_BOT_TOKEN": "xoxb-..., from OAuth & Permissions in the settings of the Slack app",
    "SLACK_SIGNING_SECRET": "32 letters and digits, from Basic Information in the settings of the Slack app",
    "SLACK_APP_TOKEN": "xapp-..., from Basic Information in the settings of the Slack app",
    "SLACK_API_URL": "https://slack.com/api/",
    "SLACK_CLIENT_ID": "1234567890.1234567890, from Basic Information in the settings of the Slack app",
    "SLACK_CLIENT_SECRET": "32 letters and digits, from Basic Information in the settings of the Slack app",
}
SECRET_LEAST = 32
_PORTS = 65_535
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class Settings(BaseSettings):
    """What an operator can choose."""

    model_config = SettingsConfigDict(
        env_prefix="KRING_", env_file=".env", extra="ignore", frozen=True, populate_by_name=True
    )

    database_url: str = "sqlite:///kring.db"
    host: str = "127.0.0.1"
    port: int = Field(default=3978, ge=0, le=_PORTS)
    public_url: str | None = None
    secret_key: SecretStr | None = None
    language: Literal["nl", "en"] = "nl"
    timezone: str = "Europe/Amsterdam"
    prompts_dir: Path | None = None
    log_format: Literal["console", "json"] | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    slack_bot_token: SecretStr | None = Field(default=None, alias="SLACK_BOT_TOKEN")
    slack_signing_secret: SecretStr | None = Field(default=None, alias="SLACK_SIGNING_SECRET")
    slack_app_token: SecretStr | None = Field(default=None, alias="SLACK_APP_TOKEN")
    slack_api_url: str = Field(default="https://slack.com/api/", alias="SLACK_API_URL")
    slack_client_id: str | None = Field(default=None, alias="SLACK_CLIENT_ID")
    slack_client_secret: SecretStr | None = Field(default=None, alias="SLACK_CLIENT_SECRET")

    @field_validator("database_url")
    @classmethod
    def _database(cls, url: str) -> str:
        if not url.startswith(("sqlite:///", "postgresql://")):
            message = "is not the address of a SQLite or PostgreSQL store"
            raise ValueError(message)
        return url

    @field_validator("timezone")
    @classmethod
    def _zone(cls, name: str) -> str:
        try:
            return ZoneInfo(name).key
        except (ZoneInfoNotFoundError, ValueError) as error:
            message = f"{name} is not an IANA time zone"
            raise ValueError(message) from error

    @field_validator("log_level", mode="before")
    @classmethod
    def _lower(cls, level: object) -> object:
        return level.lower() if isinstance(level, str) else level

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and len(key.get_secret_value()) < SECRET_LEAST:
            message = f"is shorter than {SECRET_LEAST} characters"
            raise ValueError(message)
        return key

    @field_validator("public_url", "slack_api_url")
    @classmethod
    def _address(cls, url: str | None) -> str | None:
        if url is not None and not re.fullmatch(r"https?://[\w.:\[\]-]+(/\S*)?", url):
            message = "is not an address"
            raise ValueError(message)
        return url

    @field_validator("public_url")
    @classmethod
    def _reachable(cls, url: str | None) -> str | None:
        if url is None:
            return None
        host = urlsplit(url).hostname or ""
        if urlsplit(url).path not in {"", "/"} or not (url.startswith("https:") or host in _LOOPBACK):
            message = "must be https://, a host and nothing behind it"
            raise ValueError(message)
        return url.rstrip("/")

    @field_validator("slack_bot_token")
    @classmethod
    def _is_of_a_bot(cls, token: SecretStr | None) -> SecretStr | None:
        return _begins(token, "xoxb-")

    @field_validator("slack_app_token")
    @classmethod
    def _is_of_an_app(cls, token: SecretStr | None) -> SecretStr | None:
        return _begins(token, "xapp-")

    @property
    def slack(self) -> bool:
        """Whether Slack is configured."""
        return self.slack_bot_token is not None or self.slack_client_id is not None

    @property
    def log_style(self) -> str:
        """How to write logs: chosen, or else for people on a terminal and for machines in a pipe."""
        return self.log_format or ("console" if sys.stderr.isatty() else "json")


def read(**overrides: Any) -> Settings:  # noqa: ANN401 - whatever a setting is
    """Read the settings, `overrides` (from the command line) first.

    Raises:
        ConfigError: names the first that is wrong, or is missing beside another.

    """
    try:
        settings = Settings(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = name_of(str(first["loc"][0]))
        problem = str(first["msg"]).removeprefix("Value error, ")
        raise ConfigError(name, f"{problem}.", _EXAMPLES[name]) from error
    for name, problem in _at_odds(settings):
        raise _wrong(name, problem)
    return settings


def name_of(field: str) -> str:
    """Return the name of a setting in the environment: Slack's own have no KRING_ in front."""
    return field.upper() if field.lower().startswith("slack_") else f"KRING_{field.upper()}"


def _begins(token: SecretStr | None, beginning: str) -> SecretStr | None:
    if token is not None and not token.get_secret_value().startswith(beginning):
        message = f"does not begin with {beginning}"
        raise ValueError(message)
    return token


def _at_odds(settings: Settings) -> Iterator[tuple[str, str]]:
    """Name each setting that another one asks for, or that does not go with another one."""
    token, by_oauth = settings.slack_bot_token, settings.slack_client_id is not None
    if token and by_oauth:
        yield "SLACK_BOT_TOKEN", "is for one workspace and SLACK_CLIENT_ID for many: take out one of the two."
    if by_oauth and settings.slack_client_secret is None:
        yield "SLACK_CLIENT_SECRET", "must be set beside SLACK_CLIENT_ID."
    if settings.slack_client_secret and not by_oauth:
        yield "SLACK_CLIENT_ID", "must be set beside SLACK_CLIENT_SECRET."
    if by_oauth and settings.public_url is None:
        yield "KRING_PUBLIC_URL", "must be set beside SLACK_CLIENT_ID: Slack sends who installs Kring back to it."
    if settings.slack and not (settings.slack_signing_secret or settings.slack_app_token):
        yield "SLACK_SIGNING_SECRET", "must be set, or SLACK_APP_TOKEN where Kring has no public address."
    if (settings.slack_signing_secret or settings.slack_app_token) and not settings.slack:
        yield "SLACK_BOT_TOKEN", "must be set too; for many workspaces, SLACK_CLIENT_ID instead."
    if settings.slack and settings.secret_key is None:
        yield "KRING_SECRET_KEY", "must be set when Kring lives in Slack: it seals what members write there."


def secret(settings: Settings, beside: Path | None) -> str:
    """Return the secret key; without one, make it once and keep it beside the SQLite file, readable by its owner only.

    Raises:
        ConfigError: there is no key and no file to keep one beside, or the key file cannot be read or made.

    """
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    if beside is None:
        raise _wrong("KRING_SECRET_KEY", "must be set when the store is PostgreSQL.")
    file = beside.with_suffix(".key")
    try:
        if not file.exists():
            _make_key(file, beside)
        key = file.read_text(encoding="ascii").strip()
    except OSError as error:
        raise _wrong("KRING_SECRET_KEY", f"cannot be kept in {file.name}: {error.strerror}.") from error
    if len(key) < SECRET_LEAST:
        raise _wrong(
            "KRING_SECRET_KEY", f"in {file.name} is cut short. Put a copy of it back; without a store, remove it."
        )
    return key


def _make_key(file: Path, beside: Path) -> None:
    """Make a key whole or not at all; never for a store that was written with another."""
    if beside.exists() and beside.stat().st_size:
        raise _wrong("KRING_SECRET_KEY", f"of this store is gone: put {file.name} back, or set it.")
    new = file.with_suffix(".key.new")
    new.touch(mode=0o600)
    new.write_text(secrets.token_hex(32), encoding="ascii")
    new.replace(file)


def _wrong(name: str, problem: str) -> ConfigError:
    return ConfigError(name, problem, _EXAMPLES[name])
