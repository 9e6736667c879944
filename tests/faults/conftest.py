"""A store that has been lived in, made once and copied for each test."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from tests.talk import DIRECT, talking


@pytest.fixture(scope="session")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a Kring that was used and stopped."""
    folder = tmp_path_factory.mktemp("used")

    async def use() -> None:
        async with talking(folder) as talk:
            await talk.say("lotte", "energie 4", DIRECT)

    asyncio.run(use())
    return folder


@pytest.fixture
def folder(used: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(used, tmp_path / "used")


@pytest.fixture
def environment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """What an operator has set: that store, any free port; and logs as they were, afterwards."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("KRING_DATABASE_URL", f"sqlite:///{folder / 'kring.db'}")
    monkeypatch.setenv("KRING_PORT", "0")
    yield monkeypatch
    structlog.reset_defaults()
