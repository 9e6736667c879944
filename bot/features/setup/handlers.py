"""Kring is invited, set up, changed, and taken out."""

from collections.abc import Callable, Mapping

from bot.chat.actions import Action
from bot.chat.cards import Card
from bot.chat.events import Invited, Restored, Uninstalled
from bot.chat.forms import Filled
from bot.chat.messages import Answer, Answers, Channel, Open, Person, Post, Reply
from bot.chat.prompts import LANGUAGES, Voice
from bot.chat.router import Audience
from bot.context import Context
from bot.domain.calendar import zone_name
from bot.domain.free_calendar import shortened
from bot.domain.message_budget import Importance
from bot.errors import UserError
from bot.features.setup import views
from bot.features.setup.routes import routes
from storage import communities, installations, people, rhythms
from storage.communities import Community, key_of

Notice = Callable[[Voice, Community], Card]


@routes.event("invited")
async def invited(context: Context) -> Answers:
    """Know the channel and who is in it; ask whoever invited Kring what the community is about.

    That is no nudge: it answers what they did. Back in a community that somebody leads, Kring only says so to them: who
    invites it again does not lead by that.
    """
    community = await _community(context)
    community.left_at = None
    await communities.add(context.work, community)
    await _meet(context, community)
    if context.settled() and await context.facilitators():
        return await _tell(context, views.back)
    event = context.event
    await _make_facilitator(context, community)
    # A second invitation is a new question: Kring had been taken out of the channel in between.
    key = f"setup:{community.id}:invited:{event.id if event else ''}"
    return [Post(Person(context.who.user_id), views.invited(context.voice, community), key)]


async def _meet(context: Context, community: Community) -> None:
    """Know who is in the channel, and let go who left while Kring was not in it; nobody, where nobody is known."""
    event = context.event
    there = event.body.members if event and isinstance(event.body, Invited) else ()
    for user in there:
        person = await people.known(
            context.work,
            platform=context.platform,
            workspace=context.workspace,
            user_id=user.id,
            name=user.name,
            language=user.language,
            timezone=user.timezone,
        )
        await people.join(context.work, key_of(community), key_of(person), at=context.now)
    ids = {user.id for user in there}
    for member, person in await people.present(context.work, key_of(community)):
        if ids and person.user_id not in ids:
            member.left_at = context.now
            context.work.session.add(member)


@routes.event("removed")
async def removed(context: Context) -> Answers:
    """Fall silent in a channel that Kring was taken out of, and tell who leads it; said twice is told once."""
    return await _fall_silent(context, views.removed)


@routes.event("archived")
async def archived(context: Context) -> Answers:
    """Fall silent in a channel that was archived, and tell who leads it."""
    return await _fall_silent(context, views.archived)


@routes.event("restored")
async def restored(context: Context) -> Answers:
    """Go on in a channel that came back, from the archive or to Kring, and tell who leads it."""
    if context.community is None or context.community.left_at is None:
        return []
    context.community.left_at = None
    await communities.add(context.work, context.community)
    again = context.event.body if context.event else None
    return await _tell(context, views.back if isinstance(again, Restored) and again.invited else views.restored)


@routes.event("renamed")
async def renamed(context: Context) -> Answers:
    """Call a channel by its new name, until it is a community with a name of its own."""
    community, event = context.community, context.event
    if community and event and event.place.name and community.set_up_at is None:
        community.name = shortened(event.place.name, views.NAME_MAX)
        await communities.add(context.work, community)
    return []


@routes.event("uninstalled")
async def uninstalled(context: Context) -> Answers:
    """Fall silent in the whole workspace and forget its key; one that was given since then is another's."""
    event = context.event
    if event and isinstance(event.body, Uninstalled):
        where = (context.platform, context.workspace)
        await communities.leave(context.work, *where, at=context.now)
        await installations.erase(context.work, *where, given_before=event.body.at)
    return []


async def _fall_silent(context: Context, notice: Notice) -> Answers:
    if context.community is None or context.community.left_at is not None:
        return []
    context.community.left_at = context.now
    await communities.add(context.work, context.community)
    return await _tell(context, notice)


async def _tell(context: Context, notice: Notice) -> list[Answer]:
    """Tell the facilitators what became of their channel."""
    if not context.settled():
        return []
    community, event = context.here, context.event
    return [
        Post(
            Person(person.user_id),
            notice(context.voice_for(person), community),
            f"setup:{community.id}:{event.body.kind if event else ''}:{event.id if event else ''}:{member.id}",
            nudge=Importance.NOTE,
        )
        for member, person in await context.facilitators()
    ]


