"""Everything that recurs, with its next dates in words."""

from bot.features.rhythm import handlers
from bot.features.rhythm.routes import routes

__all__ = ["handlers", "routes"]
