"""`kill -9` at any moment of the play, restart, finish: the same end, nothing twice, nothing lost.

A boundary is a commit that wrote something, in the store or in the room's file, or a send; between two boundaries
nothing changes that a next life could find. How they are watched: `boundaries.py`; how one dies there: `lives.py`.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.faults.boundaries import AGAIN
from tests.project.sizes import ROOT

SHARES = 2  # plays that die side by side, each at its share of the boundaries
PICTURE = "Laag (1 of 2): 1. Midden (3): 1. Hoog (4 of 5): 3. Gemiddeld 3,6; 5 van de 8 antwoordden."


def lives(share: int) -> dict[str, Any]:
    """Live in a process of its own, which may fork as it likes."""
    program = [sys.executable, "-m", "tests.faults.lives", str(share), str(SHARES)]
    outcome = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False, timeout=170)
    assert outcome.returncode == 0, outcome.stderr
    told: dict[str, Any] = json.loads(outcome.stdout)
    return told


@pytest.mark.parametrize("share", range(SHARES))
def test_killed_at_every_commit_and_every_send_the_play_ends_as_it_would_have(
    share: int, record_property: Callable[[str, object], None]
) -> None:
    told = lives(share)

    chain, singles = told["chain"], told["singles"]
    record_property("boundaries", len(told["met"]) // 2)  # each is met before and after
    record_property("deaths", len(chain["died"]) + len(singles))
    assert PICTURE in json.dumps(told["ending"]["seen"], ensure_ascii=False)
    assert set(told["wanted"]) <= set(chain["died"])
    assert [name for name in chain["died"] if name.startswith(AGAIN)] == []
    assert chain["ending"] == told["ending"]
    for single in singles:
        assert len(single["died"]) == 1
        assert single["ending"] == told["ending"], single["died"]
