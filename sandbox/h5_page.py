"""WeChat Pay's own page between a phone's browser and WeChat: where an ``h5_url`` leads.

The real one opens the WeChat app and goes back to ``redirect_url`` after some seconds. Here one chooses whose
WeChat it is, and pays or not.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from tornado.web import RequestHandler

from sandbox.transactions import SheetRefused
from sandbox.world import World

H5_PATH = "/cgi-bin/mmpayweb-bin/checkmweb"
NO_REFERER = "商家参数格式有误，请联系商家解决"
_SCREEN = re.compile(r"/(?:mobile|desktop)/[\w-]+(?=/)")


class H5Page(RequestHandler):
    """GET shows who may pay; POST pays, or not, and goes back."""

    def initialize(self, world: World) -> None:
        self.world = world

    def get(self) -> None:
        try:
            self._check_referer()
            sheet = self.world.cashier.sheet_of_h5(self.get_query_argument("prepay_id", ""))
        except SheetRefused as error:
            self._trouble(str(error))
            return
        self.set_header("Cache-Control", "no-store")
        self.render(
            "h5.html",
            sheet=sheet,
            followers=self.world.followers.all()[:20],
            screen=self._screen(),
            trouble="",
        )

    def post(self) -> None:
        prepay_id = self.get_query_argument("prepay_id", "")
        openid = self.get_body_argument("openid", "")
        try:
            if openid and self.world.knows(openid):
                self.world.cashier.notify_in_background(self.world.cashier.pay_h5(prepay_id, openid))
        except SheetRefused as error:
            self._trouble(str(error))
            return
        self.redirect(self._back(), status=303)

    def _check_referer(self) -> None:
        """WeChat opens only for the site that the merchant has registered. Raises SheetRefused."""
        referer = urlsplit(self.request.headers.get("Referer", ""))
        sites = {urlsplit(self.world.config.service_url).netloc}
        if self._screen():
            sites.add(self.request.host)
        if referer.netloc not in sites:
            raise SheetRefused(NO_REFERER)

    def _screen(self) -> str:
        """The sandbox's frame that this page stands in: its path, or "" in a browser of its own."""
        given = self.get_body_argument("screen", "")
        found = _SCREEN.match(urlsplit(self.request.headers.get("Referer", "")).path)
        return given if _SCREEN.match(f"{given}/") else found[0] if found else ""

    def _back(self) -> str:
        """``redirect_url``, which must be the merchant's; in a frame, the same page there."""
        wanted = urlsplit(self.get_query_argument("redirect_url", ""))
        if wanted.netloc != urlsplit(self.world.config.service_url).netloc:
            return self.world.config.service_url
        path = f"{wanted.path}?{wanted.query}" if wanted.query else wanted.path
        screen = self._screen()
        return screen + path if screen else f"{wanted.scheme}://{wanted.netloc}{path}"

    def _trouble(self, reason: str) -> None:
        self.set_status(400)
        self.render("h5.html", sheet=None, followers=[], screen="", trouble=reason)
