"""Free days: public and school holidays, periods by hand, and calendars of a school or university."""

from bot.features.freedays import calendars, handlers, jobs
from bot.features.freedays.routes import routes

__all__ = ["calendars", "handlers", "jobs", "routes"]
