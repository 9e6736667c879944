"""The secret key: set, or made once and kept beside a SQLite store."""

import secrets
from pathlib import Path

from bot.config.house import EXAMPLES, SECRET_LEAST, HouseSettings
from bot.errors import ConfigError


def secret(settings: HouseSettings, beside: Path | None) -> str:
    """Return the secret key; without one, make it once and keep it beside the SQLite file, readable by its owner only.

    Raises:
        ConfigError: there is no key and no file to keep one beside, or the key file cannot be read or made.

    """
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    if beside is None:
        raise _wrong("must be set when the store is PostgreSQL.")
    file = beside.with_suffix(".key")
    try:
        if not file.exists():
            _make_key(file, beside)
        key = file.read_text(encoding="ascii").strip()
    except OSError as error:
        raise _wrong(f"cannot be kept in {file.name}: {error.strerror}.") from error
    if len(key) < SECRET_LEAST:
        raise _wrong(f"in {file.name} is cut short. Put a copy of it back; without a store, remove it.")
    return key


def _make_key(file: Path, beside: Path) -> None:
    """Make a key whole or not at all; never for a store that was written with another."""
    if beside.exists() and beside.stat().st_size:
        raise _wrong(f"of this store is gone: put {file.name} back, or set it.")
    new = file.with_suffix(".key.new")
    new.touch(mode=0o600)
    new.write_text(secrets.token_hex(32), encoding="ascii")
    new.replace(file)


def _wrong(problem: str) -> ConfigError:
    return ConfigError("KRING_SECRET_KEY", problem, EXAMPLES["KRING_SECRET_KEY"])
