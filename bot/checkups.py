"""What the doctor finds on the platforms: each problem in one line, with its remedy."""

from dataclasses import dataclass

from bot import access
from bot.chat.checks import Check, Fault
from bot.config import Settings
from bot.platforms.slack import checkup as of_slack
from bot.platforms.teams import checkup as of_teams

_UNKNOWN = "not looked at; set KRING_PUBLIC_URL to have it looked at"
_TOLD = {
    "AADSTS700016": "TEAMS_APP_ID is not known in the organisation of TEAMS_TENANT_ID",
    "AADSTS90002": "there is no organisation with this TEAMS_TENANT_ID",
    "AADSTS7000215": "it is not the Value of a client secret (perhaps its Secret ID)",
    "AADSTS7000222": "the client secret has ended",
}
"""learn.microsoft.com, Microsoft Entra authentication and authorization error codes."""


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


async def teams(settings: Settings) -> list[Finding]:
    """Look at the registration with Microsoft and at the way in."""
    if not settings.teams:
        return []
    if settings.teams_auth == "off":
        problem = "off: nobody is asked who they are; only for a client on this machine, never for Teams itself"
        return [Finding("TEAMS_AUTH", problem, stops=False)]
    found = await of_teams.examined(access.teams(settings), settings.public_url)
    return [Finding(one.matter, teams_remedy(one), stops=one.matter is not of_teams.Matter.ADDRESS) for one in found]


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


def teams_remedy(check: Check) -> str:
    """Say what is wrong between Kring and Teams, and what to do about it."""
    if check.fault is None:
        return ""
    if check.fault is Fault.UNKNOWN:
        return _UNKNOWN
    remedies = {
        of_teams.Matter.PASSWORD: "copy the Value of a client secret again, or make a new one, under Certificates & "
        "secrets of the app registration; and compare TEAMS_APP_ID and TEAMS_TENANT_ID with its Overview",
        of_teams.Matter.KEYS: "look at the network, and at TEAMS_OPENID_METADATA_URL",
        of_teams.Matter.ADDRESS: "a stranger must get 401 there: see that Kring runs, and that your web server hands "
        "/api/messages to it unchanged",
    }
    if check.matter is of_teams.Matter.PASSWORD and check.fault is Fault.UNREACHABLE:
        return f"Microsoft cannot be asked ({check.detail}); look at the network, and at TEAMS_TOKEN_URL"
    told = "".join(f", {reason}" for number, reason in _TOLD.items() if number in check.detail.split())
    return f"{check.fault} ({check.detail}){told}; {remedies[of_teams.Matter(check.matter)]}"
