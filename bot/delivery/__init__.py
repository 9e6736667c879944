"""From answers to messages that arrived.

The outbox makes rows, the planner makes them from what is due, an engine has the sender send them.
"""
