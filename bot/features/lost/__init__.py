"""What did not arrive, said to who leads the community."""

from bot.features.lost import jobs
from bot.features.lost.routes import routes

__all__ = ["jobs", "routes"]
