"""How a play ended: what every person has before them, and what the store counts; equal for plays that went alike."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from bot.platforms.room.state import RoomState
from bot.platforms.room.talk import Message, Payload
from bot.platforms.room.views import view
from tests.talk import CHANNEL, DIRECT, _text

COUNTED = {
    "deliveries": "select dedupe_key, act, state, reason from delivery order by dedupe_key",
    "inbox": "select event_id, state from inbox order by event_id",
    "members": "select community_id, person_id, facilitator, greeted_by from member order by id",
    "expected": "select user_id from person where expects is not null order by user_id",
    "runs": "select state, count(*) from check_in_run group by state",
    "answers": "select run_id, member_id, typed, skipped from check_in_answer order by id",
    "reflections": "select state, outcome, shared_at is null, count(*) from reflection group by 1, 2, 3",
    "pulses": "select id, invited, closed_at from energy_pulse order by id",
    "scores": "select pulse_id, score, count(*) from energy_pulse_score group by 1, 2",
    "voters": "select count(*) from energy_pulse_voter",
    "occurrences": "select local_slot, state from occurrence order by id",
    "timers": "select count(*) from timer",
    "rhythms": "select state, next_local from rhythm order by id",
}


def read(folder: Path) -> dict[str, Any]:
    """Read the two files of a play that is over."""
    return {"seen": _seen(folder / "kring.room.db"), "counted": _counted(folder / "kring.db")}


def _seen(file: Path) -> dict[str, list[Any]]:
    """Everything that each person has before them, conversation by conversation, threads included."""
    state = RoomState(str(file))
    with closing(state):
        people = [person.id for person in state.people.all()]
        return {
            f"{person} {where}": _conversation(state, person, where) for person in people for where in (CHANNEL, DIRECT)
        }


def _conversation(state: RoomState, person: str, where: str) -> list[Any]:
    lines = view(state, person, where, None).talk
    return [
        [_line(line.message), *(_line(reply) for reply in state.talk.replies(line.message.id, person))]
        for line in lines
    ]


def _line(message: Message) -> list[Any]:
    payload = message.payload
    words = payload["text"] if payload["kind"] == "said" else payload["what"] if payload["kind"] == "note" else ""
    text = words or "\n".join([_text(payload), *_labels(payload)])
    return [message.author, message.only_for, text, message.at.isoformat()]


def _labels(payload: Payload) -> list[str]:
    return [button["label"] for node in payload["nodes"] for button in node.get("buttons", ())]


def _counted(file: Path) -> dict[str, list[Any]]:
    with closing(sqlite3.connect(file)) as store:
        return {name: [list(row) for row in store.execute(query)] for name, query in COUNTED.items()}
