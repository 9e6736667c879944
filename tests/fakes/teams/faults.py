"""What can go wrong with one call to Teams, in its own words; what goes wrong anywhere is in `fakes/faults.py`."""

import json

from tests.fakes.faults import Fault, cut, hang, odd, page, slow, throttled


def limited(retry_after: str | None = "1") -> Fault:
    """Too many requests."""
    return throttled(_error("Throttled", "Too many requests."), retry_after)


def precondition() -> Fault:
    """Several did something to one conversation at once; the documented thing to do is to try again."""
    return Fault(412, _error("PreconditionFailed", "Precondition failed, please try again."))


def broken(status: int = 500, *, arrives: bool = False) -> Fault:
    """A fault of Microsoft's own, told in JSON."""
    return Fault(status, _error("ServiceError", "Unknown"), arrives=arrives)


def refused(status: int, code: str, message: str = "") -> Fault:
    """The connector says no."""
    return Fault(status, _error(code, message))


def _error(code: str, message: str) -> str:
    return json.dumps({"error": {"code": code, "message": message}})


__all__ = ["Fault", "broken", "cut", "hang", "limited", "odd", "page", "precondition", "refused", "slow"]
