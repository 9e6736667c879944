"""What the room can show, in characters and counts; like Slack's, so that what fits here mostly fits there."""

from functools import partial

from bot.chat import fitting

SUMMARY = 300
TITLE = 150
TEXT = 3000
FACTS = 10
FACT = 300
ALT = 500
URL = 2000
BUTTONS = 25
LABEL = 75
OPTIONS = 100
FORM_TITLE = 60
SUBMIT = 24
INPUTS = 20
HINT = 150
INPUT = 3000
SAID = 4000  # what a person may type at once

within = partial(fitting.within, "the room shows")
"""Holds something to its limits: its name, how much it is, the most and the least; else a `ValueError` says so."""
