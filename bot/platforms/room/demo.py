"""The demonstration: on an empty room, a channel of colleagues who invite Kring and make it their community's.

Every step has an id of its own and is kept whole or not at all, so that a restart, after whatever end, goes on where it
stopped and repeats nothing.
"""

from collections.abc import Mapping

from bot.chat.actions import Action
from bot.chat.events import Submitted
from bot.chat.ports import Clock
from bot.platforms.room import inbound
from bot.platforms.room.app import Room
from bot.platforms.room.cast import CHANNEL, HOST, NEWCOMER, PARTNER, PEOPLE
from bot.platforms.room.state import RoomState
from bot.platforms.room.talk import Draft

_SPEAKERS = ("sanne", "daan", "emily")
_INVITE, _SETUP = "demo:invite", "demo:setup"


async def begin(room: Room, clock: Clock, words: Mapping[str, str]) -> None:
    """Make the demonstration, or what is missing of it.

    `words` are the labels of `room/demo`: `said.<person>` for who speaks first, `name` and `domain` of the community.
    """
    if not room.state.people.all():
        _furnish(room.state, clock, words)
    await room.invite_kring(HOST.id, CHANNEL.id, event_id=_INVITE)
    _set_up(room.state, words)
    await room.redeliver()


def _furnish(state: RoomState, clock: Clock, words: Mapping[str, str]) -> None:
    with state.transaction():
        state.people.open_channel(CHANNEL)
        for person in PEOPLE:
            state.people.add(person)
            if person != NEWCOMER:
                state.people.enter(CHANNEL.id, person.id)
        for speaker in _SPEAKERS:
            said = {"kind": "said", "text": words[f"said.{speaker}"]}
            state.talk.add(Draft(CHANNEL.id, speaker, said, key=f"demo:said:{speaker}"), clock.now())


def _set_up(state: RoomState, words: Mapping[str, str]) -> None:
    """Fill in, as the host, what `/kring start` would ask."""
    if state.outgoing.known(_SETUP):
        return
    answers = {
        "name": words["name"],
        "domain": words["domain"],
        "language": HOST.language,
        "timezone": HOST.timezone,
        "partner": PARTNER.id,
    }
    where = inbound.place(CHANNEL.id, CHANNEL)
    state.outgoing.add(inbound.event(_SETUP, HOST, where, Submitted(Action("setup.save"), answers)), opens=False)
