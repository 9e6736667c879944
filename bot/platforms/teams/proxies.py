"""The way out: through the proxy that the environment names, as Slack's client goes."""

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from bot.domain.loopback import is_loopback


def proxy_for(address: str) -> str | None:
    """Return the proxy of `HTTPS_PROXY`; none for this machine, and for what `NO_PROXY` names.

    Not aiohttp's own `trust_env`: with that it looks for passwords in a `.netrc` too, in a thread, for every call.
    """
    proxy = getproxies().get("https")
    if not proxy:
        return None
    host = urlsplit(address).hostname or ""
    return None if is_loopback(host) or proxy_bypass(host) else proxy
