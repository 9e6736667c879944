"""What one person chose, when Kring writes to them unasked, and what it knows of them."""

from bot.features.me import handlers, jobs, peace
from bot.features.me.routes import routes

__all__ = ["handlers", "jobs", "peace", "routes"]
