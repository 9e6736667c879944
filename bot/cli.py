"""The command line, thin: reads words and settings, calls main, says in one line what to do about an error."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from bot import config, log
from bot.errors import KringError


def main(words: Sequence[str] | None = None) -> int:
    """Run a command; return the exit status."""
    given = _parser().parse_args(words)
    try:
        chosen = {"host": "host", "port": "port", "public_url": "url", "language": "language"}
        typed: dict[str, Any] = {name: getattr(given, word, None) for name, word in chosen.items()}
        settings = config.read(together=getattr(given, "together", True), **typed)
        return int(given.run(settings, given))
    except KringError as error:
        print(f"kring: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kring", description="Kring facilitates learning communities.")
    commands = parser.add_subparsers(required=True, metavar="command")
    run = commands.add_parser("run", help="everything configured, in one process")
    run.add_argument("--host", help="where HTTP listens; wins over KRING_HOST")
    run.add_argument("--port", type=int, help="wins over KRING_PORT; 0 takes a free one")
    run.add_argument("--room", action="store_true", help="the room on this machine, whatever else is configured")
    run.set_defaults(run=_run)
    commands.add_parser("migrate", help="bring the store to the current schema").set_defaults(run=_migrate)
    commands.add_parser("doctor", help="what is missing or wrong, each with its remedy").set_defaults(run=_doctor)
    backup = commands.add_parser("backup", help="a consistent copy of the SQLite store while it runs")
    backup.add_argument("file", type=Path, help="a file that does not exist yet")
    backup.set_defaults(run=_backup)
    manifest = commands.add_parser("manifest", help="the app as Slack or Teams must know it, ready to hand in")
    manifest.add_argument("platform", choices=["slack", "teams"])
    manifest.add_argument(
        "--url", help="where Kring is reached; wins over KRING_PUBLIC_URL; for Slack with neither, for Socket Mode"
    )
    manifest.add_argument("--language", choices=["nl", "en"], help="of the Teams app; wins over KRING_LANGUAGE")
    manifest.add_argument(
        "--private-channels", action="store_true", help="the Teams app also for private and shared channels"
    )
    manifest.add_argument("--out", type=Path, help="a file to write it to; for Teams also a folder, where not this one")
    manifest.set_defaults(run=_manifest, together=False)
    return parser


def _run(settings: config.Settings, given: argparse.Namespace) -> int:
    from bot import main as house  # noqa: PLC0415 - the other commands need not wait for all of it to load

    tally = log.Tally()
    log.set_up(style=settings.log_style, level=settings.log_level, tally=tally)

    async def run() -> None:
        stopping = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError):  # Windows, where Ctrl+C ends the run below instead
                asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        await house.serve(settings, stopping, tally, _say, room=given.room)

    with suppress(KeyboardInterrupt):
        asyncio.run(run())
    return 0


def _say(text: str) -> None:
    print(text, flush=True)


def _migrate(settings: config.Settings, _: argparse.Namespace) -> int:
    from bot import upkeep  # noqa: PLC0415 - as above

    print(asyncio.run(upkeep.migrate(settings)))
    return 0


def _backup(settings: config.Settings, given: argparse.Namespace) -> int:
    from bot import upkeep  # noqa: PLC0415 - as above

    print(asyncio.run(upkeep.backup(settings, given.file)))
    return 0


def _doctor(settings: config.Settings, _: argparse.Namespace) -> int:
    from bot import upkeep  # noqa: PLC0415 - as above

    log.set_up(style=settings.log_style, level="error", tally=log.Tally())  # what is wrong, the findings say
    findings = asyncio.run(upkeep.examine(settings))
    for finding in findings:
        print(finding)
    return int(any(finding.stops and finding.problem for finding in findings))


def _manifest(settings: config.Settings, given: argparse.Namespace) -> int:
    from bot import manifests  # noqa: PLC0415 - as above

    if given.platform == "teams":
        package = manifests.teams(settings, private=given.private_channels)
        print(manifests.written(package, given.out or Path(), manifests.PACKAGE))
    elif given.out:
        manifests.written(manifests.slack(settings).encode(), given.out)
    else:
        print(manifests.slack(settings), end="")
    return 0
