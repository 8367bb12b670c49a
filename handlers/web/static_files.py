"""Style sheet, script and icons, with the headers of all pages and the same friendly error."""

from __future__ import annotations

from typing import Any

from tornado.web import StaticFileHandler

from handlers.web.base import Page
from handlers.web.room import WebRoom

_YEAR_S = 31_536_000


class StaticFiles(Page, StaticFileHandler):
    """Tornado's own file handler; a request that it refuses gets our error page."""

    name = "static"

    def initialize(self, room: WebRoom, **files: Any) -> None:  # type: ignore[override]
        Page.initialize(self, room)
        StaticFileHandler.initialize(self, **files)

    def set_extra_headers(self, path: str) -> None:
        """A file that is asked for by a digest of its contents, as our pages do, never changes there."""
        is_marked = self.get_query_argument("v", "") == self.get_version(self.settings, path)
        self.set_header(
            "Cache-Control", f"public, max-age={_YEAR_S}, immutable" if is_marked else "public, max-age=3600"
        )

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        Page.write_error(self, status_code, **kwargs)


class Home(Page):
    """The bare address, and what browsers ask for by themselves."""

    name = "home"

    def initialize(self, room: WebRoom, to: str = "/courses") -> None:
        super().initialize(room)
        self._to = to

    async def get(self) -> None:
        self.redirect(self._to)


class Robots(Page):
    """The shelf may be found; orders, logins and searches are nobody's business."""

    name = "robots"

    async def get(self) -> None:
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        hidden = ("/pay/", "/gift/", "/me", "/login", "/courses?")
        self.finish("User-agent: *\n" + "".join(f"Disallow: {path}\n" for path in hidden))
