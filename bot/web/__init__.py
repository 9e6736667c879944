"""The pages: the local room, health and metrics."""
