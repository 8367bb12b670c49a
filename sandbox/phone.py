"""The phone's own page and its files."""

from __future__ import annotations

from pathlib import Path

from tornado.web import RequestHandler, StaticFileHandler

from sandbox.proxy import PhoneBrowser, Stray
from sandbox.world import World

HERE = Path(__file__).parent
STATIC, TEMPLATES = HERE / "static", HERE / "templates"
POLICY = "default-src 'self'; img-src 'self' data: http: https:; base-uri 'none'; object-src 'none'"


class PhonePage(RequestHandler):
    """GET /: the chat, the browser and the pay sheet; everything else comes by script from /api."""

    def initialize(self, world: World) -> None:
        self.world = world

    def get(self) -> None:
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("Cache-Control", "no-store")
        self.render("phone.html", account_name=self.world.config.account_name)


class ScreenPage(RequestHandler):
    """GET /desktop, /mobile: a browser outside of WeChat, to stand beside the phone."""

    def initialize(self, world: World) -> None:
        self.world = world

    def get(self, kind: str) -> None:
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("Cache-Control", "no-store")
        self.render("screen.html", kind=kind, service_url=self.world.config.service_url)


class FreshStatic(StaticFileHandler):
    """Files that a browser asks for again after each start: a demo must never show yesterday's script."""

    def set_extra_headers(self, path: str) -> None:
        self.set_header("Cache-Control", "no-cache")


def routes(world: World) -> list[tuple[str, type[RequestHandler], dict[str, object]]]:
    return [
        (r"/", PhonePage, {"world": world}),
        (r"/static/(.*)", FreshStatic, {"path": str(STATIC)}),
        (r"/(desktop|mobile)/?", ScreenPage, {"world": world}),
        (r"/(phone|desktop|mobile)/([\w-]+)(/.*)?", PhoneBrowser, {"world": world}),
        (r"/.*", Stray, {"world": world}),
    ]
