"""The keys of a run's posts, and its summary: one post in the thread, brought up to date, never posted again."""

from bot.chat.messages import Answer, Post, Thread, Update
from bot.context import Context
from bot.domain.checkin import RunState
from bot.features.checkin import views
from storage import checkins
from storage.checkins import CheckIn, Run, key_of


def root(run: Run) -> str:
    """Name the root post."""
    return f"checkin:{run.id}:root"


async def summed(context: Context, run: Run, check_in: CheckIn) -> list[Answer]:
    """Post the summary with the first answer; bring it up to date with every later one, and with the closing."""
    rows = await checkins.answers_of(context.work, key_of(run))
    if not rows:
        return []
    chosen = [
        (option, [person.name for answer, person in rows if answer.option == number])
        for number, option in enumerate(check_in.choices())
    ]
    card = views.summary(
        context.channel_voice, chosen, [person.name for _, person in rows], final=run.state == RunState.CLOSED
    )
    key = f"checkin:{run.id}:summary"
    if run.summed:
        return [Update(key, card)]
    run.summed = True
    await checkins.add(context.work, run)
    return [Post(Thread(context.here.conversation, root(run)), card, key)]
