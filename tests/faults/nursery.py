"""Where replicas are born: `python -m tests.faults.nursery` imports Kring once, and every replica is a fork of that.

Takes a specification a line, and says a line for each birth and each death. When its standard input closes, because
whoever started it is done or was killed, every replica ends with it.
"""

import asyncio
import gc
import json
import os
import selectors
import signal
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

from tests.faults import lives, replica
from tests.faults.replica import Spec


class Nursery:
    """Waits for specifications and deaths."""

    def __init__(self) -> None:
        self._children: dict[int, int] = {}
        self._woken, wake = os.pipe()
        self._alive, self._hold = os.pipe()  # whose other end closes when this process is gone
        os.set_blocking(wake, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake)
        self._wake = wake

    def run(self) -> None:
        """Go on until the input closes."""
        with selectors.DefaultSelector() as selector:
            selector.register(sys.stdin.fileno(), selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            left = b""
            while True:
                for key, _ in selector.select():
                    read = os.read(key.fd, 65536)
                    if key.fd == self._woken:
                        self._bury()
                        continue
                    if not read:
                        return
                    *lines, left = (left + read).split(b"\n")
                    for line in lines:
                        self._bear(line)

    def end(self) -> None:
        """Let nobody outlive this process."""
        for child in self._children:
            os.kill(child, signal.SIGKILL)

    def _bear(self, line: bytes) -> None:
        told = json.loads(line)
        spec = Spec(**{**told, "die": tuple(told["die"]) if told["die"] else None})
        child = os.fork()
        if child == 0:
            os._exit(self._life(spec))
        self._children[child] = spec.number
        _say(born=spec.number, pid=child)

    def _bury(self) -> None:
        for child, status in _dead():
            _say(died=self._children.pop(child), pid=child, status=os.waitstatus_to_exitcode(status))

    def _life(self, spec: Spec) -> int:
        """Live in a fork: nothing may get out of here, or there would be two nurseries."""
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for inherited in (self._hold, self._wake, self._woken, 0, 1):
                os.close(inherited)
            diary = os.open(Path(spec.folder) / f"{spec.number}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.dup2(diary, 2)
            asyncio.run(self._life_of(spec))
        except BaseException:  # noqa: BLE001 - whatever it was, its diary tells
            traceback.print_exc()
            return 1
        return 0

    async def _life_of(self, spec: Spec) -> None:
        asyncio.get_running_loop().add_reader(self._alive, os._exit, 2)
        await replica.live(spec)


def _dead() -> Iterator[tuple[int, int]]:
    while True:
        try:
            child, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if child == 0:
            return
        yield child, status


def _say(**words: object) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    lives.quiet()
    replica.prepare()
    gc.freeze()
    nursery = Nursery()
    _say(ready=True)
    try:
        nursery.run()
    finally:
        nursery.end()
