"""From settings to what each platform is given: its keys, and nothing else of the settings."""

from urllib.parse import urljoin

from pydantic import SecretStr

from bot.config import Settings
from bot.platforms.slack.workplace import Access, OAuth
from bot.platforms.teams import registration
from bot.platforms.teams.registration import Registration

PLAYGROUND_APP = "00000000-0000-0000-0000-00000000000011"
"""What Microsoft's Agents Playground (0.2.28) calls the bot that it talks to."""
PLAYGROUND_TENANT = "00000000-0000-0000-0000-0000000000001"
"""Idem, the organisation that its people are of."""


def slack(settings: Settings) -> Access:
    """Say how Kring comes into Slack."""
    oauth = None
    if settings.slack_client_id and settings.slack_client_secret and settings.secret_key and settings.public_url:
        oauth = OAuth(
            settings.slack_client_id,
            settings.slack_client_secret.get_secret_value(),
            settings.public_url,
            urljoin(settings.slack_api_url, "/oauth/v2/authorize"),
            settings.secret_key.get_secret_value(),
        )
    return Access(
        settings.slack_api_url,
        bot_token=_shown(settings.slack_bot_token),
        signing_secret=_shown(settings.slack_signing_secret),
        app_token=_shown(settings.slack_app_token),
        oauth=oauth,
    )


def teams(settings: Settings) -> Registration:
    """Say how Kring is known to Teams; with the check off and nothing set, as the Agents Playground knows it."""
    return Registration(
        settings.teams_app_id or PLAYGROUND_APP,
        _shown(settings.teams_app_password) or "",
        settings.teams_tenant_id or PLAYGROUND_TENANT,
        auth=settings.teams_auth == "on",
        metadata_url=settings.teams_openid_metadata_url or registration.METADATA_URL,
        token_url=settings.teams_token_url or registration.TOKEN_URL,
    )


def _shown(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None
