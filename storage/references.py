"""How conversations are reached on platforms that do not tell by the id: a row each, refreshed when they move."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel, col, select

from bot.domain.reference import Reference
from storage.db import Store, UnitOfWork


class ReferenceRow(SQLModel, table=True):
    """One conversation reference; see `Reference` for what its columns mean."""

    __tablename__ = "reference"
    __table_args__ = (
        sa.UniqueConstraint("platform", "workspace", "conversation"),
        sa.Index("ix_reference_group", "platform", "workspace", "group_id"),
        sa.Index("ix_reference_user", "platform", "workspace", "user_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    platform: str
    workspace: str
    conversation: str
    service_url: str
    group_id: str
    user_id: str
    name: str
    moved_at: datetime
    """When it was last written, which is only when something of it changed."""

    def told(self) -> Reference:
        """Return it as the domain has it."""
        return Reference(self.conversation, self.service_url, self.group_id, self.user_id, self.name)


async def keep(work: UnitOfWork, platform: str, workspace: str, reference: Reference, *, at: datetime) -> None:
    """Keep a reference, in the place of an earlier one of the same conversation."""
    row = {
        "platform": platform,
        "workspace": workspace,
        "conversation": reference.conversation,
        "service_url": reference.service_url,
        "group_id": reference.group,
        "user_id": reference.user_id,
        "name": reference.name,
        "moved_at": at,
    }
    statement = work.insert(ReferenceRow).values(row)
    newer = {name: statement.excluded[name] for name in row}
    await work.run(
        statement.on_conflict_do_update(index_elements=["platform", "workspace", "conversation"], set_=newer)
    )


async def find(work: UnitOfWork, platform: str, workspace: str, **by: str) -> list[Reference]:
    """List the references with these values (`conversation`, `group_id`, `user_id`), the last that moved first."""
    there = (ReferenceRow.platform == platform, ReferenceRow.workspace == workspace)
    these = (getattr(ReferenceRow, name) == value for name, value in by.items())
    query = select(ReferenceRow).where(*there, *these).order_by(col(ReferenceRow.moved_at).desc())
    return [row.told() for row in (await work.session.exec(query)).all()]


async def latest(work: UnitOfWork, platform: str, workspace: str) -> Reference | None:
    """Return the reference that moved last, of whatever conversation."""
    there = (ReferenceRow.platform == platform, ReferenceRow.workspace == workspace)
    query = select(ReferenceRow).where(*there).order_by(col(ReferenceRow.moved_at).desc()).limit(1)
    row = (await work.session.exec(query)).first()
    return row.told() if row else None


async def erase(work: UnitOfWork, platform: str, workspace: str, **by: str) -> None:
    """Erase the references with these values, as in `find`."""
    there = (col(ReferenceRow.platform) == platform, col(ReferenceRow.workspace) == workspace)
    these = (col(getattr(ReferenceRow, name)) == value for name, value in by.items())
    await work.run(sa.delete(ReferenceRow).where(*there, *these))


class References:
    """The references of one workspace, each look in a transaction of its own."""

    def __init__(self, store: Store, platform: str, workspace: str) -> None:
        """Keep them in `store`."""
        self._store, self._there = store, (platform, workspace)

    async def find(self, conversation: str) -> Reference | None:
        """Return how a conversation is reached."""
        async with self._store.begin() as work:
            found = await find(work, *self._there, conversation=conversation)
        return found[0] if found else None

    async def direct(self, user_id: str) -> Reference | None:
        """Return the direct conversation with a person."""
        async with self._store.begin() as work:
            found = await find(work, *self._there, user_id=user_id)
        return found[0] if found else None

    async def of_group(self, group: str) -> list[Reference]:
        """List the conversations of a group of them: the channels of a team."""
        async with self._store.begin() as work:
            return await find(work, *self._there, group_id=group)

    async def latest(self) -> Reference | None:
        """Return the one that moved last: where a first direct conversation can be asked for."""
        async with self._store.begin() as work:
            return await latest(work, *self._there)

    async def keep(self, reference: Reference, *, at: datetime) -> None:
        """Keep a reference, in the place of an earlier one of the same conversation."""
        async with self._store.begin() as work:
            await keep(work, *self._there, reference, at=at)

    async def erase(self, conversation: str) -> None:
        """Forget how a conversation is reached."""
        async with self._store.begin() as work:
            await erase(work, *self._there, conversation=conversation)
