"""The long form of the fault suite: `make faults`, or `python -m tests.faults.long [--quick] [--seed N]`.

Prints a line for each scenario as it ends, and what is wrong below it; ends with 1 when anything is.
"""

import argparse
import asyncio
import logging
import sys
import warnings
from contextlib import ExitStack

import structlog

from tests.faults.cluster import cluster
from tests.faults.scenario import Outcome, Scenario
from tests.faults.scenarios import long, short
from tests.faults.season import play

COLUMNS = ("scenario", "window", "engine", "store", "replicas", "knows", "kills", "expected", "lost", "twice",
           "allowed", "late", "seconds")  # fmt: skip
_WIDTHS = (26, 16, 20, 10, 8, 7, 5, 8, 4, 5, 7, 4, 7)


def line(*cells: object) -> str:
    """One line of the table."""
    return "  ".join(f"{cell!s:<{width}}" for cell, width in zip(cells, _WIDTHS, strict=True)).rstrip()


def told(outcome: Outcome) -> str:
    """Say in a line what became of a scenario."""
    one, found = outcome.scenario, outcome.verdict
    store = "postgresql" if one.postgresql else "sqlite"
    return line(
        one.name, one.window, outcome.engine, store, one.replicas, one.knows, len(outcome.kills),
        found.expected, len(found.lost), found.twice, outcome.allowed, found.late, f"{outcome.seconds:.1f}",
    )  # fmt: skip


async def _all(scenarios: list[Scenario]) -> int:
    wrong = 0
    with ExitStack() as stack:
        database = stack.enter_context(cluster())
        print(line(*COLUMNS), flush=True)
        for scenario in scenarios:
            outcome = await play(scenario, database if scenario.postgresql else None)
            print(told(outcome), flush=True)
            for note in outcome.notes:
                print(f"    ({note})", flush=True)
            for problem in outcome.wrong:
                wrong += 1
                print(f"    {problem}", flush=True)
    return wrong


def main() -> int:
    """Play, and say whether all was well."""
    parser = argparse.ArgumentParser(description="Kring under bad luck")
    parser.add_argument("--quick", action="store_true", help="only the handful that runs with the tests")
    parser.add_argument("--seed", type=int, default=1, help="throw other dice")
    parser.add_argument("--only", default="", help="only scenarios whose name holds this")
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR")
    scenarios = [one for one in (short if asked.quick else long)(asked.seed) if asked.only in one.name]
    return 1 if asyncio.run(_all(scenarios)) else 0


if __name__ == "__main__":
    sys.exit(main())
