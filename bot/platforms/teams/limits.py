"""What Teams takes, in characters and counts, each with where that is said; "chosen" where Microsoft says nothing."""

import json
from functools import partial
from typing import Any

from bot.chat import fitting

MESSAGE = 80_000  # bytes as UTF-16: learn.microsoft.com, format your bot messages: 413 above about 100 KB, aim below 80
FORM = 78_000  # idem; the rest is for the message around it, or the dialog
SUMMARY = 4000  # chosen, as Slack's: it is what a notification shows the beginning of
ROW = 6  # actions of one set: seen, the seventh is not shown (go-teams-notify issue 161, cards reference on hero cards)
LINE = 66  # chosen: characters of the labels of a row, frames included; what a card of some 500 pixels shows whole
FRAME = 6  # of which for the frame of a button: the space around its label, and between it and the next
BUTTONS = 25  # chosen, as Slack's
BUTTON = 75  # chosen, as Slack's: Teams shows one line of it and ends it with dots (cards reference, buttons)
OPTIONS = 100  # chosen, as Slack's
OPTION = 75  # chosen, as Slack's
CHOICE = BUTTON  # the words above a choice, which stand on its button too
FEW = 3  # chosen: rows of buttons that options may take; more of them are a list to unfold
FACTS = 10  # chosen: more is no longer a glance
FACT = 2000  # chosen, as Slack's
LINK = 2000  # chosen: what browsers and proxies take
IMAGE_URL = 2000  # chosen, as above
ALT = 500  # chosen: more is not a description
DIALOG_TITLE = 50  # chosen: one line of a dialog of half a window; a longer one stands in the dialog
SUBMIT = 24  # chosen, as Slack's
INPUTS = 20  # chosen: more is no form any more
INPUT = 4000  # chosen: the most that any input asks for is less
INPUT_LABEL = 300  # chosen: a question of a check-in fits twice
HINT = 300  # chosen
INPUT_NAME = 40  # chosen: ours are words
PLACE = 1000  # chosen: four ids and names of Teams fit

within = partial(fitting.within, "for Teams")
"""Holds something to its limits: its name, how much it is, the most and the least; else a `ValueError` says so."""


def size(part: Any) -> int:  # noqa: ANN401 - any part of what Teams is sent
    """Count the bytes of a part of a message as Teams counts them, in UTF-16."""
    return len(json.dumps(part, ensure_ascii=False).encode("utf-16-le", "surrogatepass"))
