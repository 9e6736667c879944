"""Kring, the facilitator of a learning community, in the chat that people already use.

Start reading in `bot/main.py`, where everything meets. An event comes in through a folder of `platforms/`, becomes one
row in the inbox, is answered by a handler in `features/`, and leaves as rows in the outbox that `delivery/` sends. What
is due by itself is rung by `clock.py`. Every text a member reads stands in `prompts/`.
"""
