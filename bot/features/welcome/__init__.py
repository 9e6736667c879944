"""A new member is welcomed, and a human is asked to say hello."""

from bot.features.welcome import handlers
from bot.features.welcome.routes import routes

__all__ = ["handlers", "routes"]
