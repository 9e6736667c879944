"""What is logged of an exception: its kind and its place, never its message."""

import asyncio
import gc
import io
from collections.abc import Iterator

import pytest
import structlog

from bot import log


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    paper = io.StringIO()
    monkeypatch.setattr("sys.stderr", paper)
    before = structlog.get_config()
    log.set_up(style="json", level="info", tally=log.Tally())
    yield paper
    structlog.configure(**before)


async def test_an_exception_that_nobody_awaits_is_told_without_its_message(written: io.StringIO) -> None:
    asyncio.get_running_loop().set_exception_handler(log.unheard)

    async def spill() -> None:
        raise LookupError("what Noor wrote")

    task = asyncio.create_task(spill())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del task
    gc.collect()

    told = written.getvalue()
    assert '"event": "task.failed"' in told
    assert "LookupError" in told
    assert "test_log" in told
    assert "Noor" not in told


async def test_a_warning_of_the_loop_without_an_exception_is_told_too(written: io.StringIO) -> None:
    log.unheard(asyncio.get_running_loop(), {"message": "something with Noor"})

    assert '"event": "task.failed"' in written.getvalue()
    assert "Noor" not in written.getvalue()
