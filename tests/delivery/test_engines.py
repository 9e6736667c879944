"""Every engine on every store it runs on keeps the same promises."""

import pytest

from bot.delivery import local
from bot.delivery.local import LocalEngine
from bot.delivery.procrastinate import ProcrastinateEngine, Timing
from tests.contracts.engine import ConnectedContract, EngineContract, Engines
from tests.delivery.conftest import Post

HASTY = Timing(rescue=0.3, heartbeat=0.2, stale=1.0, poll=0.5, upkeep=1, grace=5.0)
"""As in life, only sooner; stale is well below the lease of a delivery."""


class TestLocal(EngineContract):
    """On SQLite and on PostgreSQL."""

    @pytest.fixture
    def engines(self, post: Post, monkeypatch: pytest.MonkeyPatch) -> Engines:
        monkeypatch.setattr(local, "_PATIENCE", 0.1)
        return lambda: LocalEngine(post.store, post.clock)


@pytest.mark.xdist_group("postgres")
@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
class TestLocalOverConnections(ConnectedContract):
    """What is particular to PostgreSQL."""

    engines = TestLocal.engines


@pytest.mark.xdist_group("postgres")
@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
class TestProcrastinate(EngineContract, ConnectedContract):
    """On PostgreSQL."""

    @pytest.fixture
    def engines(self, post: Post) -> Engines:
        return lambda: ProcrastinateEngine(post.store, post.clock, HASTY)
