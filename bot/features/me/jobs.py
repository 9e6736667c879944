"""The clock looks at what is held back: it goes, goes as one with what else waits, waits on, or is dropped."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.chat.actions import Action
from bot.chat.cards import Card, unpack_card
from bot.chat.messages import Answer, Answers, Post, Release
from bot.chat.messages import Person as Direct
from bot.context import Context
from bot.domain.message_budget import Importance, Standing, verdict
from bot.features.me import views
from bot.features.me.routes import routes
from storage import deliveries, nudges
from storage.nudges import RELEASE, Nudge, NudgeState
from storage.people import Person, key_of

NEXT_LIST = timedelta(days=1)  # chosen: what one list does not hold is not named in a second on the same day
AT_ONCE = 200  # chosen: persons in one transaction; who is left is looked at in the next, a moment later


@routes.due(RELEASE)
async def release(context: Context, action: Action) -> Answers:
    """Look at everyone in this community for whom something waits until now, over all their communities."""
    work, now, here = context.work, context.now, action.id or 0
    persons = await nudges.due(work, here, now, AT_ONCE)
    waiting = await nudges.waiting(work, [key_of(person) for person in persons], now)
    held = await deliveries.held(work, [one.nudge.dedupe_key for one in waiting])
    gone = [one.nudge for one in waiting if not one.alive or one.nudge.dedupe_key not in held]
    _settle(gone, NudgeState.DROPPED)
    await deliveries.withdraw(work, [nudge.dedupe_key for nudge in gone], "too late")
    standings = await nudges.standing(work, persons, context.voice.zone.key, now)
    answers: list[Answer] = []
    for person in persons:
        theirs = [one.nudge for one in waiting if one.nudge.person_id == person.id and one.nudge.look_at is not None]
        cards = {nudge.dedupe_key: unpack_card(work.vault.open(held[nudge.dedupe_key])) for nudge in theirs}
        answers += _turn(context, person, standings[key_of(person)], theirs, cards)
    await nudges.ring(work, here)
    return answers


def _turn(
    context: Context, person: Person, standing: Standing, waiting: Sequence[Nudge], cards: Mapping[str, Card]
) -> list[Answer]:
    """Do what is right for one person at this moment, with what waits, the most important first."""
    held = [nudge for nudge in waiting if nudge.state == NudgeState.HELD]
    found = verdict(standing, context.now)
    if not held or found.at != context.now:
        _wait(held, found.at)
        return []
    if found.ask:
        return [_question(context, person, held)]
    if any(Importance(nudge.importance).asks for nudge in held[: views.ITEMS_MOST]):
        person.unanswered += 1
    if len(held) == 1:
        _settle(held, NudgeState.SENT, context.now)
        return [Release((held[0].dedupe_key,))]
    return [_merged(context, person, held, cards)]


def _question(context: Context, person: Person, held: Sequence[Nudge]) -> Answer:
    """Ask once whether to leave them in peace; until they do something, nothing more goes."""
    person.peace_asked = True
    _wait(held, None)
    card = views.peace(context.voice_for(person), person.message_budget)
    return _counted(context, person, f"me:peace:{held[0].id}", card, Importance.OTHER, once=True)


def _merged(context: Context, person: Person, held: Sequence[Nudge], cards: Mapping[str, Card]) -> Answer:
    """Name what waits in one message, which counts as one; each is shown to who asks for it, until it is too late."""
    named = held[: views.ITEMS_MOST]
    for nudge in named:
        nudge.state, nudge.look_at = NudgeState.LISTED, nudge.expires_at
    _wait(held[views.ITEMS_MOST :], context.now + NEXT_LIST)
    items = [views.Item(key_of(nudge), cards[nudge.dedupe_key].summary, nudge.expires_at) for nudge in named]
    card = views.waiting(context.voice_for(person), items)
    return _counted(context, person, f"me:waiting:{named[0].id}", card, Importance(named[0].importance))


def _counted(
    context: Context, person: Person, key: str, card: Card, importance: Importance, *, once: bool = False
) -> Answer:
    """Make a message that counts in the budget, as it is: it was weighed here. Nobody else ever hears of it."""
    assert context.community is not None  # noqa: S101 - the clock rings for a community
    post = Post(Direct(person.user_id), card, key, missed=False, once=once)
    row = nudges.a_row(
        key, key_of(person), key_of(context.community), importance, context.now, context.now + post.lasts
    )
    context.work.session.add(Nudge(**row))
    return post


def _settle(some: Sequence[Nudge], state: NudgeState, at: datetime | None = None) -> None:
    for nudge in some:
        nudge.state, nudge.look_at, nudge.at = state, None, at or nudge.at


def _wait(some: Sequence[Nudge], until: datetime | None) -> None:
    """Look again when there may be room, and at the latest when it is too late."""
    for nudge in some:
        nudge.look_at = min(until or nudge.expires_at, nudge.expires_at)
