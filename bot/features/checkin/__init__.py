"""A question at set times, answered in its thread, gathered in one summary."""

from bot.features.checkin import handlers, jobs, planning
from bot.features.checkin.routes import routes

__all__ = ["handlers", "jobs", "planning", "routes"]
