"""The workspaces that let Kring in by OAuth, a row each, with the key that was given: sealed, gone when taken back."""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel, col, select

from bot.domain.installation import Installation, installed_as
from storage.db import Store, UnitOfWork


class InstallationRow(SQLModel, table=True):
    """One installation; `workspace` is a workspace or, let in as a whole, an organisation."""

    __tablename__ = "installation"
    __table_args__ = (sa.UniqueConstraint("platform", "workspace"),)

    id: int | None = Field(default=None, primary_key=True)
    platform: str
    workspace: str
    bot_user: str
    scopes: str
    """Space between them."""
    token: bytes
    installed_at: datetime


async def keep(work: UnitOfWork, platform: str, installation: Installation, *, at: datetime) -> None:
    """Keep an installation; another one of the same workspace is replaced, key and all."""
    row = {
        "platform": platform,
        "workspace": installation.workspace,
        "bot_user": installation.bot_user,
        "scopes": " ".join(installation.scopes),
        "token": work.vault.seal(installation.token),
        "installed_at": at,
    }
    statement = work.insert(InstallationRow).values(row)
    newer = {name: statement.excluded[name] for name in row}
    await work.run(statement.on_conflict_do_update(index_elements=["platform", "workspace"], set_=newer))


async def find(work: UnitOfWork, platform: str, workspace: str) -> Installation | None:
    """Return the installation of a workspace, or of the organisation in its name."""
    named = (InstallationRow.platform == platform, InstallationRow.workspace == installed_as(workspace))
    row = (await work.session.exec(select(InstallationRow).where(*named))).first()
    if row is None:
        return None
    return Installation(row.workspace, row.bot_user, work.vault.read(row.token), tuple(row.scopes.split()))


async def erase(work: UnitOfWork, platform: str, workspace: str, *, given_before: datetime) -> None:
    """Erase a key that was taken back; one that was given later stays, since news of the first may come late."""
    named = (col(InstallationRow.platform) == platform, col(InstallationRow.workspace) == installed_as(workspace))
    await work.run(sa.delete(InstallationRow).where(*named, col(InstallationRow.installed_at) <= given_before))


class Installations:
    """The installations of one platform, each look in a transaction of its own."""

    def __init__(self, store: Store, platform: str, clock: Callable[[], datetime]) -> None:
        """Keep them in `store`, with the real time: it is compared with the platform's."""
        self._store, self._platform, self._clock = store, platform, clock

    async def find(self, workspace: str) -> Installation | None:
        """Return the installation of a workspace."""
        async with self._store.begin() as work:
            return await find(work, self._platform, workspace)

    async def keep(self, installation: Installation) -> None:
        """Keep an installation in the place of an earlier one."""
        async with self._store.begin() as work:
            await keep(work, self._platform, installation, at=self._clock())
