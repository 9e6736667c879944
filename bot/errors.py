"""The error tree: what can go wrong, and who is told.

KringError               its docstring is its default message
|- UserError(prompt)     a kind refusal; the words live in prompts/
|  '- FormError(fields)  the same, per input of a form
|- PromptError           a template that cannot be rendered
|- StoreError            the store refuses or is gone; the event is kept and tried again
|  '- Conflict           someone else wrote the same at the same moment; a second try sees it
|- PlatformError         translated at the platform's edge, `raise ... from`
|  |- RateLimited        the platform says how long to wait
|  |- Unreachable        it never arrived; trying again is safe
|  |- Unsure             it may have arrived; look before trying again
|  '- Misconfigured      trying again will not help; a person must do something
'- ConfigError(name)     start refused: which setting, what was wrong, an example
"""

from collections.abc import Mapping
from enum import StrEnum


class KringError(Exception):
    """Something in Kring went wrong."""

    def __str__(self) -> str:
        """Say what was given, or else what the class is about."""
        return super().__str__() or (type(self).__doc__ or "").strip()


class UserError(KringError):
    """A kind refusal, worded by a template of prompts/: `UserError("energy/closed")`."""

    def __init__(self, prompt: str, **values: object) -> None:
        """Name the template and the values it is rendered with."""
        super().__init__(prompt)
        self.prompt = prompt
        self.values = values


class FormError(UserError):
    """A form that cannot be taken as it is; `fields` says per input which template words the refusal."""

    def __init__(self, fields: Mapping[str, UserError]) -> None:
        """Keep one refusal per input name; the first also serves where no form can be shown."""
        first = next(iter(fields.values()))
        super().__init__(first.prompt, **first.values)
        self.fields = dict(fields)


class PromptError(KringError):
    """A template cannot be rendered."""


class StoreError(KringError):
    """The store cannot be used at this moment."""


class Conflict(StoreError):
    """Someone else wrote the same row at the same moment."""


class PlatformError(KringError):
    """The chat platform did not do what was asked."""


class RateLimited(PlatformError):
    """The platform asks to wait."""

    def __init__(self, retry_after: float) -> None:
        """Wait `retry_after` seconds before anything more goes to this conversation."""
        super().__init__(f"wait {retry_after:g} s")
        self.retry_after = retry_after


class Unreachable(PlatformError):
    """The platform could not be reached; nothing was posted."""


class Unsure(PlatformError):
    """The line was cut while posting; it may or may not have arrived."""


class Refusal(StrEnum):
    """Why a platform refuses for good, as far as somebody can do something about it."""

    GONE = "gone"
    """The conversation is archived or gone."""
    OUTSIDE = "outside"
    """Kring is not in the conversation."""
    PERSON = "person"
    """The person cannot be written to: deactivated, or Kring is blocked."""
    ACCESS = "access"
    """The key to the platform is wrong, expired, or may too little; once that is mended it can still be sent."""
    REFUSED = "refused"
    """Anything else: a fault of ours."""


class Misconfigured(PlatformError):
    """The platform refuses for good: a person must change something."""

    def __init__(self, message: str, refusal: Refusal = Refusal.REFUSED) -> None:
        """Say what was refused, for the log, and which kind of refusal it is."""
        super().__init__(message)
        self.refusal = refusal


class ConfigError(KringError):
    """A setting stops the start."""

    def __init__(self, name: str, problem: str, example: str) -> None:
        """Name the setting, what was wrong with it, and what a right one looks like."""
        super().__init__(f"{name}: {problem} For example: {example}")
        self.name = name
