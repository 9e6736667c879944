"""What the room can show, in characters and counts; like Slack's, so that what fits here mostly fits there."""

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


def within(name: str, size: int, most: int) -> None:
    """Hold something to its limit.

    Raises:
        ValueError: it is over; nothing is ever cut in silence.

    """
    if size > most:
        raise ValueError(f"{name} is {size}, and {most} is the most the room shows")
