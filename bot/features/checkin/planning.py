"""A facilitator plans a check-in: a question, and when it recurs, shown in words before it counts."""

import json
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from bot.chat import times
from bot.chat.actions import Action
from bot.chat.forms import Filled
from bot.chat.messages import Answers, Open, Replace, Reply
from bot.chat.router import Audience
from bot.context import Context
from bot.domain.calendar import at_local, zone
from bot.domain.checkin import MOST_RHYTHMS
from bot.domain.recurrence import LAST_YEAR
from bot.domain.rhythm import Rule, slots
from bot.domain.rule_words import Refusal, begin, understand
from bot.errors import UserError
from bot.features.checkin import views
from bot.features.checkin.routes import routes
from storage import checkins, coming, rhythms
from storage.checkins import CheckIn, key_of
from storage.rhythms import Rhythm, RhythmState


@routes.command("checkin", nl=("check-in", "check-ins"), en=("check-in", "check-ins"),
                audience=Audience.FACILITATORS, listed=True)  # fmt: skip
async def overview(context: Context, _text: str) -> Answers:
    """List what is planned."""
    going = {row.id: row for row in await rhythms.of_community(context.work, key_of(context.here))}
    rows = [
        (check_in, going[check_in.rhythm_id], await coming.following(context.work, going[check_in.rhythm_id]))
        for check_in in await checkins.of_community(context.work, key_of(context.here))
        if check_in.rhythm_id in going
    ]
    return [Reply(views.overview(context.voice, key_of(context.here), rows))]


@routes.command("checkin.new", nl=("check-in nieuw", "nieuwe check-in"), en=("check-in new", "new check-in"),
                audience=Audience.FACILITATORS)  # fmt: skip
async def new(context: Context, _text: str) -> Answers:
    """Open the form, as long as there is room for another."""
    community = key_of(context.here)
    await _room_for_one(context)
    return [Open(views.form(context.voice, community), Action("checkin.new", community))]


@routes.tap("checkin.new")
async def tap_new(context: Context, action: Action) -> Answers:
    """Open the form from a button."""
    await context.lead(action.id or 0)
    return await new(context, "")


@routes.form("checkin.create")
async def create(context: Context, action: Action, values: Mapping[str, str]) -> Answers:
    """Keep a draft and show what was understood; it counts when the facilitator says so."""
    await context.lead(action.id or 0)
    await _room_for_one(context)
    rule, question, options = _read(context, values)
    draft, rhythm = await _drafted(context, action.arg, rule)
    await rhythms.add(context.work, rhythm)
    draft.question, draft.options, draft.rhythm_id = question, json.dumps(options), rhythm.id
    await checkins.add(context.work, draft)
    rhythm.subject_id = draft.id
    ahead = slots(rule, context.now, views.PREVIEWED)
    start = values.get("start", "").strip()
    return [Reply(views.preview(context.voice, draft, rhythm, ahead, start))]


async def _room_for_one(context: Context) -> None:
    if len(await rhythms.of_community(context.work, key_of(context.here))) >= MOST_RHYTHMS:
        raise UserError("checkin/enough", most=MOST_RHYTHMS)


def _read(context: Context, values: Mapping[str, str]) -> tuple[Rule, str, list[str]]:
    filled = Filled(values)
    question = filled.text("question", most=views.QUESTION_MAX)
    options = _options(filled)
    rule = _rule(context, filled)
    filled.check()
    assert rule is not None  # noqa: S101 - `check` refused what gave none
    return rule, question, options


def _options(filled: Filled) -> list[str]:
    typed = filled.text("options", most=views.OPTIONS_MAX, required=False)
    options = list(dict.fromkeys(option.strip() for option in typed.split(",") if option.strip()))
    if len(options) == 1 or len(options) > views.OPTIONS_MOST or any(len(one) > views.OPTION_MAX for one in options):
        filled.refuse("options", UserError("checkin/badoptions", most=views.OPTIONS_MOST, length=views.OPTION_MAX))
    return options


