"""How fast Kring is on this machine, as tables: `make bench`, or `python -m tests.bench --quick` for a taste of it.

Everything stays on loopback and in temporary folders, and takes about four minutes. What is compared is measured by
turns in the same run, and the middle one of the turns counts.
"""

import argparse
import asyncio
import os
import platform
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr
from pathlib import Path
from tempfile import TemporaryDirectory

from bot import log
from tests.bench import acks, bare, burst, commands, fanout, outgoing, replicas, starts, ticks
from tests.bench.house import NUMBERS, Row, Sizes, open_house
from tests.conftest import Postgres, a_postgres

ORDINARY = Sizes(
    commands=150, rounds=10, deliveries=300, ticks=200, starts=5, rhythms=100_000, turns=3, people=1000, shared=1500,
    members=5000, idle=15, cap=100, typed=5, look=5,
)  # fmt: skip
QUICK = Sizes(
    commands=10, rounds=1, deliveries=5, ticks=5, starts=1, rhythms=200, turns=1, people=10, shared=10,
    members=40, idle=3, cap=40, typed=5, look=0.5,
)  # fmt: skip
Measured = tuple[list[Row], list[str]]


async def alone(sizes: Sizes, folder: Path) -> list[Row]:
    """Measure the program with its room, on SQLite."""
    beside = await bare.measure(sizes)
    async with open_house(folder) as house:
        rows = [*await commands.measure(house, sizes, beside), *await acks.measure(house, sizes)]
        rows += [*await outgoing.measure(house, sizes), *await ticks.idle(house, sizes)]
    return [*rows, *await starts.measure(sizes, folder)]


async def many(sizes: Sizes, folder: Path, postgres: Postgres) -> Measured:
    """Measure what has to hold for many: rhythms, people, replicas; on either database, one after the other."""

    def stores() -> dict[str, str]:
        return {"SQLite": f"sqlite:///{folder}/{next(NUMBERS)}.db", "PostgreSQL": postgres.url(postgres.create())}

    rows, tables = [], []
    few = stores()
    for name, url in stores().items():
        rows += await ticks.measure(sizes, name, few[name], url)
    rows += await fanout.measure(sizes, stores())
    rows += await replicas.measure(sizes, stores()["PostgreSQL"])
    for name, url in stores().items():
        found, seen = await burst.measure(sizes, name, url)
        rows += found
        tables.append(seen)
    return rows, tables


def measure(sizes: Sizes) -> Measured:
    """Take every measurement, one after the other, so that none is in another's way."""
    with TemporaryDirectory(prefix="kring-bench-") as name, Path(os.devnull).open("w") as nowhere:
        folder = Path(name)
        with redirect_stderr(nowhere):  # logs are written, as in life, and not read
            log.set_up(style="json", level="info", tally=log.Tally())
        rows = asyncio.run(alone(sizes, folder))
        with a_postgres(hasty=False) as postgres:
            more, tables = asyncio.run(many(sizes, folder, postgres))
    return [*rows, *more], tables


def main(words: Sequence[str] | None = None) -> int:
    """Measure, and print what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="too few of everything to say much, in a few seconds")
    sizes = QUICK if parser.parse_args(words).quick else ORDINARY
    began = os.getloadavg()[0]
    rows, tables = measure(sizes)
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
