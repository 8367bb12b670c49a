"""A follower's WeChat browser: cookies of their own, OAuth answered as them, one site only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urljoin, urlsplit

from tornado.httputil import HTTPHeaders

from sandbox.config import Config
from sandbox.oauth import AuthorizeRefused, OAuth
from sandbox.out import Answer, Out

USER_AGENT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Mobile/15E148 MicroMessenger/8.0.50(0x18003231) NetType/WIFI Language/zh_CN"
)
COMPUTER_AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/130.0.0.0 Safari/537.36"
)
MOBILE_AGENT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/17.5 Mobile/15E148 Safari/604.1"
)
AGENTS = {"phone": USER_AGENT, "desktop": COMPUTER_AGENT, "mobile": MOBILE_AGENT}
SCREENS_MAX = 20
AUTHORIZE_PATH = "/connect/oauth2/authorize"
REDIRECTS_MAX = 10
COOKIES_MAX = 50
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class TooManyRedirects(Exception):
    """The service sends the browser round and round."""


@dataclass(frozen=True)
class Cookie:
    """``value`` is raw, for the service must get back what it sent."""

    value: str
    hidden: bool
    """HttpOnly: not for the page's script."""


@dataclass(frozen=True)
class Page:
    """Where a journey ended, and what was there."""

    url: str
    answer: Answer


class Browser:
    """One follower's browser; or, without an ``openid``, one outside of WeChat."""

    def __init__(self, config: Config, out: Out, oauth: OAuth, openid: str, prefix: str = "") -> None:
        self._config, self._out, self._oauth = config, out, oauth
        self.openid = openid
        self.prefix = prefix or f"/phone/{openid}"
        """Where it stands in the sandbox."""
        self._agent = AGENTS[self.prefix.split("/")[1]]
        self._cookies: dict[str, Cookie] = {}

    async def fetch(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request to the service; ``path`` begins with "/". Raises NoAnswer."""
        wanted = {"Accept": "*/*", **(headers or {}), **self._own_headers(method, headers or {})}
        answer = await self._out.fetch(
            method, self._config.service_url + path, body=body, headers=wanted, timeout_s=20
        )
        self._remember(answer.headers)
        return answer

    async def open(self, path: str) -> Page:
        """Follow redirects, OAuth's too, to a page. Raises NoAnswer, TooManyRedirects, AuthorizeRefused."""
        for _ in range(REDIRECTS_MAX):
            answer = await self.fetch("GET", path, headers={"Accept": "text/html,*/*"})
            target = self.target(path, answer)
            if target is None:
                return Page(path, answer)
            path = target
        raise TooManyRedirects(path)

    def target(self, path: str, answer: Answer) -> str | None:
        """Where a redirect leads on the service, OAuth already passed; None when it leads nowhere here.

        Raises AuthorizeRefused when the service asks for a login that WeChat would not give."""
        location = answer.headers.get("Location")
        if not location or not 300 <= answer.status < 400:
            return None
        url = urljoin(self._config.service_url + path, location)
        parts = urlsplit(url)
        if parts.path == AUTHORIZE_PATH and not self._out.is_service(url):
            if not self.openid:
                raise AuthorizeRefused("请在微信客户端打开链接")
            url = self._oauth.authorize(dict(parse_qsl(parts.query)), self.openid)
        return self.path_of(url)

    def path_of(self, url: str) -> str | None:
        """The path and query of a service's address, else None."""
        if not self._out.is_service(url):
            return None
        rest = url.removeprefix(self._config.service_url).partition("#")[0]
        return rest if rest.startswith("/") else "/" + rest

    def visible_cookies(self) -> dict[str, str]:
        """What the page's own script may read."""
        return {name: cookie.value for name, cookie in self._cookies.items() if not cookie.hidden}

    def _own_headers(self, method: str, given: Mapping[str, str]) -> dict[str, str]:
        own = {"User-Agent": given.get("User-Agent", self._agent), "Accept-Language": "zh-CN,zh;q=0.9"}
        if self._cookies:
            own["Cookie"] = "; ".join(f"{name}={cookie.value}" for name, cookie in self._cookies.items())
        if method not in SAFE_METHODS:
            own["Origin"] = self._config.service_url
            if "_xsrf" in self._cookies and "X-XSRFToken" not in given:
                own["X-XSRFToken"] = self._cookies["_xsrf"].value.strip('"')
        return own

    def _remember(self, headers: HTTPHeaders) -> None:
        for header in headers.get_list("Set-Cookie"):
            cookie: SimpleCookie = SimpleCookie()
            try:
                cookie.load(header)
            except CookieError:
                continue
            for name, morsel in cookie.items():
                gone = morsel["max-age"] == "0" or not morsel.value
                self._set(name, None if gone else Cookie(morsel.coded_value, bool(morsel["httponly"])))

    def _set(self, name: str, cookie: Cookie | None) -> None:
        self._cookies.pop(name, None)
        if cookie is not None and len(self._cookies) < COOKIES_MAX:
            self._cookies[name] = cookie


class Browsers:
    """One browser a follower, and those of other screens."""

    def __init__(self, config: Config, out: Out, oauth: OAuth) -> None:
        self._config, self._out, self._oauth = config, out, oauth
        self._open: dict[str, Browser] = {}
        self._screens: dict[str, Browser] = {}

    def of(self, openid: str) -> Browser:
        if openid not in self._open:
            self._open[openid] = Browser(self._config, self._out, self._oauth, openid)
        return self._open[openid]

    def screen(self, prefix: str) -> Browser:
        """A computer's or a phone's own browser, by where it stands: ``/desktop/NAME``, ``/mobile/NAME``."""
        if prefix not in self._screens:
            while len(self._screens) >= SCREENS_MAX:
                del self._screens[next(iter(self._screens))]
            self._screens[prefix] = Browser(self._config, self._out, self._oauth, "", prefix)
        return self._screens[prefix]
