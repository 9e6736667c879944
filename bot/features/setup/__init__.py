"""A channel becomes a community: name, domain sentence, language, zone."""

from bot.features.setup import handlers
from bot.features.setup.routes import routes

__all__ = ["handlers", "routes"]
