"""What this feature answers to; its handlers and jobs register here."""

from bot.context import FeatureRoutes

routes = FeatureRoutes()
