"""Communities: a channel in which people learn together, with what they told Kring about it."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel, col, select

from bot.domain.installation import installed_as
from storage.db import UnitOfWork
from storage.people import Member, key_of


class Community(SQLModel, table=True):
    """A community of practice and the channel it lives in. `set_up_at` is empty until `setup` was answered."""

    __tablename__ = "community"
    __table_args__ = (sa.UniqueConstraint("platform", "workspace", "conversation"),)

    id: int | None = Field(default=None, primary_key=True)
    platform: str
    workspace: str
    conversation: str
    name: str
    domain: str = ""
    language: str
    timezone: str
    created_at: datetime
    set_up_at: datetime | None = None
    left_at: datetime | None = None
    """When Kring was taken out of the channel; nothing is sent from then on."""


async def at(
    work: UnitOfWork, platform: str, workspace: str, conversation: str, person_id: int | None
) -> tuple[Community, Member | None] | None:
    """Return the community of a channel, with a person's membership of it, also one that has ended; None is nobody."""
    mine = sa.and_(col(Member.community_id) == col(Community.id), col(Member.person_id) == person_id)
    query = (
        select(Community, Member)
        .outerjoin(Member, mine)
        .where(Community.platform == platform, Community.workspace == workspace, Community.conversation == conversation)
    )
    return (await work.session.exec(query)).first()


async def add(work: UnitOfWork, community: Community) -> Community:
    """Store a new community, or what changed in one."""
    work.session.add(community)
    await work.session.flush()
    return community


async def get(work: UnitOfWork, community_id: int) -> Community | None:
    """Return a community."""
    return (await work.session.exec(select(Community).where(Community.id == community_id))).first()


async def leave(work: UnitOfWork, platform: str, workspace: str, *, at: datetime) -> None:
    """Fall silent in every community of a workspace that Kring was taken out of, or of its whole organisation."""
    name = installed_as(workspace)
    inside = col(Community.workspace).startswith(f"{name}/", autoescape=True)
    there = (col(Community.platform) == platform, sa.or_(col(Community.workspace) == name, inside))
    await work.run(sa.update(Community).where(*there, col(Community.left_at).is_(None)).values(left_at=at))


async def of_person(work: UnitOfWork, person_id: int) -> list[tuple[Community, Member]]:
    """List the communities a person is in now and that are set up, with the membership, oldest first."""
    query = (
        select(Community, Member)
        .join(Member, col(Member.community_id) == col(Community.id))
        .where(
            Member.person_id == person_id,
            col(Member.left_at).is_(None),
            col(Community.set_up_at).is_not(None),
            col(Community.left_at).is_(None),
        )
        .order_by(col(Community.id))
    )
    return list((await work.session.exec(query)).all())


__all__ = ["Community", "add", "at", "get", "key_of", "leave", "of_person"]
