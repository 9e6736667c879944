"""The app manifest, ready to paste: with the address filled in, or for Socket Mode without one."""

import re
from pathlib import Path

SHIPPED = Path(__file__).resolve().parents[3] / "manifest" / "slack.yaml"
_HOST = "https://HOST"
_ADDRESSES = re.compile(rf"^ *redirect_urls:\n|^ *(?:-|\w+:) {_HOST}\S*\n", re.MULTILINE)


def written(url: str | None, shipped: Path = SHIPPED) -> str:
    """Return the manifest for the address at which Kring is reached; for Socket Mode where there is none."""
    text = shipped.read_text(encoding="utf-8")
    text = text[text.index("display_information:") :]  # what is above explains the file, not the app
    if url is not None:
        return text.replace(_HOST, url.rstrip("/"))
    return _ADDRESSES.sub("", text).replace("socket_mode_enabled: false", "socket_mode_enabled: true")
