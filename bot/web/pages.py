"""The pages that anybody may read: what Kring is, what it keeps, and on which terms. App stores link to them.

They say what the program does, and nothing of this Kring: no names, no numbers. An organisation with words of its own
puts them in its folder of prompts.
"""

from pathlib import Path

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.chat.prompts import LANGUAGES, Prompts
from bot.web.body import blocks

_FOLDER = Path(__file__).resolve().parent
_PAGES = {"about": "pages/about", "privacy": "pages/privacy", "terms": "pages/terms"}
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Pages:
    """The routes `/about`, `/privacy` and `/terms`, each in the language of `?lang=`."""

    def __init__(self, prompts: Prompts, language: str) -> None:
        """Word them with `prompts`; `language` is for who does not say."""
        self._prompts, self._language = prompts, language
        self._templates = Environment(
            loader=FileSystemLoader(_FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def attach(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_get(f"/{{page:{'|'.join(_PAGES)}}}", self._page)
        app.router.add_get("/static/page.css", _style)

    async def _page(self, request: web.Request) -> web.StreamResponse:
        page, asked = request.match_info["page"], request.query.get("lang", "")
        voice = self._prompts.voice(asked if asked in LANGUAGES else self._language)
        words = voice(_PAGES[page])
        html = self._templates.get_template("pages/page.html.j2").render(
            page=page,
            pages=list(_PAGES),
            language=voice.language,
            title=words.title,
            blocks=blocks(words.body),
            links=voice("pages/links").label,
        )
        return web.Response(text=html, content_type="text/html", headers=_HEADERS)


async def _style(_: web.Request) -> web.StreamResponse:
    return web.FileResponse(_FOLDER / "static" / "page.css", headers=_HEADERS)
