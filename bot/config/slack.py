"""What an operator can choose about Slack."""

from collections.abc import Iterator

from pydantic import Field, SecretStr, field_validator

from bot.config import kinds
from bot.config.house import HouseSettings

EXAMPLES = {
    "SLACK_BOT_TOKEN": "xoxb-..., from OAuth & Permissions in the settings of the Slack app",
    "SLACK_SIGNING_SECRET": "32 letters and digits, from Basic Information in the settings of the Slack app",
    "SLACK_APP_TOKEN": "xapp-..., from Basic Information in the settings of the Slack app",
    "SLACK_API_URL": "https://slack.com/api/",
    "SLACK_CLIENT_ID": "1234567890.1234567890, from Basic Information in the settings of the Slack app",
    "SLACK_CLIENT_SECRET": "32 letters and digits, from Basic Information in the settings of the Slack app",
}


class SlackSettings(HouseSettings):
    """Slack's part of the settings."""

    slack_bot_token: SecretStr | None = Field(default=None, alias="SLACK_BOT_TOKEN")
    slack_signing_secret: SecretStr | None = Field(default=None, alias="SLACK_SIGNING_SECRET")
    slack_app_token: SecretStr | None = Field(default=None, alias="SLACK_APP_TOKEN")
    slack_api_url: str = Field(default="https://slack.com/api/", alias="SLACK_API_URL")
    slack_client_id: str | None = Field(default=None, alias="SLACK_CLIENT_ID")
    slack_client_secret: SecretStr | None = Field(default=None, alias="SLACK_CLIENT_SECRET")

    @field_validator("slack_api_url")
    @classmethod
    def _is_an_api(cls, url: str) -> str:
        return kinds.address(url)

    @field_validator("slack_bot_token")
    @classmethod
    def _is_of_a_bot(cls, token: SecretStr | None) -> SecretStr | None:
        return None if token is None else kinds.begins(token, "xoxb-")

    @field_validator("slack_app_token")
    @classmethod
    def _is_of_an_app(cls, token: SecretStr | None) -> SecretStr | None:
        return None if token is None else kinds.begins(token, "xapp-")

    @property
    def slack(self) -> bool:
        """Whether Slack is configured."""
        return self.slack_bot_token is not None or self.slack_client_id is not None


def at_odds(settings: SlackSettings) -> Iterator[tuple[str, str]]:
    """Name each setting that another one asks for, or that does not go with another one."""
    token, by_oauth = settings.slack_bot_token, settings.slack_client_id is not None
    if token and by_oauth:
        yield "SLACK_BOT_TOKEN", "is for one workspace and SLACK_CLIENT_ID for many: take out one of the two."
    if by_oauth and settings.slack_client_secret is None:
        yield "SLACK_CLIENT_SECRET", "must be set beside SLACK_CLIENT_ID."
    if settings.slack_client_secret and not by_oauth:
        yield "SLACK_CLIENT_ID", "must be set beside SLACK_CLIENT_SECRET."
    if by_oauth and settings.public_url is None:
        yield "KRING_PUBLIC_URL", "must be set beside SLACK_CLIENT_ID: Slack sends who installs Kring back to it."
    if settings.slack and not (settings.slack_signing_secret or settings.slack_app_token):
        yield "SLACK_SIGNING_SECRET", "must be set, or SLACK_APP_TOKEN where Kring has no public address."
    if (settings.slack_signing_secret or settings.slack_app_token) and not settings.slack:
        yield "SLACK_BOT_TOKEN", "must be set too; for many workspaces, SLACK_CLIENT_ID instead."
    if settings.slack and settings.secret_key is None:
        yield "KRING_SECRET_KEY", "must be set when Kring lives in Slack: it seals what members write there."
