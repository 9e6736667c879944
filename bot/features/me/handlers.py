"""A person looks at what Kring knows of them, and chooses language and zone; both hold in every community (R58)."""

from collections.abc import Mapping

from bot.chat.actions import Action
from bot.chat.forms import Filled
from bot.chat.messages import Answers, Open, Replace, Reply
from bot.chat.prompts import LANGUAGES
from bot.context import Context
from bot.domain.calendar import zone_name
from bot.errors import UserError
from bot.features.me import views
from bot.features.me.page import page
from bot.features.me.routes import routes
from storage import nudges
from storage.people import key_of


@routes.command("me", nl=("ik",), en=("me",), listed=True, anywhere=True)
async def me(context: Context, _text: str) -> Answers:
    """Show one's own page."""
    return [Reply(await page(context))]


@routes.tap("me.language")
async def language(context: Context, action: Action) -> Answers:
    """Go on in another language."""
    if action.arg not in LANGUAGES:
        raise UserError("chat/stale")
    context.who.chosen_language = action.arg
    return [Replace(await page(context))]


@routes.tap("me.zone")
async def zone(context: Context, action: Action) -> Answers:
    """Open the form for one's zone."""
    return [Open(views.zone_form(context.voice), action)]


@routes.form("me.setzone")
async def set_zone(context: Context, _action: Action, values: Mapping[str, str]) -> Answers:
    """Keep the zone; an unknown one is refused with an example."""
    filled = Filled(values)
    typed = filled.text("timezone", most=views.ZONE_MAX)
    found = zone_name(typed)
    if found is None:
        filled.refuse("timezone", UserError("setup/zone", zone=typed))
    filled.check()
    context.who.chosen_timezone = found
    await nudges.stir(context.work, key_of(context.who), context.now)
    return await me(context, "")
