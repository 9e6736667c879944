"""The settings, read once from the environment or `.env`, frozen; nobody else reads the environment.

A wrong value stops the start with its name, what was wrong, and an example. Every setting stands in the README's table,
in the order that they have here: the house's, then each platform's.
"""

from itertools import chain
from typing import Any

from pydantic import ValidationError

from bot.config import house, slack, teams
from bot.config.keys import secret
from bot.config.slack import SlackSettings
from bot.config.teams import TeamsSettings
from bot.errors import ConfigError

_EXAMPLES = house.EXAMPLES | slack.EXAMPLES | teams.EXAMPLES


class Settings(TeamsSettings, SlackSettings):
    """What an operator can choose."""

    @property
    def on_platforms(self) -> bool:
        """Whether Kring lives on any platform; the room is for where it does not."""
        return self.slack or self.teams


def read(*, together: bool = True, **overrides: Any) -> Settings:  # noqa: ANN401 - whatever a setting is
    """Read the settings, `overrides` (from the command line) first; `together` where they must also go together.

    Raises:
        ConfigError: names the first that is wrong, or is missing beside another.

    """
    try:
        settings = Settings(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = name_of(str(first["loc"][0]))
        problem = str(first["msg"]).removeprefix("Value error, ")
        raise ConfigError(name, f"{problem}.", _EXAMPLES[name]) from error
    for name, problem in chain(slack.at_odds(settings), teams.at_odds(settings)) if together else ():
        raise ConfigError(name, problem, _EXAMPLES[name])
    return settings


def name_of(field: str) -> str:
    """Return the name of a setting in the environment: those of a platform have no KRING_ in front."""
    return field.upper() if field.lower().startswith(("slack_", "teams_")) else f"KRING_{field.upper()}"


__all__ = ["Settings", "name_of", "read", "secret"]
