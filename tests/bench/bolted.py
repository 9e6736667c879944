"""A bare Bolt app as a program: what its guide begins with, and `/kring` is acknowledged with nothing done.

`python -m tests.bench.bolted` with the address of the chat platform; prints its own. Bolt verifies the requests, asks
once whose the token is, and stands behind its own web application on aiohttp, which keeps no log of requests. It
answers before it works (`process_before_response`), as Kring does; by default Bolt looks every 10 ms whether it may.
"""

import asyncio
import sys

from aiohttp import web
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms.slack.app import PATH
from tests.bench.programs import serve
from tests.bench.slash import SIGNING, TOKEN


async def acknowledge(ack: AsyncAck) -> None:
    """Do no more than that."""
    await ack()


def application(chat: str) -> web.Application:
    """Bolt's own."""
    client = AsyncWebClient(TOKEN, base_url=f"{chat}/api/")
    bolt = AsyncApp(client=client, signing_secret=SIGNING, process_before_response=True)
    bolt.command("/kring")(acknowledge)
    return bolt.web_app(PATH)


if __name__ == "__main__":
    asyncio.run(serve(application(sys.argv[1])))
