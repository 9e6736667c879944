"""Kring in Slack as a program, on a store of its own: `python -m tests.bench.inlet` with a `Life` as JSON.

Prints its address when it is ready, and stops on SIGTERM. Where it is not to work, it only takes in: events are kept
and acknowledged, and nobody reads them.
"""

import asyncio
import signal
import sys
from dataclasses import dataclass

from pydantic import TypeAdapter

from bot import log
from bot.config import Settings
from bot.kring import DRAIN_SECONDS
from bot.main import opened_on_platforms
from tests.bench.slash import SIGNING, TOKEN
from tests.conftest import SECRET
from tests.serving import served


@dataclass(frozen=True, slots=True)
class Life:
    """The store, the platform, and whether it works what comes in."""

    store: str
    chat: str
    works: bool = True

    def word(self) -> str:
        """Write what the program is started with."""
        return _LIFE.dump_json(self).decode()


_LIFE: TypeAdapter[Life] = TypeAdapter(Life)


async def live(life: Life) -> None:
    """Run until told to stop."""
    tally, stopping = log.Tally(), asyncio.Event()
    log.set_up(style="json", level="info", tally=tally)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    settings = Settings(
        _env_file=None, database_url=life.store, secret_key=SECRET, slack_api_url=f"{life.chat}/api/",
        slack_bot_token=TOKEN, slack_signing_secret=SIGNING,
    )  # fmt: skip
    async with opened_on_platforms(settings) as kring:
        async with served(kring.web(tally), patience=DRAIN_SECONDS) as address:
            if life.works:
                kring.start()
            print(address, flush=True)
            await stopping.wait()
        await kring.stop()


if __name__ == "__main__":
    asyncio.run(live(_LIFE.validate_json(sys.argv[1])))
