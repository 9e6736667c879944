"""A web that holds what a test puts there."""

from dataclasses import dataclass, field

from bot.chat.ports import NotFetched
from bot.domain.free_calendar import Trouble


@dataclass
class ShelfFetcher:
    """Pages by link; what is not there is gone. A page may also be a trouble."""

    pages: dict[str, bytes | Trouble] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)

    async def fetch(self, link: str) -> bytes:
        """Return what was put at a link."""
        self.fetched.append(link)
        page = self.pages.get(link, Trouble.GONE)
        if isinstance(page, Trouble):
            raise NotFetched(page)
        return page
