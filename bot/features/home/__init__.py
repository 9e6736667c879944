"""One person's own page: what comes, what Kring keeps of them, and what they could do next."""

from bot.features.home import handlers
from bot.features.home.routes import routes

__all__ = ["handlers", "routes"]
