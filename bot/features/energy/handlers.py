"""A member logs their energy, or answers a pulse; a facilitator opens one."""

import re
from datetime import datetime
from statistics import fmean
from zoneinfo import ZoneInfo

from bot.chat.actions import Action
from bot.chat.messages import Answers, Replace, Reply
from bot.context import Context
from bot.domain.calendar import add_working_days, at_local, local_date
from bot.domain.energy import (
    BASELINE,
    JUDGED,
    MIN_N,
    PULSE_OPEN_WORKING_DAYS,
    SCORES,
    SMALL_COMMUNITY,
    Picture,
    Shift,
    disclose,
    reading,
)
from bot.errors import UserError
from bot.features.energy import jobs, views
from bot.features.energy.routes import routes
from storage import people, pulses, timers
from storage.pulses import Pulse, key_of

NOTE_MAX = 300
_LOGGED = re.compile(r"(\S+)\s*(.*)", re.DOTALL)


@routes.command("energy", nl=("energie",), en=("energy",), takes_text=True, listed=True)
async def energy(context: Context, text: str) -> Answers:
    """Log one's own energy, or show what there is."""
    if text:
        score, note = _score(text)
        return await _log(context, score, note)
    here = key_of(context.here)
    mine = await pulses.journal(context.work, key_of(context.who))
    closed, shift = await _closed(context)
    return [Reply(views.overview(context.voice, here, mine, closed, shift, facilitator=context.facilitates()))]


async def _closed(context: Context) -> tuple[list[tuple[datetime, Picture]], Shift]:
    """Return what may be shown of the pulses that closed, newest first, and how the last two compare (5.3)."""
    members = await people.count_present(context.work, key_of(context.here))
    shown, means = [], []
    for pulse in await pulses.latest(context.work, key_of(context.here), BASELINE + JUDGED):
        if pulse.closed_at is None:
            continue
        scores = await pulses.scores(context.work, key_of(pulse))
        shown.append((pulse.closed_at, disclose(scores, invited=pulse.invited, members=members, min_n=pulse.min_n)))
        if len(scores) >= pulse.min_n:
            means.append(fmean(scores))
    return shown, reading(means[::-1])


@routes.tap("energy.log")
async def log(context: Context, action: Action) -> Answers:
    """Log one's own energy with a tap."""
    await context.enter(action.id or 0)
    return await _log(context, _score(action.arg)[0], "")


async def _log(context: Context, score: int, note: str) -> Answers:
    await pulses.log(context.work, key_of(context.who), score, note, at=context.now)
    pulse = await _open_pulse(context) if context.settled() else None
    unasked = pulse if pulse and context.member and not await _has_voted(context, pulse) else None
    return [Reply(views.logged(context.voice, score, unasked))]


def _score(text: str) -> tuple[int, str]:
    found = _LOGGED.fullmatch(text.strip())
    number, note = found.groups() if found else ("", "")
    if not (number.isascii() and number.isdigit() and int(number) in SCORES):
        raise UserError("energy/badscore")
    if len(note) > NOTE_MAX:
        raise UserError("chat/toolong", most=NOTE_MAX, length=len(note))
    return int(number), note


@routes.tap("energy.start")
async def start(context: Context, action: Action) -> Answers:
    """Open a pulse: everyone is asked in private, once. A small community is advised a round instead (5.2.2).

    The clock asks the others, some at a time, so that a large community does not keep anyone waiting. For them it is a
    nudge; who opened it asked for it, and has it at once.
    """
    await context.lead(action.id or 0)
    if await _open_pulse(context):
        raise UserError("energy/running")
    here = key_of(context.here)
    members = await people.count_present(context.work, here)
    if members < SMALL_COMMUNITY and not action.arg:
        return [Reply(views.small(context.voice, here, members))]
    pulse = await _open(context, members)
    opener = key_of(context.me)
    await timers.ring_now(
        context.work, "energy.ask", key_of(pulse), community_id=here, now=context.now, arg=f"0 {opener}"
    )
    card = views.ask(context.voice, context.here.name, pulse)
    mine = jobs.question(context, pulse, context.me, context.who, card)
    return [mine, Replace(views.started(context.voice, pulse))]


async def _open(context: Context, invited: int) -> Pulse:
    zone = ZoneInfo(context.here.timezone)
    last = add_working_days(local_date(context.now, zone), PULSE_OPEN_WORKING_DAYS)
    closes = at_local(last, context.now.astimezone(zone).time(), zone)
    here = key_of(context.here)
    pulse = Pulse(community_id=here, opened_at=context.now, closes_at=closes, invited=invited, min_n=MIN_N)
    await pulses.add(context.work, pulse)
    await timers.set_timer(context.work, "energy.close", key_of(pulse), community_id=here, due_at=closes)
    return pulse


@routes.tap("energy.answer")
async def answer(context: Context, action: Action) -> Answers:
    """Take one tap. It cannot be changed, since nobody can find it again; the card says so."""
    pulse = await _taking(context, action)
    score, _ = _score(action.arg)
    if not await pulses.voted(context.work, key_of(pulse), key_of(context.me)):
        raise UserError("energy/already")
    on = local_date(context.now, ZoneInfo(context.here.timezone))
    await pulses.score(context.work, key_of(pulse), score, on=on)
    return [Replace(views.said(context.voice, "thanks", closes=context.voice.day(pulse.closes_at), least=pulse.min_n))]


@routes.tap("energy.skip")
async def skip(context: Context, action: Action) -> Answers:
    """Leave someone in peace; nothing is kept."""
    await _taking(context, action)
    return [Replace(views.said(context.voice, "skipped"))]


async def _taking(context: Context, action: Action) -> Pulse:
    pulse = await pulses.get(context.work, action.id or 0)
    if pulse is None:
        raise UserError("chat/stale")
    await context.enter(pulse.community_id)
    if context.me.left_at is None and pulse.closed_at is not None:
        raise UserError("energy/closed")
    return pulse


async def _open_pulse(context: Context) -> Pulse | None:
    latest = await pulses.latest(context.work, key_of(context.here), 1)
    return latest[0] if latest and latest[0].closed_at is None else None


async def _has_voted(context: Context, pulse: Pulse) -> bool:
    return await pulses.has_voted(context.work, key_of(pulse), key_of(context.me))
