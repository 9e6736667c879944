"""How fast Kring is on this machine, as tables: `make bench`, or `python -m tests.bench --quick` for a taste of it.

Everything stays on loopback and in temporary folders, and takes about five minutes; `--only slack burst` takes two of
its parts. What is compared is measured by turns in the same run, and the middle one of the turns counts.
"""

import argparse
import asyncio
import os
import platform
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bot import log
from tests.bench import acks, activities, bare, burst, commands, fanout, outgoing, replicas, slack, starts, ticks
from tests.bench.house import NUMBERS, Row, Sizes, open_house
from tests.conftest import Postgres, a_postgres

ORDINARY = Sizes(
    commands=150, rounds=10, deliveries=300, ticks=200, starts=5, rhythms=100_000, turns=3, people=1000, shared=1500,
    members=5000, idle=15, cap=100, typed=5, look=5, slash=4000, stream=300, events=20_000,
    activities=1000, slow=512,
)  # fmt: skip
QUICK = Sizes(
    commands=10, rounds=1, deliveries=5, ticks=5, starts=1, rhythms=200, turns=1, people=10, shared=10,
    members=40, idle=3, cap=40, typed=5, look=0.5, slash=40, stream=10, events=40,
    activities=10, slow=10,
)  # fmt: skip
Measured = tuple[list[Row], list[str]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part measures: how much of what, in which folder, on which databases."""

    sizes: Sizes
    folder: Path
    postgres: Postgres

    def stores(self) -> dict[str, str]:
        """Make an empty one of either kind."""
        return {
            "SQLite": f"sqlite:///{self.folder}/{next(NUMBERS)}.db",
            "PostgreSQL": self.postgres.url(self.postgres.create()),
        }


async def _room(place: Place) -> Measured:
    beside = await bare.measure(place.sizes)
    async with open_house(place.folder) as house:
        rows = [*await commands.measure(house, place.sizes, beside), *await acks.measure(house, place.sizes)]
        rows += [*await outgoing.measure(house, place.sizes), *await ticks.idle(house, place.sizes)]
    return [*rows, *await starts.measure(place.sizes, place.folder)], []


async def _slack(place: Place) -> Measured:
    rows, seen = await slack.measure(place.sizes, place.folder)
    return rows, [seen]


async def _teams(place: Place) -> Measured:
    return await activities.measure(place.sizes, place.folder), []


async def _ticks(place: Place) -> Measured:
    few, many = place.stores(), place.stores()
    return [row for name in few for row in await ticks.measure(place.sizes, name, few[name], many[name])], []


async def _fanout(place: Place) -> Measured:
    return await fanout.measure(place.sizes, place.stores()), []


async def _replicas(place: Place) -> Measured:
    return await replicas.measure(place.sizes, place.stores()["PostgreSQL"]), []


async def _burst(place: Place) -> Measured:
    found = [await burst.measure(place.sizes, name, url) for name, url in place.stores().items()]
    return [row for rows, _ in found for row in rows], [seen for _, seen in found]


PARTS: Mapping[str, Callable[[Place], Coroutine[None, None, Measured]]] = {
    "room": _room,
    "slack": _slack,
    "teams": _teams,
    "ticks": _ticks,
    "fanout": _fanout,
    "replicas": _replicas,
    "burst": _burst,
}
"""The program with its room; Slack; Teams; the clock; many people, replicas, and all of that on Monday at nine."""


def measure(sizes: Sizes, parts: Sequence[str]) -> Measured:
    """Take every measurement, one after the other, so that none is in another's way."""
    rows: list[Row] = []
    tables: list[str] = []
    with TemporaryDirectory(prefix="kring-bench-") as name, Path(os.devnull).open("w") as nowhere:
        with redirect_stderr(nowhere):  # logs are written, as in life, and not read
            log.set_up(style="json", level="info", tally=log.Tally())
        with a_postgres(hasty=False) as postgres:
            place = Place(sizes, Path(name), postgres)
            for part in parts:
                found, seen = asyncio.run(PARTS[part](place))
                rows += found
                tables += seen
    return rows, tables


def main(words: Sequence[str] | None = None) -> int:
    """Measure, and print what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="too few of everything to say much, in a few seconds")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="some of the parts")
    given = parser.parse_args(words)
    began = os.getloadavg()[0]
    rows, tables = measure(QUICK if given.quick else ORDINARY, given.only)
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {began:.1f} before\n")
    print(table(rows))
    for seen in tables:
        print(f"\n{seen}")
    return 0


def table(rows: Sequence[Row]) -> str:
    """Lay the rows out in columns."""
    widths = [max(len(row.cells()[column]) for row in rows) for column in range(3)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row.cells(), widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


if __name__ == "__main__":
    sys.exit(main())
