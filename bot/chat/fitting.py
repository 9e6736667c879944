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
