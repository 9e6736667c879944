"""A long row of events that an earlier life took in and did not finish."""

from bot.chat import events
from bot.chat.events import Commanded, Event, Place, User
from storage import inbox
from storage.inbox import Arrival
from tests.talk import Talk

MANY = 120  # more than two looks through the inbox hold


async def test_a_backlog_of_any_length_is_worked_in_one_go(talk: Talk) -> None:
    place = Place("dm:lotte", direct=True)
    waiting = [
        Event(f"left {number}", "room", "room", User("lotte", "Lotte Visser"), place, Commanded("energie 4"))
        for number in range(MANY)
    ]
    async with talk.kring.store.begin() as work:
        now = talk.clock.now()
        await inbox.keep(work, [Arrival("room", "room", one.id, events.pack(one), now) for one in waiting])
    talk.kring.dispatcher._swept_at = float("-inf")

    await talk.kring.dispatcher.drain()

    async with talk.kring.store.begin() as work:
        assert await inbox.count_waiting(work) == 0
