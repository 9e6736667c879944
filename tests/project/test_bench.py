"""The bench runs, and its table has its rows."""

import re
import subprocess
import sys

from tests.project.sizes import ROOT

ROWS = (
    "inbound command",
    "bare aiohttp handler",
    "  so many times that",
    "ack, one at a time",
    "ack, 50 at once",
    "deliveries to the room",
    "idle second",
    "idle second, 1,000 rhythms",
    "cold start, new store",
    "cold start, used store",
)


def test_the_bench_prints_its_table() -> None:
    program = [sys.executable, "-m", "tests.bench", "--quick"]

    outcome = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    assert outcome.returncode == 0, outcome.stderr
    lines = outcome.stdout.splitlines()[2:]
    assert len(lines) == len(ROWS)
    for line, row in zip(lines, ROWS, strict=True):
        assert line.startswith(row)
        assert re.search(r"  .*[0-9]", line.removeprefix(row))
