"""Short cycles of reflection: private, in steps, shared by choice, and the step comes back."""

from bot.features.reflection import handlers, jobs
from bot.features.reflection.routes import routes

__all__ = ["handlers", "jobs", "routes"]
