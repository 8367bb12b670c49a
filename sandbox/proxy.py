"""``/phone/{openid}/…``: the service's pages in the phone, as that follower's browser gets them.

``/desktop/{name}/…`` and ``/mobile/{name}/…`` are browsers that WeChat has nothing to do with.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tornado.httputil import HTTPHeaders
from tornado.web import RequestHandler

from sandbox.browser import Browser, TooManyRedirects
from sandbox.jssdk import REAL_SCRIPT, SCRIPT
from sandbox.oauth import AuthorizeRefused
from sandbox.out import Answer, NoAnswer
from sandbox.world import World

SENT_ON = ("Accept", "Content-Type", "X-XSRFToken", "X-Xsrftoken", "X-Requested-With", "Range")
GIVEN_BACK = (
    "Content-Type",
    "Cache-Control",
    "Content-Disposition",
    "Content-Language",
    "Content-Range",
    "Retry-After",
)
OWN_COOKIES = frozenset({"sandbox_openid"})
BRIDGE = '<script src="/static/bridge.js"></script>'

_STANDS = re.compile(r"(/(?:phone|desktop|mobile)/[\w-]+)/(.*)")
_TAG = re.compile(r"<[a-zA-Z][^<>]*>")
_ATTRIBUTE = re.compile(
    r"(\s(?:href|src|action|formaction|poster|data-src)\s*=\s*)(\"[^\"]*\"|'[^']*'|[^\s\"'>]+)", re.IGNORECASE
)
_CSS_URL = re.compile(r"url\(\s*([\"']?)(/(?!/)[^)\"']*)\1\s*\)")
_HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)
_REFRESH = re.compile(r"(content\s*=\s*[\"']\s*\d+\s*;\s*url=)(/(?!/))", re.IGNORECASE)
_FRAME_ANCESTORS = re.compile(r"\s*frame-ancestors[^;]*;?", re.IGNORECASE)


class PhoneBrowser(RequestHandler):
    """One request of the page within the phone."""

    def initialize(self, world: World) -> None:
        self.world = world

    async def get(self, kind: str, name: str, rest: str) -> None:
        await self._pass_on(kind, name, rest)

    async def post(self, kind: str, name: str, rest: str) -> None:
        await self._pass_on(kind, name, rest)

    put = patch = delete = post

    async def _pass_on(self, kind: str, name: str, rest: str) -> None:
        if kind == "phone" and not self.world.knows(name):
            return self._trouble(404, "没有这位关注者")
        browsers = self.world.browsers
        browser = browsers.of(name) if kind == "phone" else browsers.screen(f"/{kind}/{name}")
        path = self._path(browser.prefix, rest)
        body = self.request.body if self.request.method != "GET" else None
        try:
            answer = await browser.fetch(
                self.request.method or "GET", path, body=body, headers=self._sent_on()
            )
            target = browser.target(path, answer)
        except (NoAnswer, TooManyRedirects) as error:
            return self._trouble(502, f"网页打不开：{error}")
        except AuthorizeRefused as error:
            return self._trouble(400, str(error))
        if not browser.openid:
            self.world.codes.look_at(answer)
        return self._give_back(browser, answer, target)

    def _path(self, prefix: str, rest: str) -> str:
        """As the browser wrote it: path still percent-encoded, query included."""
        uri = self.request.uri or ""
        return uri.removeprefix(prefix) or f"/{rest}"

    def _sent_on(self) -> dict[str, str]:
        headers = self.request.headers
        sent = {name: headers[name] for name in SENT_ON if name in headers}
        found = _STANDS.search(headers.get("Referer", ""))
        referer = found[2] if found else ""
        return {**sent, "Referer": f"{self.world.config.service_url}/{referer}"} if referer else sent

    def _give_back(self, browser: Browser, answer: Answer, target: str | None) -> None:
        prefix = browser.prefix
        self.set_status(answer.status)
        for name in GIVEN_BACK:
            if name in answer.headers:
                self.set_header(name, answer.headers[name])
        self._show_cookies(browser, prefix)
        self._guard(answer.headers)
        if target is not None:
            self.set_header("Location", prefix + target)
        elif "Location" in answer.headers:
            self.set_header("Location", answer.headers["Location"])
        if answer.status == 204 or 300 <= answer.status < 400:
            self.clear_header("Content-Type")
            self.finish()
        else:
            self.finish(rewritten(answer, prefix, self.world.config.service_url))

    def _show_cookies(self, browser: Browser, prefix: str) -> None:
        """The page's script may read what is not HttpOnly; what counts is kept on this side. All of them each
        time, for the page may be open in a browser that was not there when the service set them."""
        visible = browser.visible_cookies()
        for name, value in visible.items():
            self.add_header("Set-Cookie", f"{name}={value}; Path={prefix}/; SameSite=Lax")
        for name in set(self.request.cookies) - set(visible) - OWN_COOKIES:
            self.add_header("Set-Cookie", f"{name}=; Path={prefix}/; Max-Age=0; SameSite=Lax")

    def _guard(self, headers: HTTPHeaders) -> None:
        """The service's own policy stays, except that the phone is a frame."""
        policy = _FRAME_ANCESTORS.sub("", headers.get("Content-Security-Policy", "")).strip()
        if policy:
            self.set_header("Content-Security-Policy", policy)
        self.set_header("X-Content-Type-Options", "nosniff")

    def _trouble(self, status: int, reason: str) -> None:
        self.set_status(status)
        self.render("trouble.html", reason=reason)


