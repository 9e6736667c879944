"""Reading what was filled in: each value is there and fits, or a kind refusal says which input and why."""

from collections.abc import Collection, Mapping

from bot.errors import FormError, UserError


class Filled:
    """The values of a form. Problems are gathered; `check` refuses all of them at once."""

    def __init__(self, values: Mapping[str, str]) -> None:
        """Read from what the platform handed over; an input that is not there is empty."""
        self._values = values
        self._problems: dict[str, UserError] = {}

    def text(self, name: str, *, most: int, required: bool = True) -> str:
        """Return a text without the space around it, at most `most` characters."""
        text = self._values.get(name, "").strip()
        if required and not text:
            self.refuse(name, UserError("chat/missing"))
        if len(text) > most:
            self.refuse(name, UserError("chat/toolong", most=most, length=len(text)))
        return text

    def option(self, name: str, options: Collection[str]) -> str:
        """Return one of the options."""
        text = self._values.get(name, "").strip()
        if text not in options:
            self.refuse(name, UserError("chat/notanoption"))
        return text

    def refuse(self, name: str, problem: UserError) -> None:
        """Note what is wrong with an input; the first problem of an input is the one that is said."""
        self._problems.setdefault(name, problem)

    def check(self) -> None:
        """Go on only when nothing was refused; raises `FormError`."""
        if self._problems:
            raise FormError(self._problems)
