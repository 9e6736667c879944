"""What the settings give to each platform."""

from typing import Any

from pydantic import SecretStr

from bot import access
from bot.config import Settings
from bot.platforms.teams.registration import METADATA_URL, TOKEN_URL

GUID = "12345678-90ab-cdef-1234-567890abcdef"


def settings(**chosen: Any) -> Settings:  # noqa: ANN401 - whatever a setting is
    return Settings(_env_file=None, **chosen)


def test_teams_is_asked_at_microsofts_own_addresses_where_nothing_else_is_said() -> None:
    found = access.teams(
        settings(teams_app_id=GUID, teams_app_password=SecretStr("p"), teams_tenant_id=GUID.upper())
    )  # fmt: skip

    assert (found.app_id, found.password, found.tenant, found.auth) == (GUID, "p", GUID, True)
    assert (found.metadata_url, found.token_url) == (METADATA_URL, TOKEN_URL)
    assert found.token_address == f"https://login.microsoftonline.com/{GUID}/oauth2/v2.0/token"


def test_other_addresses_of_teams_are_taken_as_they_are() -> None:
    keys, tokens = "http://127.0.0.1:9200/keys", "http://127.0.0.1:9200/{tenant}/token"

    found = access.teams(settings(teams_openid_metadata_url=keys, teams_token_url=tokens, teams_tenant_id=GUID))

    assert found.metadata_url == keys
    assert found.token_address == f"http://127.0.0.1:9200/{GUID}/token"


def test_without_its_check_teams_is_what_the_playground_says_unless_somebody_knows_better() -> None:
    usual, other = access.teams(settings(teams_auth="off")), access.teams(settings(teams_auth="off", teams_app_id=GUID))

    assert not usual.auth
    assert (usual.app_id, usual.tenant) == (access.PLAYGROUND_APP, access.PLAYGROUND_TENANT)
    assert (other.app_id, other.tenant) == (GUID, access.PLAYGROUND_TENANT)


def test_the_secret_of_teams_is_in_no_text_of_it() -> None:
    found = access.teams(settings(teams_app_id=GUID, teams_app_password=SecretStr("hunter2"), teams_tenant_id=GUID))

    assert "hunter2" not in repr(found)
