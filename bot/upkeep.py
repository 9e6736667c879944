"""What an operator does beside running: migrate, back up, and have everything looked at."""

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from bot import checkups, config
from bot.chat.prompts import Prompts
from bot.checkups import Finding
from bot.config import Settings
from bot.errors import ConfigError, KringError, StoreError
from storage import backup as copies
from storage import operating, schema
from storage.db import Store, sqlite_file
from storage.operating import Stuck
from storage.sealed import Vault


async def migrate(settings: Settings) -> str:
    """Bring the store to the current schema, and say what that was."""
    async with _store(settings) as store:
        before = await schema.state(store)
        await schema.migrate(store)
    already = before is schema.SchemaState.CURRENT
    return f"The store is at step {schema.steps()[-1]}; it was {'so already' if already else before}."


async def backup(settings: Settings, target: Path) -> str:
    """Copy the SQLite store, and say what else must be kept."""
    file = sqlite_file(settings.database_url)
    if file is None:
        raise ConfigError("KRING_DATABASE_URL", "is not SQLite; use pg_dump for PostgreSQL.", "sqlite:///kring.db")
    copies.copy(file, target)
    return f"Copied to {target}. Keep the secret key as well, elsewhere: without it nobody can read what members wrote."


async def examine(settings: Settings) -> list[Finding]:
    """Look at everything that can be missing or wrong; each problem says its remedy."""
    findings = [Finding("settings"), _prompts(settings), _port(settings)]
    findings += [*await checkups.slack(settings), *await checkups.teams(settings)]
    file = sqlite_file(settings.database_url)
    if file is not None and not file.exists():
        findings.append(Finding("store", f"{file} is not there yet; `kring run` makes it", stops=False))
        return findings
    if file is not None:
        findings += [_file(file), _in_use(file)]
    if not any(finding.stops and finding.problem for finding in findings if finding.what == "store file"):
        findings += await _inside(settings)
    return findings


def _attempt(what: str, look: Callable[[], object]) -> Finding:
    try:
        look()
    except (KringError, OSError) as error:
        return Finding(what, str(error))
    return Finding(what)


def _prompts(settings: Settings) -> Finding:
    return _attempt("prompts", Prompts(settings.prompts_dir).check)


def _port(settings: Settings) -> Finding:
    def bind() -> None:
        with closing(socket.socket()) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((settings.host, settings.port))

    found = _attempt(f"port {settings.port}", bind)
    remedy = "in use; fine if that is Kring, else choose another with KRING_PORT"
    return Finding(found.what, remedy, stops=False) if found.problem else found


def _file(file: Path) -> Finding:
    problem = copies.damage(file)
    return Finding("store file", f"damaged ({problem}); stop Kring and put a backup in its place" if problem else "")


def _in_use(file: Path) -> Finding:
    lock = FileLock(f"{file}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return Finding("store lock", "a Kring is running on this store", stops=False)
    lock.release()
    return Finding("store lock")


async def _inside(settings: Settings) -> list[Finding]:
    try:
        async with _store(settings) as store:
            return [await _schema(store), await _key(store), *await _stuck(store)]
    except (KringError, StoreError) as error:
        return [Finding("store", f"cannot be used: {error}")]


async def _schema(store: Store) -> Finding:
    found = await schema.state(store)
    remedies = {
        schema.SchemaState.CURRENT: "",
        schema.SchemaState.EMPTY: "empty; run `kring migrate`",
        schema.SchemaState.BEHIND: "behind; run `kring migrate`",
        schema.SchemaState.NEWER: "written by a newer Kring; install that version, or put back a backup of before",
    }
    return Finding("schema", remedies[found])


async def _key(store: Store) -> Finding:
    if await schema.state(store) is not schema.SchemaState.CURRENT:
        return Finding("secret key", "not looked at: the schema comes first", stops=False)
    try:
        await schema.check_key(store)
    except ConfigError as error:
        return Finding("secret key", str(error))
    return Finding("secret key")


async def _stuck(store: Store) -> list[Finding]:
    if await schema.state(store) is not schema.SchemaState.CURRENT:
        return []
    async with store.begin() as work:
        found = await operating.stuck(work)
    return [Finding(what, f"{many} {problem}" if many else "", stops=False) for what, many, problem in _remedies(found)]


def _remedies(found: Stuck) -> list[tuple[str, int, str]]:
    """Say of each kind of stuck work what it means and what to do."""
    asleep = "is `kring run` running? If so, look in the log for part.failed and for lines that end in .stalled"
    unposted = f"due and not posted for {_minutes(operating.SLOW)}; {asleep}"
    return [
        ("deliveries", found.dead, "could not be sent; the log says why (look for delivery.dead)"),
        ("waiting deliveries", found.overdue, unposted),
        (
            "half-sent deliveries",
            found.abandoned,
            f"left by a process that stopped; they go on by themselves; {asleep}",
        ),
        (
            "quiet conversations",
            found.blocked,
            f"kept quiet for over {_minutes(operating.PATIENT)}, as the platform asked",
        ),
        ("events", found.events, f"taken in and not answered for {_minutes(operating.SLOW)}; {asleep}"),
        (
            "clock",
            found.unrung,
            f"rhythms and timers that did not ring; {asleep}, and whether the machine's time is right",
        ),
        ("jobs", found.jobs, f"that nobody works on; another process takes them over; {asleep}"),
    ]


def _minutes(how_long: timedelta) -> str:
    return f"{how_long.total_seconds() / 60:g} minutes"


@asynccontextmanager
async def _store(settings: Settings) -> AsyncIterator[Store]:
    file = sqlite_file(settings.database_url)
    store = Store(settings.database_url, Vault(config.secret(settings, file)))
    try:
        yield store
    finally:
        await store.close()
