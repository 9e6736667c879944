"""The settings, read once from the environment or `.env`, frozen; nobody else reads the environment.

A wrong value stops the start with its name, what was wrong, and an example. Every setting stands in the README's table.
"""

import secrets
import sys
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import ConfigError

_EXAMPLES = {
    "KRING_DATABASE_URL": "sqlite:///kring.db or postgresql://kring:secret@localhost/kring",
    "KRING_HOST": "127.0.0.1",
    "KRING_PORT": "3978",
    "KRING_SECRET_KEY": "the output of: openssl rand -hex 32",
    "KRING_LANGUAGE": "nl",
    "KRING_TIMEZONE": "Europe/Amsterdam",
    "KRING_PROMPTS_DIR": "/etc/kring/prompts",
    "KRING_LOG_FORMAT": "json",
    "KRING_LOG_LEVEL": "info",
}
SECRET_LEAST = 32
_PORTS = 65_535


class Settings(BaseSettings):
    """What an operator can choose."""

    model_config = SettingsConfigDict(env_prefix="KRING_", env_file=".env", extra="ignore", frozen=True)

    database_url: str = "sqlite:///kring.db"
    host: str = "127.0.0.1"
    port: int = Field(default=3978, ge=0, le=_PORTS)
    secret_key: SecretStr | None = None
    language: Literal["nl", "en"] = "nl"
    timezone: str = "Europe/Amsterdam"
    prompts_dir: Path | None = None
    log_format: Literal["console", "json"] | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"

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

    @property
    def log_style(self) -> str:
        """How to write logs: chosen, or else for people on a terminal and for machines in a pipe."""
        return self.log_format or ("console" if sys.stderr.isatty() else "json")


def read(**overrides: Any) -> Settings:  # noqa: ANN401 - whatever a setting is
    """Read the settings, `overrides` (from the command line) first; raises `ConfigError` for the first wrong one."""
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = f"KRING_{first['loc'][0]}".upper()
        problem = str(first["msg"]).removeprefix("Value error, ")
        raise ConfigError(name, f"{problem}.", _EXAMPLES[name]) from error


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
