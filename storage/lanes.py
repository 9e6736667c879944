"""Lanes: when a conversation may hear the next message, and when a workspace the next of many.

On the database's clock (`epoch`), since replicas differ.
"""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.db import UnitOfWork, epoch, table_of


class Lane(SQLModel, table=True):
    """A conversation, and the instant (database clock) from which it may hear the next message."""

    __tablename__ = "lane"

    key: str = Field(primary_key=True)
    free_at: float
    """Until then it is silent: the platform asked for that, or something went wrong."""
    next_at: float = Field(default=0.0, sa_column_kwargs={"server_default": "0"})
    """Until then it keeps its pace; an answer in somebody's direct messages need not wait for that."""


_lane = table_of(Lane).c


async def block(work: UnitOfWork, lanes: Mapping[str, float]) -> None:
    """Keep each lane silent for so many seconds from now, or for as long as it already was."""
    await keep_quiet(work, "free_at", lanes)


async def keep_quiet(work: UnitOfWork, until: str, lanes: Mapping[str, float]) -> None:
    """Put the later of what it is and so many seconds from now in a column of each lane."""
    if not lanes:
        return
    later = epoch() + sa.bindparam("seconds", type_=sa.Float)
    statement = work.insert(Lane).values({"free_at": 0.0, "key": sa.bindparam("lane"), until: later})
    new, old = statement.excluded[until], _lane[until]
    latest = sa.case((old > new, old), else_=new)
    statement = statement.on_conflict_do_update(index_elements=["key"], set_={until: latest})
    await work.run(statement, [{"lane": lane, "seconds": lanes[lane]} for lane in sorted(lanes)])


async def reserve(work: UnitOfWork, lane: str, seconds: float) -> float:
    """Keep a lane for so many seconds more, and say in how many seconds from now it is free again."""
    statement = work.insert(Lane).values(key=lane, free_at=epoch() + seconds)
    begin = sa.case((_lane.free_at > epoch(), _lane.free_at), else_=epoch())
    kept = statement.on_conflict_do_update(index_elements=["key"], set_={"free_at": begin + seconds})
    return float((await work.run(kept.returning(_lane.free_at - epoch()))).scalar_one())
