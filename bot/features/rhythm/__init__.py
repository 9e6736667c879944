"""Everything that recurs, with its next dates in words."""

from bot.features.rhythm import exceptions, handlers
from bot.features.rhythm.routes import routes

__all__ = ["exceptions", "handlers", "routes"]
