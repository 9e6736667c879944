"""Where Kring was let in: one workspace, or a whole organisation of workspaces, with the key that was given for it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Installation:
    """One installation; `workspace` is what was let in, and `bot_user` is who Kring is there."""

    workspace: str
    bot_user: str
    token: str = field(repr=False)
    scopes: tuple[str, ...] = ()


def installed_as(workspace: str) -> str:
    """Name the installation behind a workspace: itself, or for `organisation/workspace` the organisation."""
    return workspace.partition("/")[0]