def rewritten(answer: Answer, prefix: str, service_url: str) -> bytes:
    """The body with its own addresses led through ``prefix``; HTML also gets the bridge."""
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind == "text/html":
        return _html(answer.body.decode("utf-8", "replace"), prefix, service_url).encode()
    if kind == "text/css":
        return _CSS_URL.sub(rf"url(\g<1>{prefix}\g<2>\g<1>)", answer.body.decode("utf-8", "replace")).encode()
    return answer.body


def _html(text: str, prefix: str, service_url: str) -> str:
    def attribute(match: re.Match[str]) -> str:
        return match[1] + _through(match[2], prefix, service_url)

    def tag(match: re.Match[str]) -> str:
        return _REFRESH.sub(rf"\g<1>{prefix}\g<2>", _ATTRIBUTE.sub(attribute, match[0]))

    led = _TAG.sub(tag, text)
    with_bridge, count = _HEAD.subn(_after(BRIDGE), led, count=1)
    return with_bridge if count else BRIDGE + led


def _after(addition: str) -> Callable[[re.Match[str]], str]:
    return lambda match: match[0] + addition


def _through(value: str, prefix: str, service_url: str) -> str:
    quote = value[0] if value[0] in "\"'" else ""
    url = value.strip(quote) if quote else value
    if url.startswith(REAL_SCRIPT):
        return f"{quote}{SCRIPT}{quote}"
    if url.startswith(service_url) and url[len(service_url) : len(service_url) + 1] in ("", "/", "?", "#"):
        url = url[len(service_url) :] or "/"
        url = url if url.startswith("/") else f"/{url}"
    if url.startswith("/") and not url.startswith(("//", prefix + "/")):
        url = prefix + url
    return f"{quote}{url}{quote}"


class Stray(RequestHandler):
    """An absolute path that a page's script went to by itself: back behind the prefix it came from."""

    def initialize(self, world: World) -> None:
        self.world = world

    def get(self) -> None:
        found = _STANDS.search(self.request.headers.get("Referer", ""))
        if found and (not found[1].startswith("/phone/") or self.world.knows(found[1].rpartition("/")[2])):
            self.redirect(f"{found[1]}{self.request.uri}", status=307)
        else:
            self.set_status(404)
            self.render("trouble.html", reason="沙盒里没有这个地址")

    post = get
