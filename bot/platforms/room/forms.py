"""The form that lies open before someone: one a person, the newest."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.platforms.room.tables import Database


@dataclass(frozen=True, slots=True)
class OpenForm:
    """A form, what was filled in so far, and per input why that was refused."""

    person: str
    trigger: str
    form: Mapping[str, Any]
    answers: Mapping[str, str]
    errors: Mapping[str, str]


class Forms:
    """The open forms. One that was sent is out of sight until its event was taken or refused."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, person: str, trigger: str, form: Mapping[str, Any]) -> None:
        """Lay a form before someone, in the place of another."""
        self._database.write(
            "insert or replace into form values (?, ?, ?, '{}', '{}', null)",
            person,
            trigger,
            json.dumps(form, ensure_ascii=False),
        )

    def get(self, person: str) -> OpenForm | None:
        """The form that this person sees."""
        row = self._database.row("select * from form where person = ? and sent is null", person)
        return _form(row) if row else None

    def all(self) -> tuple[OpenForm, ...]:
        """Every form that lies open."""
        return tuple(_form(row) for row in self._database.rows("select * from form where sent is null"))

    def send(self, person: str, answers: Mapping[str, str], event_id: str) -> None:
        """Remember what was filled in, and that it is under way as this event."""
        self._database.write(
            "update form set answers = ?, sent = ? where person = ?",
            json.dumps(answers, ensure_ascii=False),
            event_id,
            person,
        )

    def settle(self, event_id: str, errors: Mapping[str, str]) -> None:
        """Close the form that was sent as this event, or show it again with why it was refused."""
        if not errors:
            self._database.write("delete from form where sent = ?", event_id)
            return
        told = json.dumps(dict(errors), ensure_ascii=False)
        self._database.write("update form set errors = ?, sent = null where sent = ?", told, event_id)

    def dismiss(self, person: str, trigger: str) -> None:
        """Close a form without sending it."""
        self._database.write("delete from form where person = ? and trigger = ?", person, trigger)


def _form(row: Any) -> OpenForm:  # noqa: ANN401 - a row of the table
    return OpenForm(
        person=row["person"],
        trigger=row["trigger"],
        form=json.loads(row["form"]),
        answers=json.loads(row["answers"]),
        errors=json.loads(row["errors"]),
    )
