"""Who may use a page that trusts whoever opens it: only this machine's own browser, on a page of its own.

A name that resolves to 127.0.0.1 (DNS rebinding) is told apart by the Host header, a form on somebody else's page by
its Origin.
"""

from aiohttp import web

from bot.domain.loopback import is_called_loopback

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",  # stricter, and a browser would send `Origin: null` with our own forms
    "X-Content-Type-Options": "nosniff",
}


def check(request: web.Request) -> None:
    """Let only this machine's own browser through.

    Raises:
        web.HTTPForbidden: another Host, or a POST from a page that is not ours.

    """
    host = request.headers.get("Host", "")
    if not is_called_loopback(host):
        raise web.HTTPForbidden(headers=HEADERS)
    origin = request.headers.get("Origin")
    if request.method != "GET" and origin is not None and origin != f"http://{host}":
        raise web.HTTPForbidden(headers=HEADERS)
