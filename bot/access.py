"""From settings to what each platform is given: its keys, and nothing else of the settings."""

from urllib.parse import urljoin

from pydantic import SecretStr

from bot.config import Settings
from bot.platforms.slack.workplace import Access, OAuth


def slack(settings: Settings) -> Access:
    """Say how Kring comes into Slack."""

    def shown(secret: SecretStr | None) -> str | None:
        return secret.get_secret_value() if secret else None

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
        bot_token=shown(settings.slack_bot_token),
        signing_secret=shown(settings.slack_signing_secret),
        app_token=shown(settings.slack_app_token),
        oauth=oauth,
    )