def _rule(context: Context, filled: Filled) -> Rule | None:
    """Understand when, and refuse a rule that never comes. It begins at the start date, or else at its first time."""
    typed = filled.text("when", most=views.WHEN_MAX)
    spoken = understand(typed, context.now, context.here.timezone)
    if isinstance(spoken, Refusal):
        filled.refuse("when", UserError(f"rhythm/{spoken.value.replace('_', '')}"))
        return None
    start, until = _date(filled, "start"), _date(filled, "until")
    since = _since(context, start)
    rule = begin(spoken, since, context.here.timezone)
    rule = rule and Rule(rule.rrule, rule.start, rule.zone, until)
    if rule is None or not slots(rule, since, 1):
        filled.refuse("until" if until else "start" if start else "when", UserError("rhythm/never"))
    return rule


def _since(context: Context, start: date | None) -> datetime:
    """The instant after which the first time is: now, or just before a start date that is still to come."""
    place = zone(context.here.timezone)
    if start is None or place is None:
        return context.now
    return max(context.now, at_local(start, time(), place) - timedelta(seconds=1))


def _date(filled: Filled, name: str) -> date | None:
    typed = filled.text(name, most=10, required=False)
    try:
        found = date.fromisoformat(typed) if typed else None
    except ValueError:
        found = date.max
    if found and found.year > LAST_YEAR:
        filled.refuse(name, UserError("rhythm/baddate"))
        return None
    return found


async def _drafted(context: Context, number: str, rule: Rule) -> tuple[CheckIn, Rhythm]:
    """Write the rule into the draft that is being changed; what is no draft any more is left alone, for a new one."""
    here = key_of(context.here)
    draft = await checkins.get(context.work, int(number)) if number.isdigit() else None
    rhythm = await rhythms.get(context.work, draft.rhythm_id, lock=True) if draft and draft.rhythm_id else None
    if draft and rhythm and draft.community_id == here and rhythm.state == RhythmState.DRAFT:
        rhythm.take(rule)
        return draft, rhythm
    new = CheckIn(community_id=here, question="", created_at=context.now)
    return new, rhythms.draft(here, "checkin", rule)


@routes.tap("checkin.confirm")
async def confirm(context: Context, action: Action) -> Answers:
    """Let it count from now on."""
    check_in, rhythm = await _planned(context, action)
    if rhythm.state != RhythmState.DRAFT:
        raise UserError("chat/stale")
    await rhythms.resume(context.work, rhythm, now=context.now)
    first = await coming.following(context.work, rhythm)
    if first is None:
        raise UserError("rhythm/never")
    return [Replace(views.confirmed(context.voice, check_in, first))]


@routes.tap("checkin.change")
async def change(context: Context, action: Action) -> Answers:
    """Open the form again, with what was filled in."""
    check_in, rhythm = await _planned(context, action)
    if rhythm.state != RhythmState.DRAFT:
        raise UserError("chat/stale")
    when = times.rule(context.voice, rhythm.rrule, rhythm.start_local)
    planned = views.Planned(when, action.arg, rhythm.until_on or "")
    return [Open(views.form(context.voice, key_of(context.here), check_in, planned), action)]


@routes.tap("checkin.cancel")
async def cancel(context: Context, action: Action) -> Answers:
    """Forget a draft."""
    _, rhythm = await _planned(context, action)
    if rhythm.state != RhythmState.DRAFT:
        raise UserError("chat/stale")
    await rhythms.end(context.work, rhythm)
    return [Replace(views.said(context.voice, "cancelled"))]


@routes.tap("checkin.stop")
async def stop(context: Context, action: Action) -> Answers:
    """Ask no more; what was answered stays."""
    check_in, rhythm = await _planned(context, action)
    await rhythms.end(context.work, rhythm)
    return [Reply(views.said(context.voice, "stopped", question=check_in.question))]


async def _planned(context: Context, action: Action) -> tuple[CheckIn, Rhythm]:
    check_in = await checkins.get(context.work, action.id or 0)
    rhythm = await rhythms.get(context.work, check_in.rhythm_id, lock=True) if check_in and check_in.rhythm_id else None
    if check_in is None or rhythm is None or rhythm.state == RhythmState.ENDED:
        raise UserError("chat/stale")
    await context.lead(check_in.community_id)
    return check_in, rhythm
