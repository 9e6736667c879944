"""How addresses name this machine itself."""

from ipaddress import ip_address
from urllib.parse import urlsplit


def is_loopback(host: str) -> bool:
    """Whether a host name or address, without a port, is this machine itself and can be nothing else."""
    name = host.strip("[]").lower()
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def is_called_loopback(header: str) -> bool:
    """Whether a request was sent to this machine by a name of its own, as its Host header says.

    A name that merely resolves to 127.0.0.1 (DNS rebinding) is none: that is how a page of anybody's gets a browser on
    this machine to call what listens here.
    """
    try:
        return is_loopback(urlsplit(f"//{header}").hostname or "")
    except ValueError:
        return False
