"""What one person chose, and what Kring knows of them."""

from bot.features.me import handlers
from bot.features.me.routes import routes

__all__ = ["handlers", "routes"]
