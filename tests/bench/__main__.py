"""How fast Kring is on this machine, as one table: `make bench`, or `python -m tests.bench --quick` for a taste of it.

Everything stays on loopback and in a temporary folder, and takes less than a minute.
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
from tests.bench import acks, bare, commands, outgoing, starts, ticks
from tests.bench.house import Row, Sizes, open_house

ORDINARY = Sizes(commands=150, rounds=10, deliveries=300, ticks=200, starts=5)
QUICK = Sizes(commands=10, rounds=1, deliveries=5, ticks=5, starts=1)


async def measure(sizes: Sizes, folder: Path) -> list[Row]:
    """Take every measurement, one after the other, so that none is in another's way."""
    beside = await bare.measure(sizes)
    async with open_house(folder) as house:
        rows = [*await commands.measure(house, sizes, beside), *await acks.measure(house, sizes)]
        rows += [*await outgoing.measure(house, sizes), *await ticks.measure(house, sizes)]
    return [*rows, *await starts.measure(sizes, folder)]


def main(words: Sequence[str] | None = None) -> int:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="too few of everything to say much, in a few seconds")
    sizes = QUICK if parser.parse_args(words).quick else ORDINARY
    with TemporaryDirectory(prefix="kring-bench-") as folder, Path(os.devnull).open("w") as nowhere:
        with redirect_stderr(nowhere):  # logs are written, as in life, and not read
            log.set_up(style="json", level="info", tally=log.Tally())
        rows = asyncio.run(measure(sizes, Path(folder)))
    print(f"Python {platform.python_version()}, SQLite, {os.cpu_count()} cores\n")
    print(table(rows))
    return 0


def table(rows: Sequence[Row]) -> str:
    """Lay the rows out in columns."""
    widths = [max(len(row.cells()[column]) for row in rows) for column in range(3)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row.cells(), widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


if __name__ == "__main__":
    sys.exit(main())
