"""Slack: what members do there becomes events (in), and cards become Block Kit (out)."""
