"""A consistent copy of a SQLite store while it is in use, by SQLite's own backup API."""

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.errors import StoreError


def copy(source: Path, target: Path) -> None:
    """Copy the store to a new file.

    Raises:
        StoreError: there is no store, the target is there already, or the disk refuses; no half copy is left behind.

    """
    if not source.is_file():
        raise StoreError(f"there is no store at {source}")
    if target.exists():
        raise StoreError(f"{target} is there already; choose a new name")
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new)
    except sqlite3.Error as error:
        target.unlink(missing_ok=True)
        raise StoreError(f"the copy failed: {error}") from error


def damage(file: Path) -> str | None:
    """Look through a store for damage; None when there is none."""
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            found = str(connection.execute("pragma quick_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        return str(error)
    return None if found == "ok" else found
