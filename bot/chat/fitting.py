"""What a platform would not take, told before it is sent."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.errors import Misconfigured


@contextmanager
def fitting() -> Iterator[None]:
    """Say in the language of chat that the platform would not take what we wrote, which a ValueError tells."""
    try:
        yield
    except ValueError as error:
        raise Misconfigured(str(error)) from error


def within(whose: str, name: str, size: int, most: int, least: int = 0) -> None:
    """Hold something to its limits; `whose` they are ends the sentence that says so.

    Raises:
        ValueError: it is over, or under; nothing is ever cut in silence.

    """
    if size > most:
        raise ValueError(f"{name} is {size}, and {most} is the most {whose}")
    if size < least:
        raise ValueError(f"{name} is {size}, and {least} is the least {whose}")
