"""What you can do here, on one screen."""

from bot.features.help import handlers
from bot.features.help.routes import routes

__all__ = ["handlers", "routes"]
