"""Stores for processes that are killed: addresses of empty ones, on SQLite and on PostgreSQL."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.cluster import cluster


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.xdist_group("postgres"))])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Make an empty store, of which the address is returned, as often as it is called."""
    if request.param == "sqlite":
        yield lambda: f"sqlite:///{tmp_path / str(len(list(tmp_path.iterdir())))}.db"
        return
    with cluster() as found:
        yield found.create
