"""Slack: what is written there, and what it does when it has a bad day."""
