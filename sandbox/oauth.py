"""Web login: the consent that snsapi_base gives silently, and the exchange of its code."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from sandbox.clock import Clock
from sandbox.config import Config

CODE_LIFE_S = 300.0
CODES_MAX = 5000
SCOPES = frozenset({"snsapi_base", "snsapi_userinfo"})


class AuthorizeRefused(Exception):
    """What WeChat's error page says to the follower."""


class ExchangeRefused(Exception):
    """WeChat's errcode and its words."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(errmsg)
        self.errcode, self.errmsg = errcode, errmsg


@dataclass
class Code:
    openid: str
    scope: str
    ends_at: float
    used: bool = False


class OAuth:
    """Codes by value; each works once, for five minutes."""

    def __init__(self, config: Config, clock: Clock) -> None:
        self._config, self._clock = config, clock
        self._codes: dict[str, Code] = {}

    def authorize(self, query: Mapping[str, str], openid: str) -> str:
        """Where the follower's browser goes with a fresh code. Raises AuthorizeRefused."""
        self.check(query)
        value = "0" + secrets.token_urlsafe(23)[:31]
        self._codes[value] = Code(openid, query["scope"], self._clock() + CODE_LIFE_S)
        while len(self._codes) > CODES_MAX:
            del self._codes[next(iter(self._codes))]
        return _with_query(query["redirect_uri"], code=value, state=query.get("state", ""))

    def check(self, query: Mapping[str, str]) -> None:
        """Refuse what WeChat's page refuses. Raises AuthorizeRefused."""
        if query.get("appid") != self._config.app_id:
            raise AuthorizeRefused("appid 参数错误（10012）")
        if query.get("response_type") != "code":
            raise AuthorizeRefused("response_type 必须是 code")
        if query.get("scope") not in SCOPES:
            raise AuthorizeRefused("Scope 参数错误或没有 Scope 权限（10005）")
        if len(query.get("state", "")) > 128:
            raise AuthorizeRefused("state 最多 128 字节")
        redirect = urlsplit(query.get("redirect_uri", ""))
        if (
            redirect.scheme not in ("http", "https")
            or redirect.netloc != urlsplit(self._config.service_url).netloc
        ):
            raise AuthorizeRefused("redirect_uri 域名与后台配置不一致（10003）")

    def exchange(self, query: Mapping[str, str]) -> dict[str, Any]:
        """The answer of /sns/oauth2/access_token. Raises ExchangeRefused."""
        if query.get("appid") != self._config.app_id:
            raise ExchangeRefused(40013, "invalid appid")
        if not hmac.compare_digest(query.get("secret", "").encode(), self._config.app_secret.encode()):
            raise ExchangeRefused(40125, "invalid appsecret")
        if query.get("grant_type") != "authorization_code":
            raise ExchangeRefused(40002, "invalid grant_type")
        return self._spend(query.get("code", ""))

    def _spend(self, value: str) -> dict[str, Any]:
        if not value:
            raise ExchangeRefused(41008, "missing code")
        code = self._codes.get(value)
        if code is None or self._clock() >= code.ends_at:
            raise ExchangeRefused(40029, "invalid code")
        if code.used:
            raise ExchangeRefused(40163, "code been used")
        code.used = True
        return {
            "access_token": "90_" + secrets.token_urlsafe(60),
            "expires_in": 7200,
            "refresh_token": "90_" + secrets.token_urlsafe(60),
            "openid": code.openid,
            "scope": code.scope,
        }


def _with_query(url: str, **more: str) -> str:
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode(more))))
    return urlunsplit(parts._replace(query=query))
