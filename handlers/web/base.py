"""What every page stands on: login by cookie, work off the loop, headers, friendly errors."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from functools import cached_property
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlencode

from tornado.web import HTTPError, RequestHandler

from handlers.offers import what_text
from handlers.price import price_text, yuan
from handlers.shop import Shop
from handlers.terms import access_text, pace_text, refund_text
from handlers.web.cover import cover_size, cover_text, cover_url
from handlers.web.origin import started
from handlers.web.room import WebRoom
from handlers.web.status import HEADLINES, RETRY_AFTER_S, status_of
from handlers.web.way import in_wechat, is_browser_elsewhere
from infra.errors import KebanError, NotFound, Refused, Unavailable
from infra.log import get_logger
from infra.metrics import PAGES, REFUSALS

log = get_logger("web")

P = ParamSpec("P")
T = TypeVar("T")

SESSION_COOKIE = "keban_session"
SESSION_DAYS = 30
LOGIN_COOKIE = "keban_login"
START = "/courses"  # where a login ends that nobody began
WORK_TIMEOUT_S = 10.0
_LOCAL = re.compile(r"/(?!/)[^\\\x00-\x20\x7f]*")

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "media-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


class Page(RequestHandler):
    """Base of all pages. ``name`` is the page's label in the figures.

    ``takes_silent_posts``: whether a POST may come with a cookie and without a word about where it was
    started; only for one that changes nothing that the follower would mind.
    """

    name = "page"
    takes_silent_posts = False
    room: WebRoom

    def initialize(self, room: WebRoom) -> None:
        self.room = room

    @cached_property
    def _allowed(self) -> dict[str, str]:
        """Hosts besides our own, by the policy's directive."""
        return {}

    @property
    def shop(self) -> Shop:
        return self.room.shop

    def set_default_headers(self) -> None:
        self.set_header("Server", "keban")
        self._write_policy()
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("X-Frame-Options", "DENY")
        self.set_header("Referrer-Policy", "same-origin")
        # What is on a page depends on who asks; no cache on the way may keep it.
        self.set_header("Cache-Control", "private, no-cache")

    def set_cookie(self, name: str, value: str | bytes, *args: Any, **options: Any) -> None:
        """As Tornado's, for each cookie of ours: no script reads it, no other site's request brings it, and
        behind https it never travels in the clear.
        """
        options |= {"httponly": True, "secure": self.over_https, "samesite": "Lax"}
        super().set_cookie(name, value, *args, **options)

    def allow(self, directive: str, host: str) -> None:
        """Lets this page reach one other host besides."""
        self._allowed[directive] = host
        self._write_policy()

    def _write_policy(self) -> None:
        names = {**_POLICY, **{name: _POLICY.get(name, "") for name in self._allowed}}
        values = (f"{name} {value} {self._allowed.get(name, '')}".split() for name, value in names.items())
        self.set_header("Content-Security-Policy", "; ".join(" ".join(words) for words in values))

    def prepare(self) -> None:
        if self.request.method not in ("GET", "HEAD"):
            self._refuse_other_sites()

    async def work(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs what waits for the database in the pages' pool, with a deadline."""
        return await self.done(self.room.pools.pages.submit(function, *args, **kwargs))

    async def done(self, future: Future[T], timeout_s: float = WORK_TIMEOUT_S, *, shared: bool = False) -> T:
        """What a pool's work came to. Raises Unavailable when it is not done in time.

        Work that had not begun by then is taken out of the line, unless others wait for it too (``shared``).
        """
        waiting = asyncio.wrap_future(future)
        try:
            return await asyncio.wait_for(asyncio.shield(waiting) if shared else waiting, timeout_s)
        except TimeoutError as error:
            waiting.add_done_callback(_too_late)
            raise Unavailable("a page took too long") from error

    # Who asks

    @property
    def openid(self) -> str | None:
        """The follower who is logged in, from the signed cookie."""
        value = self.get_signed_cookie(SESSION_COOKIE, max_age_days=SESSION_DAYS)
        return value.decode() if value else None

    @property
    def user_agent(self) -> str:
        return self.request.headers.get("User-Agent", "")

    @property
    def in_wechat(self) -> bool:
        return in_wechat(self.user_agent)

    @property
    def client_ip(self) -> str:
        """The visitor's address; "" when it cannot be known."""
        return self.room.proxies.client_ip(
            self.request.remote_ip or "", self.request.headers.get_list("X-Forwarded-For")
        )

    @property
    def over_https(self) -> bool:
        return self.shop.base_url.startswith("https://")

    def login_first(self) -> None:
        """Sends the follower to the login and back to this very page."""
        self.redirect_to_login(self.request.uri or "/courses")

    def redirect_to_login(self, back_to: str, *, again: bool = False) -> None:
        """To the login and back to ``back_to``; ``again`` marks a second try, the last one.

        In WeChat it is silent. Other browsers get a code that WeChat scans (`handlers.web.scan_login`).
        """
        if is_browser_elsewhere(self.user_agent):
            self.redirect(f"/login/qr?{urlencode({'to': back_to})}")
            return
        state = _new_state()
        self.set_signed_cookie(
            LOGIN_COOKIE,
            json.dumps({"state": state, "to": back_to, "again": again}),
            expires_days=None,
        )
        self.redirect(self.room.oauth.authorize_url(f"{self.shop.base_url}/login", state))

    def _refuse_other_sites(self) -> None:
        """No form or script of another site may act for the follower whose cookie the browser sends along.

        What does not say where it was started is no browser's of today; with a cookie it is refused all the
        same. The session cookie is SameSite=Lax besides.
        """
        start = started(self.request.headers, self.shop.base_url)
        acts_for_somebody = "Cookie" in self.request.headers and not self.takes_silent_posts
        if start == "elsewhere" or (start == "unknown" and acts_for_somebody):
            REFUSALS.labels(door=self.name, cause="other_site").inc()
            raise Refused("a request that another site started, or that does not say where it was started")

    # What is answered

    def get_template_namespace(self) -> dict[str, Any]:
        names: dict[str, Any] = super().get_template_namespace()
        return names | {
            "yuan": yuan,
            "price": lambda fen, original=None: price_text(self.shop.say, fen, original),
            "access": lambda access: access_text(self.shop.say, access),
            "pace": lambda course: pace_text(self.shop.say, course),
            "refund": lambda rule: refund_text(self.shop.say, rule),
            "say": self.shop.say,
            "what": lambda offer: what_text(self.shop, offer),
            "day": self._day,
            "openid": self.openid,
            "in_wechat": self.in_wechat,
            "selling": self.shop.selling,
            "cover": cover_text,
            "cover_size": cover_size,
            "cover_url": cover_url,
        }

    def _day(self, moment: datetime) -> str:
        local = moment.astimezone(self.shop.zone)
        return f"{local.year}年{local.month}月{local.day}日"

    def answer_json(self, value: dict[str, Any], status: int = 200) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(json.dumps(value, ensure_ascii=False))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """One friendly page for every error; the cause goes to the log."""
        error = kwargs.get("exc_info", (None, None))[1]
        status, sentence = self._explain(status_code, error)
        self.set_status(status)
        if status in RETRY_AFTER_S:
            self.set_header("Retry-After", str(RETRY_AFTER_S[status]))
        if self.request.headers.get("Accept", "").startswith("application/json"):
            self.answer_json({"code": "FAIL", "message": sentence}, status)
            return
        headline = self.shop.say(HEADLINES.get(status, "error.head_sorry"))
        again = inside(self.request.uri or "") if status >= 500 and self.request.method == "GET" else ""
        self.finish(
            self.render_string("error.html", headline=headline, sentence=sentence, again=again, status=status)
        )

    def _explain(self, status: int, error: BaseException | None) -> tuple[int, str]:
        if isinstance(error, KebanError):
            return status_of(error), self.shop.say(error.say)
        if status == 404:
            return 404, self.shop.say("error.not_found")
        return status, self.shop.say("error.refused" if status < 500 else "error.sorry")

    def log_exception(self, typ: Any, value: BaseException | None, tb: Any) -> None:
        if isinstance(value, KebanError):
            log.warning("page_refused", page=self.name, cause=str(value), status=status_of(value))
        elif not isinstance(value, HTTPError):
            log.error("page_broke", page=self.name, exc_info=(typ, value, tb))

    def on_finish(self) -> None:
        PAGES.labels(page=self.name, status=f"{self.get_status() // 100}xx").inc()


class NoSuchPage(Page):
    """Every address that is none of ours."""

    name = "none"

    def prepare(self) -> None:
        raise NotFound("no such page")


def inside(address: str) -> str:
    """Only addresses of this site: ``//elsewhere`` and ``https://elsewhere`` lead to the shelf.

    Browsers take a backslash for a slash, and drop tabs and line ends before they read an address; neither
    belongs into one of ours. See https://url.spec.whatwg.org/#concept-basic-url-parser
    """
    return address if _LOCAL.fullmatch(address) else START


def _too_late(ended: asyncio.Future[Any]) -> None:
    """Whoever waited was told already; an error that nobody reads would be logged as a fault of ours."""
    if not ended.cancelled():
        ended.exception()


def _new_state() -> str:
    # WeChat allows letters and digits only, 128 at the most.
    return secrets.token_hex(16)
