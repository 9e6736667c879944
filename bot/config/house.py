"""What an operator can choose about Kring itself, wherever it lives."""

import sys
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.config import kinds

EXAMPLES = {
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
}
SECRET_LEAST = 32
_PORTS = 65_535


class HouseSettings(BaseSettings):
    """The part of the settings that has no platform in it."""

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

    @field_validator("public_url")
    @classmethod
    def _reachable(cls, url: str | None) -> str | None:
        if url is None:
            return None
        host = urlsplit(kinds.address(url)).hostname or ""
        if urlsplit(url).path not in {"", "/"} or not (url.startswith("https:") or host in kinds.LOOPBACK):
            message = "must be https://, a host and nothing behind it"
            raise ValueError(message)
        return url.rstrip("/")

    @property
    def log_style(self) -> str:
        """How to write logs: chosen, or else for people on a terminal and for machines in a pipe."""
        return self.log_format or ("console" if sys.stderr.isatty() else "json")
