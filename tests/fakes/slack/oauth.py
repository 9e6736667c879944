"""Installing over OAuth: the page where an administrator says yes, and the exchange of a code for a token."""

import base64

from aiohttp import web

from tests.fakes.slack.world import BOT, Json, Refused, World


async def authorize(world: World, request: web.Request) -> web.StreamResponse:
    """Send the administrator back with a code, at once; `team` in the query says of which workspace, else T1."""
    team = request.query.get("team", "T1")
    code = f"code-{next(world.numbers)}"
    world.codes[code] = team
    back = f"{request.query['redirect_uri']}?code={code}&state={request.query.get('state', '')}"
    raise web.HTTPFound(back)


def access(world: World, request: web.Request, args: Json) -> Json:
    """Exchange a code for a token; each installing makes a new one, and the one before is good no more."""
    given = (args.get("client_id", ""), args.get("client_secret", ""))
    basic = request.headers.get("Authorization", "")
    if basic.startswith("Basic "):
        name, _, secret = base64.b64decode(basic.removeprefix("Basic ")).decode().partition(":")
        given = (name, secret)
    if given != (world.client_id, world.client_secret):
        raise Refused("bad_client_secret" if given[0] == world.client_id else "invalid_client_id")
    team = world.codes.pop(args.get("code", ""), None)
    if team is None:
        raise Refused("invalid_code")
    place = world.workspaces.get(team) or world.workspace(team)
    place.token, place.revoked = f"xoxb-{team}-{next(world.numbers)}", None
    return {
        "app_id": "A1",
        "authed_user": {"id": "lotte"},
        "scope": ",".join(sorted(place.scopes)),
        "token_type": "bot",
        "access_token": place.token,
        "bot_user_id": BOT,
        "team": None if place.org_wide else {"id": place.id, "name": place.id},
        "enterprise": {"id": place.enterprise, "name": "x"} if place.enterprise else None,
        "is_enterprise_install": place.org_wide,
    }
