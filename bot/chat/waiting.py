"""How long a platform asks to wait."""

import math

DEFAULT_WAIT = 30.0  # seconds; where a platform says to wait and not how long, as Slack's message_limit_exceeded
LONGEST_WAIT = 3600.0


def wait(header: str | None) -> float:
    """Read a Retry-After, in seconds; whatever stands there, the wait is a sensible one."""
    try:
        seconds = float(header or "")
    except ValueError:
        return DEFAULT_WAIT
    return min(max(seconds, 1.0), LONGEST_WAIT) if math.isfinite(seconds) else DEFAULT_WAIT
