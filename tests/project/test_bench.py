"""The bench runs, and its tables have their rows."""

import re
import subprocess
import sys

import pytest

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
    "bare Bolt app, commands 32 at once",
    "taken in, commands 32 at once",
    "  so many times that",
    "bare Bolt app, commands one at a time",
    "taken in, commands one at a time",
    "  so many times that",
    "ack at 100 a second, bare aiohttp",
    "ack at 100 a second, taken in",
    "  so much more",
    "ack at 100 a second, worked",
    "  so much more",
    "memory after 40 events",
    "activities, stock adapter",
    "activities, our seam",
    "  so many times the stock adapter",
    "  tokens fetched",
    "  the loop held up at most",
    "activities, all of Kring",
    "  so many times the stock adapter",
    "  the loop held up at most",
    "connector takes 200 ms, stock adapter",
    "connector takes 200 ms, our seam",
    "  so many times the stock adapter",
    "connector takes 200 ms, all of Kring",
    "  so many times the stock adapter",
    "tick, 10 due of 100, SQLite",
    "tick, 10 due of 200, SQLite",
    "  so many times that",
    "tick, 10 due of 100, PostgreSQL",
    "tick, 10 due of 200, PostgreSQL",
    "  so many times that",
    "bare slack-sdk, one after the other",
    "bare slack-sdk, 100 at once",
    "fan-out to 10, SQLite",
    "  so many times the bare loop",
    "  with the planning",
    "fan-out to 10, PostgreSQL",
    "  so many times the bare loop",
    "  with the planning",
    "one replica, platform answers after 300 ms",
    "two replicas, platform answers after 300 ms",
    "  so many times one",
    "one replica, platform answers after 0 ms",
    "two replicas, platform answers after 0 ms",
    "  so many times one",
    "Monday at nine, SQLite",
    "  a command before it",
    "  a command during it",
    "  so many times that",
    "Monday at nine, PostgreSQL",
    "  a command before it",
    "  a command during it",
    "  so many times that",
)
HEADS = "second  asked  a second  queue age (s)  memory (MB)  of a core (%)"


@pytest.mark.xdist_group("postgres")
def test_the_bench_prints_its_tables() -> None:
    program = [sys.executable, "-m", "tests.bench", "--quick"]

    outcome = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)

    assert outcome.returncode == 0, outcome.stderr
    _, table, _, memory, *bursts = outcome.stdout.strip("\n").split("\n\n")
    lines = table.splitlines()
    assert len(lines) == len(ROWS)
    for line, row in zip(lines, ROWS, strict=True):
        assert line.startswith(row)
        assert re.search(r"  .*[0-9]", line.removeprefix(row))
    assert re.fullmatch(r" *events  memory \(MB\)(\n +[0-9]+ +[0-9.]+){11}", memory)
    assert [seen.splitlines()[0] for seen in bursts[1::2]] == [HEADS, HEADS]
    assert all(re.fullmatch(r"( +[0-9]+){6}", line) for seen in bursts[1::2] for line in seen.splitlines()[1:])


@pytest.mark.xdist_group("postgres")
def test_the_bench_measures_only_what_was_asked_for() -> None:
    program = [sys.executable, "-m", "tests.bench", "--quick", "--only", "room"]

    outcome = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)

    assert outcome.returncode == 0, outcome.stderr
    assert "inbound command" in outcome.stdout
    assert "Monday" not in outcome.stdout
