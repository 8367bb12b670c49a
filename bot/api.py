"""Calls to WeChat: wechatpy's endpoints with our token, our door out, and errors that carry a decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from requests import Response
from wechatpy import WeChatClient
from wechatpy.exceptions import WeChatClientException

from bot.errcode import STALE_TOKEN, to_error
from bot.reply import clean, cut
from bot.token import StableToken
from infra.errors import KebanError, Unavailable
from infra.http import Door

T = TypeVar("T")


class WeChatApi:
    """Each call raises Unavailable (try again later), WindowClosed (this follower cannot be reached), or
    ApiRefused (mend something first), with a hint for the operator."""

    def __init__(self, tokens: StableToken, door: Door, *, app_id: str, api_base: str) -> None:
        self._tokens = tokens
        self._client = _Client(tokens, door, app_id=app_id, api_base=api_base)

    def send_text(self, openid: str, text: str) -> None:
        """A customer-service message; text beyond 2048 bytes is cut at a whole line.

        WeChat has no key to tell a repeat by: a call that was cut off may have been delivered.
        """
        content = cut(clean(text))
        self._call("message/custom/send", lambda: self._client.message.send_text(openid, content))

    def create_menu(self, menu: dict[str, Any]) -> None:
        """Replaces the custom menu (`bot.menu.to_wechat`). Followers see it within a day."""
        self._call("menu/create", lambda: self._client.menu.create(menu))

    def get_menu(self) -> dict[str, Any] | None:
        """The custom menu as WeChat has it (``{"button": […]}``), or None when there is none."""
        answer = self._call("menu/get", self._client.menu.get)
        return _field("menu/get", answer, "menu", dict) if answer else None

    def check_secret(self) -> None:
        """Asks with app_id and app_secret themselves, whatever token is kept. Raises ApiRefused."""
        self._tokens.check()

    def callback_addresses(self) -> list[str]:
        """The addresses that WeChat calls from: a cheap call that needs a valid token and the white list."""
        answer = self._call("getcallbackip", lambda: self._client.get("getcallbackip"))
        return _field("getcallbackip", answer, "ip_list", list)

    def _call(self, name: str, call: Callable[[], T]) -> T:
        """One call, and one more with a new token when the token was the fault."""
        try:
            return _answered(name, call())
        except WeChatClientException as error:
            if error.errcode not in STALE_TOKEN:
                raise _translated(name, error) from None
            self._tokens.renew(_token_of(error))
        try:
            return _answered(name, call())
        except WeChatClientException as error:
            raise _translated(name, error) from None


class _Client(WeChatClient):  # type: ignore[misc]  # the library is untyped
    """wechatpy's client without its own token, session of requests, and retry (which has no end)."""

    def __init__(self, tokens: StableToken, door: Door, *, app_id: str, api_base: str) -> None:
        super().__init__(app_id, secret="", auto_retry=False)
        self.API_BASE_URL = f"{api_base}/cgi-bin/"
        self._tokens = tokens
        self._http = door

    @property
    def access_token(self) -> str:
        return self._tokens.get()


def _answered(name: str, answer: T) -> T:
    # wechatpy hands the raw response on when it is not JSON: a proxy's error page, for instance.
    if isinstance(answer, Response):
        raise Unavailable(f"{name}: WeChat's answer cannot be read")
    return answer


def _field(name: str, answer: Any, field: str, kind: type[T]) -> T:
    value = answer.get(field) if isinstance(answer, dict) else None
    if not isinstance(value, kind):
        raise Unavailable(f"{name}: WeChat's answer has no {field}")
    return value


def _translated(name: str, error: WeChatClientException) -> KebanError:
    if error.errcode is None:
        status = getattr(error.response, "status_code", "?")
        return Unavailable(f"{name}: WeChat answers HTTP {status}")
    return to_error(name, error.errcode, str(error.errmsg))


def _token_of(error: WeChatClientException) -> str:
    """The token that the rejected request carried; another thread may have renewed it since."""
    query = urlsplit(str(error.request.url)).query
    return parse_qs(query).get("access_token", [""])[0]
