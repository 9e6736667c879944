"""The clock asks a check-in, and closes it."""

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.chat.actions import Action
from bot.chat.cards import Card
from bot.chat.messages import Answer, Answers, Channel, Person, Post, Update
from bot.chat.prompts import Voice
from bot.chat.router import Audience
from bot.context import Context
from bot.domain.checkin import RunState, closes_at
from bot.domain.message_budget import Importance
from bot.errors import UserError
from bot.features.checkin import tally, views
from bot.features.checkin.routes import routes
from storage import checkins, coming, occurrences, rhythms, timers
from storage.checkins import CheckIn, Run, key_of
from storage.rhythms import Rhythm

NOTE_LASTS = timedelta(days=10)  # chosen: longer than a full week; later it is of no use to a facilitator any more


@routes.due("checkin")
async def ask(context: Context, action: Action) -> Answers:
    """Ask everyone in the channel, once a slot."""
    found = await _rhythm(context, action)
    return await open_run(context, found[1], action.arg) if found else []


@routes.tap("checkin.now")
async def now(context: Context, action: Action) -> Answers:
    """Ask at once, beside the rhythm."""
    check_in = await checkins.get(context.work, action.id or 0)
    if check_in is None:
        raise UserError("chat/stale")
    await context.lead(check_in.community_id)
    return await open_run(context, check_in, f"now:{context.now.isoformat()}")


@routes.command("checkin.now", nl=("check-in nu",), en=("check-in now",), audience=Audience.FACILITATORS)
async def command_now(context: Context, _text: str) -> Answers:
    """Ask the latest check-in at once."""
    going = {row.id for row in await rhythms.of_community(context.work, key_of(context.here))}
    planned = await checkins.of_community(context.work, key_of(context.here))
    latest = next((row for row in reversed(planned) if row.rhythm_id in going), None)
    if latest is None:
        raise UserError("checkin/none")
    return await now(context, Action("checkin.now", latest.id))


async def open_run(context: Context, check_in: CheckIn, slot: str) -> Answers:
    """Make the run and its root post."""
    closes = closes_at(context.now, ZoneInfo(context.here.timezone))
    run = Run(check_in_id=key_of(check_in), local_slot=slot, opened_at=context.now, closes_at=closes)
    await checkins.add(context.work, run)
    here = key_of(context.here)
    await timers.set_timer(context.work, "checkin.close", key_of(run), community_id=here, due_at=closes)
    card = views.ask(context.channel_voice, check_in, run)
    replies = Action("checkin.answer", run.id)
    return [Post(Channel(context.here.conversation), card, tally.root(run), replies, lasts=closes - context.now)]


@routes.due("checkin.close")
async def close(context: Context, action: Action) -> Answers:
    """Take no more answers, and sum up for the last time."""
    found = await checkins.run_of(context.work, action.id or 0)
    if found is None:
        return []
    run, check_in = found
    run.state = RunState.CLOSED
    await checkins.add(context.work, run)
    answers = await checkins.answers_of(context.work, key_of(run))
    closing: Answer = Update(tally.root(run), views.closed(context.channel_voice, check_in, len(answers)))
    return [closing, *await tally.summed(context, run, check_in)]


@routes.due("checkin.late")
async def late(context: Context, action: Action) -> Answers:
    """Tell the facilitators what was not asked, all of it at once, and when the next one is."""
    found = await _rhythm(context, action)
    if found is None:
        return []
    rhythm, check_in = found
    missed = await occurrences.say_missed(context.work, key_of(rhythm))
    if not missed.slots:
        return []
    following = await coming.following(context.work, rhythm)
    key = f"checkin:late:{rhythm.id}:{missed.slots[-1]}"
    return await _notes(context, key, lambda voice: views.late(voice, check_in, missed, following))


@routes.due("checkin.free")
async def free(context: Context, action: Action) -> Answers:
    """Tell the facilitators, once for several free days in a row, that nothing is asked, and when the next one is."""
    found = await _rhythm(context, action)
    skipped = await occurrences.at(context.work, action.id or 0, action.arg)
    if found is None or skipped is None:
        return []
    rhythm, check_in = found
    following = await coming.following(context.work, rhythm)
    key = f"checkin:free:{rhythm.id}:{action.arg}"
    return await _notes(context, key, lambda voice: views.free(voice, check_in, skipped, following))


async def _rhythm(context: Context, action: Action) -> tuple[Rhythm, CheckIn] | None:
    rhythm = await rhythms.get(context.work, action.id or 0)
    check_in = await checkins.get(context.work, rhythm.subject_id or 0) if rhythm else None
    return (rhythm, check_in) if rhythm and check_in else None


async def _notes(context: Context, key: str, view: Callable[[Voice], Card]) -> Answers:
    """Tell every facilitator, each in their own language: a note, that nobody asked for."""
    return [
        Post(Person(person.user_id), view(context.voice_for(person)), f"{key}:{member.id}", lasts=NOTE_LASTS,
             nudge=Importance.NOTE)
        for member, person in await context.facilitators()
    ]  # fmt: skip
