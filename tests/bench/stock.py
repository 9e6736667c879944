"""The stock echo bot: `CloudAdapter` as its own samples use it, without credentials, behind aiohttp.

Without credentials is its best case: with them it asks for a token before every reply. `python -m tests.bench.stock`
prints its address.
"""

import asyncio

from aiohttp import web
from botbuilder.core import ActivityHandler, TurnContext
from botbuilder.integration.aiohttp import CloudAdapter, ConfigurationBotFrameworkAuthentication

from tests.bench.programs import serve


class Nobody:
    """The settings of a bot that is not registered."""

    APP_ID = APP_PASSWORD = APP_TYPE = APP_TENANTID = ""


class Echo(ActivityHandler):  # type: ignore[misc]  # ships no types
    """Says what was said."""

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        """Answer a message."""
        await turn_context.send_activity(turn_context.activity.text)


def application() -> web.Application:
    """Its one route."""
    adapter, bot = CloudAdapter(ConfigurationBotFrameworkAuthentication(Nobody())), Echo()

    async def take(request: web.Request) -> web.Response:
        return await adapter.process(request, bot) or web.Response()

    app = web.Application()
    app.router.add_post("/api/messages", take)
    return app


if __name__ == "__main__":
    asyncio.run(serve(application()))
