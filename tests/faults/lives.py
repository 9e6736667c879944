"""Lives of a process, each ended by `kill -9`: `python -m tests.faults.lives 0 2` plays the first of two shares.

Everything is imported and warmed up once, by playing the play undisturbed; every life is a fork of that. A chain of
lives plays one play and dies at every boundary of its share where nobody died yet; then some plays die once and are
finished by the next life. Right before a commit the files are as right after the boundary before it, so nobody
dies there, unless a third word says `all`. Prints as JSON what was met, who died where, and how each play ended.
"""

import asyncio
import functools
import gc
import json
import logging
import os
import signal
import sys
import tempfile
import traceback
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog

from bot.chat import prompts
from tests.faults import boundaries, ending
from tests.faults.boundaries import AGAIN
from tests.faults.world import live

Wanted = Callable[[str], bool]
MOST_LIVES = 2000
SINGLES = 2  # plays that die once


class Reaper:
    """Decides who dies at which boundary. There is one in a process; the lives inherit it."""

    def __init__(self) -> None:
        self.meet: Callable[[str], None] = lambda _: None
        boundaries.watch(lambda name: self.meet(name))  # noqa: PLW0108 - `meet` becomes another one

    def record(self) -> list[str]:
        """Let everyone live and note what they meet."""
        met: list[str] = []
        self.meet = met.append
        return met

    def kill(self, wanted: Wanted, died: Path) -> None:
        """Kill at the first wanted boundary where nobody died yet; `died` remembers, across lives."""
        known = set(died.read_text().splitlines()) if died.exists() else set()

        def meet(name: str) -> None:
            if name.startswith(AGAIN) or (name not in known and wanted(name)):
                with died.open("a") as file:
                    file.write(f"{name}\n")
                if not name.startswith(AGAIN):
                    os.kill(os.getpid(), signal.SIGKILL)

        self.meet = meet


def share_of(name: str, shares: int) -> int:
    """Say in which share a boundary is, so that several plays can die side by side."""
    return zlib.crc32(name.encode()) % shares


def lived(reaper: Reaper, folder: Path, wanted: Wanted) -> bool:
    """Live one life, in a fork; say whether it came to the end of the play. Raises when it failed instead of dying."""
    child = os.fork()
    if child == 0:
        os._exit(_life(reaper, folder, wanted))
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return False
    if status != 0:
        raise RuntimeError((folder / "failed").read_text())
    return True


def _life(reaper: Reaper, folder: Path, wanted: Wanted) -> int:
    try:
        reaper.kill(wanted, folder / "died")
        asyncio.run(live(folder))
    except BaseException:  # noqa: BLE001 - whatever it was, the parent tells it
        (folder / "failed").write_text(traceback.format_exc())
        return 1
    return 0


def undisturbed(reaper: Reaper, folder: Path) -> dict[str, Any]:
    """Play once without dying; this also makes whatever is made at its first use."""
    folder.mkdir()
    met = reaper.record()
    asyncio.run(live(folder))
    reaper.meet = lambda _: None
    return {"met": met, "ending": ending.read(folder)}


def chain(reaper: Reaper, folder: Path, wanted: Wanted) -> dict[str, Any]:
    """Die at every wanted boundary of one play, life after life."""
    folder.mkdir()
    lives = 1
    while not lived(reaper, folder, wanted):
        lives += 1
        if lives > MOST_LIVES:
            raise RuntimeError("the play does not come to an end")
    return {"died": (folder / "died").read_text().splitlines(), "ending": ending.read(folder)}


def single(reaper: Reaper, folder: Path, name: str) -> dict[str, Any]:
    """Die once, there, and finish in the next life."""
    folder.mkdir()
    if lived(reaper, folder, lambda met: met == name) or not lived(reaper, folder, lambda _: False):
        raise RuntimeError(f"nobody died {name}")
    return {"died": (folder / "died").read_text().splitlines(), "ending": ending.read(folder)}


def play(share: int, shares: int, *, everywhere: bool) -> dict[str, Any]:
    """Play undisturbed, then with deaths."""

    def wanted(name: str) -> bool:
        return share_of(name, shares) == share and (everywhere or not name.startswith("before commit"))

    reaper = Reaper()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        told = undisturbed(reaper, folder / "undisturbed")
        gc.freeze()
        mine = [name for name in told["met"] if wanted(name)]
        told["wanted"] = mine
        told["chain"] = chain(reaper, folder / "chain", wanted)
        some = mine[len(mine) // (2 * SINGLES) :: len(mine) // SINGLES]
        told["singles"] = [single(reaper, folder / f"single{n}", name) for n, name in enumerate(some)]
    return told


def quiet() -> None:
    """Write no log and compile every template once, so that a life costs little."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    prompts._environment = functools.cache(prompts._environment)


if __name__ == "__main__":
    quiet()
    json.dump(play(int(sys.argv[1]), int(sys.argv[2]), everywhere="all" in sys.argv), sys.stdout)
