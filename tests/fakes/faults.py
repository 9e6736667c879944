"""What can go wrong with one call to any platform: each plays once, on the next call that it is meant for."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fault:
    """`arrives` when what was asked is done all the same; `cut` closes the line, `hang` never answers.

    `late` is a call that goes well, after so many seconds.
    """

    status: int = 200
    body: str | bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    arrives: bool = False
    cut: bool = False
    hang: bool = False
    late: float = 0.0


def throttled(body: str, retry_after: str | None) -> Fault:
    """Too many requests; the header says how long to wait, or whatever it is made to say."""
    return Fault(429, body, headers={} if retry_after is None else {"Retry-After": retry_after})


def page(status: int = 502, *, arrives: bool = False) -> Fault:
    """A page, from something that stands before the platform."""
    return Fault(status, "<html><body>Bad gateway</body></html>", "text/html", arrives=arrives)


def odd(body: str, content_type: str = "application/json", *, arrives: bool = False) -> Fault:
    """A 200 that is no answer."""
    return Fault(200, body, content_type, arrives=arrives)


def hang(*, arrives: bool = True) -> Fault:
    """Nothing comes back, for as long as anyone waits."""
    return Fault(hang=True, arrives=arrives)


def cut(*, arrives: bool = True) -> Fault:
    """The line is cut after the request was read."""
    return Fault(cut=True, arrives=arrives)


def slow(seconds: float = 0.2) -> Fault:
    """It goes well, but not at once."""
    return Fault(late=seconds, arrives=True)
