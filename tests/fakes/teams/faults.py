"""What can go wrong with one call: each plays once, on the next call that it is meant for."""

import json
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


def limited(retry_after: str | None = "1") -> Fault:
    """Too many requests; the header says how long to wait, or whatever it is made to say."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return Fault(429, _error("Throttled", "Too many requests."), headers=headers)


def precondition() -> Fault:
    """Several did something to one conversation at once; the documented thing to do is to try again."""
    return Fault(412, _error("PreconditionFailed", "Precondition failed, please try again."))


def broken(status: int = 500, *, arrives: bool = False) -> Fault:
    """A fault of Microsoft's own, told in JSON."""
    return Fault(status, _error("ServiceError", "Unknown"), arrives=arrives)


def page(status: int = 502, *, arrives: bool = False) -> Fault:
    """A page, from something that stands before the connector."""
    return Fault(status, "<html><body>Bad gateway</body></html>", "text/html", arrives=arrives)


def odd(body: str, content_type: str = "application/json", *, arrives: bool = False) -> Fault:
    """A 200 that is no answer."""
    return Fault(200, body, content_type, arrives=arrives)


def refused(status: int, code: str, message: str = "") -> Fault:
    """The connector says no."""
    return Fault(status, _error(code, message))


def hang(*, arrives: bool = True) -> Fault:
    """Nothing comes back, for as long as anyone waits."""
    return Fault(hang=True, arrives=arrives)


def cut(*, arrives: bool = True) -> Fault:
    """The line is cut after the request was read."""
    return Fault(cut=True, arrives=arrives)


def slow(seconds: float = 0.2) -> Fault:
    """It goes well, but not at once."""
    return Fault(late=seconds, arrives=True)


def _error(code: str, message: str) -> str:
    return json.dumps({"error": {"code": code, "message": message}})
