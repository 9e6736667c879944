"""Whether a request is Slack's: looked at before anything of it is parsed, and before Bolt sees it.

Bolt parses first and, when the signature is wrong, writes the whole body to the log. So Bolt's own check is switched
off and this one stands in front of it. The scheme: docs.slack.dev, "Verifying requests from Slack".
"""

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping

WINDOW = 300  # seconds; docs.slack.dev: a request that is older may be a replay
_LONGEST = 12  # digits of a time in seconds


class Seal:
    """Knows the signing secret."""

    def __init__(self, secret: str, clock: Callable[[], float] = time.time) -> None:
        self._secret = secret.encode()
        self._clock = clock

    def problem(self, headers: Mapping[str, str], body: bytes) -> str | None:
        """Say why a request is not to be trusted; None when Slack signed it, just now."""
        stamp = headers.get("X-Slack-Request-Timestamp", "")
        given = headers.get("X-Slack-Signature", "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= _LONGEST and given.isascii()):
            return "unsigned"
        if abs(self._clock() - int(stamp)) > WINDOW:
            return "stale"
        return None if hmac.compare_digest(self.sign(stamp, body), given) else "wrong"

    def sign(self, stamp: str, body: bytes) -> str:
        """Sign a body as Slack does."""
        return "v0=" + hmac.new(self._secret, f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
