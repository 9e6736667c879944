"""What the doctor finds on the platforms: each problem in one line, with its remedy."""

from dataclasses import dataclass

from bot import access
from bot.chat.checks import Check, Fault
from bot.config import Settings
from bot.platforms.slack import checkup as of_slack

_UNKNOWN = "not looked at; set KRING_PUBLIC_URL to have it looked at"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `problem` is empty when all is well, `stops` when Kring cannot run with it."""

    what: str
    problem: str = ""
    stops: bool = True

    def __str__(self) -> str:
        """Say it in one line: well, worth knowing, or in the way."""
        if not self.problem:
            return f"ok    {self.what}"
        return f"{'WRONG' if self.stops else 'note '} {self.what}: {self.problem}"


async def slack(settings: Settings) -> list[Finding]:
    """Look at the keys to Slack and at the way in."""
    if not settings.slack:
        return []
    found = await of_slack.examined(access.slack(settings), settings.public_url)
    return [Finding(one.matter, slack_remedy(one), stops=one.matter is not of_slack.Matter.ADDRESS) for one in found]


def slack_remedy(check: Check) -> str:
    """Say what is wrong between Kring and Slack, and what to do about it."""
    if check.fault is None:
        return ""
    if check.fault is Fault.UNREACHABLE:
        return f"Slack cannot be asked ({check.detail}); look at the network, and at SLACK_API_URL"
    app = "in the settings of the Slack app"
    remedies = {
        of_slack.Matter.BOT_KEY: f"copy the Bot User OAuth Token again, from OAuth & Permissions {app}",
        of_slack.Matter.SCOPES: f"paste the manifest again (kring manifest slack) {app}, and install the app again",
        of_slack.Matter.APP_KEY: f"make a new App-Level Token with connections:write, and turn on Socket Mode, {app}",
        of_slack.Matter.ADDRESS: "see that Kring runs there, and that your web server hands /slack/ to it unchanged",
    }
    if check.fault is Fault.UNKNOWN:
        return _UNKNOWN
    return f"{check.fault} ({check.detail}); {remedies[of_slack.Matter(check.matter)]}"
