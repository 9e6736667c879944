"""What Slack takes, in characters and counts. From slack-sdk's models where no other source is named.

Lengths are counted as Python counts them, in code points, before Slack's own escaping; nobody outside Slack knows how
it counts.
"""

from functools import partial

from bot.chat import fitting

SUMMARY = 4000  # chat.postMessage, argument text: "limit to 4,000"; over 40,000 it is cut, which we never let happen
BLOCKS = 50  # chat.postMessage, argument blocks
SURFACE_BLOCKS = 100  # of a modal and of the home tab
# Of all texts of a message together. Undocumented: msg_blocks_too_long was seen from 11,341 on (bolt-js 2509, 2867).
MESSAGE = 10_000
HEADER = 150
TEXT = 3000  # of a text object; the same for a rich_text block, for which Slack names no limit
LINK = 3000
FACTS = 10  # as the fields of a section, although a rich_text block holds them: more is no longer a glance
FACT = 2000
IMAGE_URL = 3000
ALT = 2000
BUTTONS = 25  # elements of one actions block
BUTTON = 75
VALUE = 2000  # of a button
OPTIONS = 100
OPTION = 75
OPTION_VALUE = 150
PLACEHOLDER = 150
ID = 255  # action_id, block_id, callback_id
MODAL_TITLE = 24  # title, submit and close; docs.slack.dev, modal views
SUBMIT = 24
METADATA = 3000  # private_metadata of a view
INPUT_LABEL = 2000
HINT = 2000
INPUT = 3000  # max_length of plain_text_input

within = partial(fitting.within, "Slack takes")
"""Holds something to its limits: its name, how much it is, the most and the least; else a `ValueError` says so."""
