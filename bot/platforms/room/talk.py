"""What was said: by people as plain text, by Kring as a card, by the room itself as a short note."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.platforms.room.people import KRING
from bot.platforms.room.tables import Database

Payload = Mapping[str, Any]
SHOWN = 200  # messages of one conversation that a page shows; older ones are kept


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `only_for` names the one person who sees it, `root` the message whose thread it is in."""

    id: int
    conversation: str
    author: str
    payload: Payload
    at: datetime
    root: int | None = None
    only_for: str | None = None
    edited_at: datetime | None = None

    @property
    def from_kring(self) -> bool:
        """Whether Kring wrote it."""
        return self.author == KRING

    def seen_by(self, person: str) -> bool:
        """Whether it is not a whisper to someone else."""
        return self.only_for in {None, person}


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that is about to be said; with a `key` it is said once, however often it is tried."""

    conversation: str
    author: str
    payload: Payload
    root: int | None = None
    only_for: str | None = None
    key: str | None = None


class Talk:
    """All messages, in the order in which they came."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, draft: Draft, at: datetime) -> Message:
        """Keep a message, or return the one that was kept under the same key."""
        with self._database.transaction():
            there = self.find(draft.key) if draft.key else None
            return there or self._insert(draft, at)

    def _insert(self, draft: Draft, at: datetime) -> Message:
        number = self._database.write(
            "insert into message (conversation, root, author, only_for, payload, key, at) values (?, ?, ?, ?, ?, ?, ?)",
            draft.conversation,
            draft.root,
            draft.author,
            draft.only_for,
            json.dumps(draft.payload, ensure_ascii=False),
            draft.key,
            at.isoformat(),
        )
        return Message(number, draft.conversation, draft.author, draft.payload, at, draft.root, draft.only_for)

    def replace(self, number: int, payload: Payload, at: datetime) -> None:
        """Put other words in the place of a message's."""
        self._database.write(
            "update message set payload = ?, edited_at = ? where id = ?",
            json.dumps(payload, ensure_ascii=False),
            at.isoformat(),
            number,
        )

    def get(self, number: int) -> Message | None:
        """A message by id."""
        row = self._database.row("select * from message where id = ?", number)
        return _message(row) if row else None

    def find(self, key: str) -> Message | None:
        """A message by the key it was said under."""
        row = self._database.row("select * from message where key = ?", key)
        return _message(row) if row else None

    def said(self, conversation: str, person: str, *, most: int = SHOWN) -> tuple[Message, ...]:
        """The last messages of a conversation that stand on their own, as far as this person sees them."""
        rows = self._database.rows(
            """select * from message where conversation = ? and root is null and (only_for is null or only_for = ?)
               order by id desc limit ?""",
            conversation,
            person,
            most,
        )
        return tuple(_message(row) for row in reversed(rows))

    def replies(self, root: int, person: str) -> tuple[Message, ...]:
        """What this person sees in the thread under a message."""
        rows = self._database.rows(
            "select * from message where root = ? and (only_for is null or only_for = ?) order by id", root, person
        )
        return tuple(_message(row) for row in rows)

    def latest(self, conversation: str, person: str) -> int:
        """The id of the last message that this person sees and did not write; 0 where there is none."""
        row = self._database.row(
            """select max(id) as latest from message
               where conversation = ? and author != ? and (only_for is null or only_for = ?)""",
            conversation,
            person,
            person,
        )
        return row["latest"] or 0

    def by_kring(self, *, most: int = SHOWN) -> tuple[Message, ...]:
        """The last cards, oldest first."""
        rows = self._database.rows("select * from message where author = ? order by id desc limit ?", KRING, most)
        return tuple(_message(row) for row in reversed(rows))


def _message(row: Any) -> Message:  # noqa: ANN401 - a row of the table
    return Message(
        id=row["id"],
        conversation=row["conversation"],
        author=row["author"],
        payload=json.loads(row["payload"]),
        at=datetime.fromisoformat(row["at"]),
        root=row["root"],
        only_for=row["only_for"],
        edited_at=datetime.fromisoformat(row["edited_at"]) if row["edited_at"] else None,
    )
