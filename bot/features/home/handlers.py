"""Someone looks at their own page; there it shows what holds at that moment."""

from bot.chat.messages import Answers, Home, Post
from bot.context import Context
from bot.domain.energy import SMALL_COMMUNITY
from bot.domain.suggestion import Standing, Suggestion, suggestions
from bot.features.home import views
from bot.features.home.routes import routes
from bot.features.home.views import Circle
from storage import checkins, coming, communities, mine, people, pulses, reflections, rhythms
from storage.communities import Community
from storage.people import Member, key_of
from storage.rhythms import RhythmState


@routes.event("opened")
async def opened(context: Context) -> Answers:
    """Show one's circles with what comes, what Kring keeps, and for facilitators what they could do next."""
    circles = [
        await _circle(context, community, member)
        for community, member in await communities.of_person(context.work, key_of(context.who))
    ]
    known = await mine.counts(context.work, key_of(context.who))
    key = f"home:{context.event.id if context.event else ''}"
    return [Post(Home(context.who.user_id), views.home(context.voice, circles, known), key, missed=False)]


async def _circle(context: Context, community: Community, member: Member) -> Circle:
    ahead: list[tuple[str, str]] = []
    for rhythm in await rhythms.of_community(context.work, key_of(community)):
        check_in = await checkins.get(context.work, rhythm.subject_id or 0)
        following = await coming.following(context.work, rhythm) if rhythm.state == RhythmState.ACTIVE else None
        if check_in and following:
            ahead.append((check_in.question, following.local))
    tips = await _suggestions(context, community) if member.facilitator else []
    return Circle(key_of(community), community.name, sorted(ahead, key=lambda one: one[1]), tips)


async def _suggestions(context: Context, community: Community) -> list[Suggestion]:
    here = key_of(community)
    latest = await pulses.latest(context.work, here, 1)
    standing = Standing(
        rhythms=len(await rhythms.of_community(context.work, here)),
        members=len(await people.present(context.work, here)),
        pulsed_at=latest[0].opened_at if latest else None,
        reflected_at=await reflections.last_begun(context.work, here),
    )
    return suggestions(standing, context.now, small=SMALL_COMMUNITY)
