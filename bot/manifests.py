"""What each platform wants to know of Kring before it lets it in: made here, from what the code answers to."""

from importlib.metadata import version
from pathlib import Path

from bot.chat.prompts import Prompts
from bot.chat.router import Router
from bot.config import Settings
from bot.errors import ConfigError
from bot.features import FEATURES
from bot.platforms.slack import manifest as of_slack
from bot.platforms.teams import manifest as of_teams

PACKAGE = "kring-teams.zip"


def slack(settings: Settings) -> str:
    """Return the Slack app's manifest for an address, or for Socket Mode without one."""
    return of_slack.written(settings.public_url)


def teams(settings: Settings, *, private: bool = False) -> bytes:
    """Return the package of the Teams app, in the language of the settings; `private` for every kind of channel.

    Raises:
        ConfigError: the app or the address is not known, or a text of one's own is too long.

    """
    if settings.teams_app_id is None:
        problem = "must be set: the package names the app that you registered."
        raise ConfigError("TEAMS_APP_ID", problem, "12345678-90ab-cdef-1234-567890abcdef")
    if settings.public_url is None:
        raise ConfigError("KRING_PUBLIC_URL", "must be set, or given with --url.", "--url https://kring.example.org")
    prompts = Prompts(settings.prompts_dir)
    prompts.check()
    phrases = {one.name: one.phrases[settings.language][0] for one in Router(FEATURES).routes.commands}
    wish = of_teams.Wish(settings.teams_app_id, settings.public_url, version("kring"), private)
    return of_teams.packed(wish, prompts.voice(settings.language), phrases)


def written(content: bytes, target: Path, name: str = "") -> Path:
    """Write a manifest to a file, and say where; into a folder by `name`.

    Raises:
        ConfigError: it cannot be written there.

    """
    file = target / name if target.is_dir() else target
    try:
        file.write_bytes(content)
    except OSError as error:
        problem = f"{file} cannot be written: {error.strerror}."
        raise ConfigError("--out", problem, "--out ., for the folder where you are") from error
    return file
