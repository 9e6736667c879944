"""How much energy the community gives: pulses that lead to nobody, and a journal for oneself."""

from bot.features.energy import handlers, jobs
from bot.features.energy.routes import routes

__all__ = ["handlers", "jobs", "routes"]
