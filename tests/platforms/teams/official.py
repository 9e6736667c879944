"""What Microsoft says a card may be: its schema of Adaptive Cards 1.5, and its models of what Teams shows."""

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft6Validator
from jsonschema.exceptions import best_match
from microsoft_teams.cards import core
from pydantic import BaseModel, ValidationError

Json = dict[str, Any]
UNNAMED = {"choices": core.Choice, "msteams": core.TeamsCardProperties}  # parts that do not say what they are


def refusals(card: Json) -> list[str]:
    """Say what is wrong with a card."""
    bare = {
        name: value for name, value in card.items() if name != "msteams"
    }  # that is Teams' own, and not in the schema
    wrong = best_match(_schema().iter_errors(bare))
    return [*([f"{wrong.json_path}: {wrong.message[:300]}"] if wrong else []), *_unknown(card)]


def parts(part: object) -> Iterator[Json]:
    """Go through every part of a card; what its buttons carry, and what stands in for them, is none."""
    if isinstance(part, dict):
        yield part
        for name, value in part.items():
            if name not in {"data", "fallback"}:
                yield from parts(value)
    elif isinstance(part, list):
        for one in part:
            yield from parts(one)


def unguarded(card: Json) -> list[str]:
    """Name the parts that came after 1.2, which is what the oldest clients show, and that nothing stands in for."""
    since = {name: str(one.get("version", "1.0")) for name, one in _definitions().items()}
    later = (part for part in parts(card) if since.get(str(part.get("type")), "1.0") > "1.2")
    return [part["type"] for part in later if "fallback" not in part]


@cache
def _schema() -> Draft6Validator:
    return Draft6Validator(_official())


def _definitions() -> dict[str, Json]:
    definitions: dict[str, Json] = _official()["definitions"]
    return definitions


@cache
def _official() -> Json:
    official: Json = json.loads(files("adaptive_cards").joinpath("schemas/schema-1.5.json").read_text(encoding="utf-8"))
    return official


@cache
def _models() -> dict[str, type[BaseModel]]:
    """The model of each type of part, by its name; `task/fetch` is one too."""
    every = (one for one in vars(core).values() if isinstance(one, type) and issubclass(one, BaseModel))
    return {str(one.model_fields["type"].default): one for one in every if "type" in one.model_fields}


def _unknown(part: object, model: type[BaseModel] | None = None) -> Iterator[str]:
    """Find what the models do not know, or would lose: they take any property, so each is looked for by name."""
    if isinstance(part, list):
        for one in part:
            yield from _unknown(one, model)
    if not isinstance(part, dict):
        return
    model = model or _models().get(str(part.get("type")))
    if model is None:
        yield f"no model of {sorted(part)}"
        return
    yield from _lost(part, model)
    for name, value in part.items():
        if name != "data" and isinstance(value, dict | list):
            yield from _unknown(value, UNNAMED.get(name))


def _lost(part: Json, model: type[BaseModel]) -> Iterator[str]:
    try:
        read = model.model_validate(part)
    except ValidationError as error:
        yield f"{model.__name__}: {error}"
        return
    yield from (f"{model.__name__} knows no {name}" for name in read.model_extra or {})
    if read.model_dump(by_alias=True, exclude_unset=True) != part:
        yield f"{model.__name__} loses something"
