"""One's own page, put together: what one chose, what Kring keeps of one, and what it holds back until when."""

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from bot.chat.cards import Card, unpack_card
from bot.context import Context
from bot.domain.calendar import local_date
from bot.domain.message_budget import verdict
from bot.features.me import views
from storage import communities, deliveries, mine, nudges
from storage.people import key_of


async def page(context: Context) -> Card:
    """Show the whole of it."""
    known = await mine.counts(context.work, key_of(context.who))
    return views.me(context.voice, context.who, known, await peace(context))


async def peace(context: Context) -> views.Peace:
    """Gather when Kring writes to this person unasked, and what waits for them."""
    who, now = context.who, context.now
    zone = await clock_of(context)
    standing = (await nudges.standing(context.work, [who], zone.key, now))[key_of(who)]
    waiting = [one.nudge for one in await nudges.waiting(context.work, [key_of(who)], now) if one.alive]
    said = await deliveries.held(context.work, [nudge.dedupe_key for nudge in waiting])
    titles = {key: unpack_card(context.work.vault.open(sealed)).summary for key, sealed in said.items()}
    items = [
        views.Item(key_of(nudge), titles[nudge.dedupe_key], nudge.expires_at)
        for nudge in waiting
        if nudge.dedupe_key in titles
    ]
    window = standing.window
    if not window.pauses(now, zone):
        window = replace(window, paused_until=None)
    return views.Peace(standing.chosen, window, zone, items, verdict(standing, now))


async def clock_of(context: Context) -> ZoneInfo:
    """Find the clock that one's hours go by: the zone one set, else that of one's community, the first of several."""
    if context.who.chosen_timezone:
        return ZoneInfo(context.who.chosen_timezone)
    found = [community for community, _ in await communities.of_person(context.work, key_of(context.who))]
    place = context.community or (found[0] if found else context.defaults)
    return ZoneInfo(place.timezone)


async def today(context: Context) -> date:
    """Return the date on this person's wall."""
    return local_date(context.now, await clock_of(context))
