"""One Kring as a program, on a store that was furnished: all of its parts, its web pages, and the loopback platform.

`python -m tests.bench.replica` with a `Life` as JSON; prints its address when it is ready, and stops on SIGTERM.
"""

import asyncio
import signal
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter

from bot import log
from bot.kring import DRAIN_SECONDS
from tests.bench.crowd import opened
from tests.bench.loopback import SlackMessenger, calling
from tests.serving import served


@dataclass(frozen=True, slots=True)
class Life:
    """The store, the platform, its cap (posts a second, 0 for none), and how far its clock is put forward (seconds)."""

    store: str
    chat: str
    cap: float = 0.0
    ahead: float = 0.0

    def word(self) -> str:
        """Write what the program is started with."""
        return _LIFE.dump_json(self).decode()


_LIFE: TypeAdapter[Life] = TypeAdapter(Life)


@dataclass(frozen=True, slots=True)
class AheadClock:
    """Runs as the machine's does, so much later."""

    by: timedelta

    def now(self) -> datetime:
        """Return the instant."""
        return datetime.now(UTC) + self.by


async def live(life: Life) -> None:
    """Run until told to stop."""
    tally, stopping = log.Tally(), asyncio.Event()
    log.set_up(style="json", level="info", tally=tally)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    clock = AheadClock(timedelta(seconds=life.ahead))
    async with calling(life.chat) as client, opened(life.store, SlackMessenger(client, life.cap), clock) as circle:
        async with served(circle.kring.web(tally), patience=DRAIN_SECONDS) as address:
            circle.kring.start()
            print(address, flush=True)
            await stopping.wait()
        await circle.kring.stop()


if __name__ == "__main__":
    asyncio.run(live(_LIFE.validate_json(sys.argv[1])))
