"""The main job once more, with PostgreSQL as the store."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.config import Settings
from bot.main import opened
from tests.conftest import SECRET
from tests.fakes.clock import StandingClock
from tests.features.test_play import check_in, pulse, short_stroke, welcome
from tests.talk import Talk

pytestmark = pytest.mark.xdist_group("postgres")


async def test_a_community_lives_its_main_job_on_postgresql(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # the room keeps its side where Kring was started
    settings = Settings(_env_file=None, database_url=postgres_url, secret_key=SecretStr(SECRET))
    clock = StandingClock()

    async with opened(settings, clock=clock) as kring:
        talk = Talk(kring, clock)
        await talk.answered(kring.begin_demo())
        await kring.settle()

        for part in (welcome, check_in, short_stroke, pulse):
            await part(talk)