@routes.command("setup", nl=("start",), en=("setup",), audience=Audience.FOUNDERS, listed=True, anywhere=True)
async def setup(context: Context, _text: str) -> Answers:
    """Open the form: for whoever is first, and from then on for facilitators."""
    if context.event and context.event.place.direct and context.community is None:
        raise UserError("setup/direct")
    community = context.community or await _community(context)
    return await _form(context, community)


@routes.tap("setup.open")
async def open_(context: Context, action: Action) -> Answers:
    """Open the form from a button."""
    return await _form(context, await context.enter(action.id or 0))


@routes.form("setup.save")
async def save(context: Context, action: Action, values: Mapping[str, str]) -> Answers:
    """Keep what was filled in; the first time, say hello in the channel."""
    community = await context.enter(action.id) if action.id else context.community or await _community(context)
    _may_set_up(context, community)
    first, before = community.set_up_at is None, community.timezone
    _fill(community, values)
    if first:
        community.set_up_at = context.now
        await _make_facilitator(context, community)
        await _add_partner(context, community, values.get("partner", ""))
    await communities.add(context.work, community)
    moved = await _move_rhythms(context, community, before)
    members = await people.count_present(context.work, key_of(community))
    reply = Reply(views.saved(context.voice, community, first=first, members=members, moved=moved))
    if not first:
        return [reply]
    hello = views.hello(context.channel_voice, community)
    return [Post(Channel(community.conversation), hello, f"setup:{community.id}:hello"), reply]


async def _move_rhythms(context: Context, community: Community, before: str) -> int:
    """Take along what recurs, when the community is in another zone from now on."""
    if community.timezone == before:
        return 0
    moved = await rhythms.move_zone(context.work, key_of(community), before, community.timezone)
    context.work.ring()  # in the new zone something may be due already
    return moved


async def _form(context: Context, community: Community) -> Answers:
    _may_set_up(context, community)
    others = [] if community.set_up_at else await _others(context, community)
    return [Open(views.form(context.voice, community, others), Action("setup.open", key_of(community)))]


async def _others(context: Context, community: Community) -> list[people.Person]:
    """List who could lead along; in a community too large for a choice, facilitators are added later."""
    everyone = await people.present(context.work, key_of(community))
    others = [person for _, person in everyone if person.id != context.who.id]
    return others if len(others) <= views.PARTNERS_MOST else []


def _may_set_up(context: Context, community: Community) -> None:
    if community.set_up_at is not None and not context.facilitates():
        raise UserError("help/facilitators")


def _fill(community: Community, values: Mapping[str, str]) -> None:
    filled = Filled(values)
    name = filled.text("name", most=views.NAME_MAX)
    domain = filled.text("domain", most=views.DOMAIN_MAX)
    language = filled.option("language", LANGUAGES)
    typed = filled.text("timezone", most=views.ZONE_MAX)
    zone = zone_name(typed)
    if zone is None:
        filled.refuse("timezone", UserError("setup/zone", zone=typed))
    filled.check()
    community.name, community.domain, community.language, community.timezone = name, domain, language, zone or typed


async def _community(context: Context) -> Community:
    """Return the community of this channel, made with the defaults if it is new."""
    if context.community is None:
        place = context.event.place if context.event else None
        assert place is not None  # noqa: S101 - only events get here
        new = Community(
            platform=context.platform,
            workspace=context.workspace,
            conversation=place.conversation,
            name=shortened(place.name, views.NAME_MAX),
            language=context.defaults.language,
            timezone=context.defaults.timezone,
            created_at=context.now,
        )
        await context.locate(await communities.add(context.work, new))
    assert context.community is not None  # noqa: S101 - made above
    return context.community


async def _make_facilitator(context: Context, community: Community) -> None:
    member = await people.join(context.work, key_of(community), key_of(context.who), at=context.now)
    member.facilitator = True
    context.work.session.add(member)
    context.member = member


async def _add_partner(context: Context, community: Community, user_id: str) -> None:
    """Make a second person a facilitator, so that a community does not depend on one (R84)."""
    for member, person in await people.present(context.work, key_of(community)):
        if person.user_id == user_id:
            member.facilitator = True
            context.work.session.add(member)
