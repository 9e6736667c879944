"""What can go wrong with one call to Slack, in its own words; what goes wrong anywhere is in `fakes/faults.py`."""

import json

from tests.fakes.faults import Fault, cut, hang, odd, page, throttled


def limited(retry_after: str | None = "1") -> Fault:
    """Too many requests."""
    return throttled('{"ok":false,"error":"ratelimited"}', retry_after)


def broken(status: int = 500, *, arrives: bool = False) -> Fault:
    """A fault of Slack's own, told in JSON."""
    return Fault(status, '{"ok":false,"error":"internal_error"}', arrives=arrives)


def refused(error: str, **more: object) -> Fault:
    """Slack says no."""
    return Fault(200, json.dumps({"ok": False, "error": error, **more}))


__all__ = ["Fault", "broken", "cut", "hang", "limited", "odd", "page", "refused"]
