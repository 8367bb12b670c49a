"""How every call to WeChat is made: our token, our door out, a repeat where one is allowed, and errors that
carry the decision.

The endpoints' wrappers are wechatpy's; its token, its session and its retry (which has no end) are not used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import requests
from urllib3.exceptions import NewConnectionError
from wechatpy import WeChatClient
from wechatpy.exceptions import WeChatClientException

from bot.answers import NONE, UNREADABLE, count
from bot.errcode import (
    BUSY,
    OK,
    PAUSE_S,
    STALE_TOKEN,
    ApiRefused,
    NotPermitted,
    QuotaSpent,
    Unsure,
    to_error,
)
from bot.token import StableToken
from infra.errors import KebanError, Unavailable
from infra.http import Door, was_silent
from infra.log import get_logger

log = get_logger("bot")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call:
    """``name`` as in WeChat's address. ``repeatable``: done twice is as good as done once.

    ``always``: somebody looks whether it works again, so it is made in spite of a spent quota.
    """

    name: str
    repeatable: bool
    always: bool = False


class Caller:
    """Makes calls for one account. They raise

    - `ApiBusy`: WeChat has not done it; later it may (`QuotaSpent`: and until then nobody asks),
    - `Unsure`: WeChat gave no readable answer, so it may have done it,
    - `WindowClosed`: this follower cannot be reached until they write,
    - `NoneLeft`: by our own count that is so,
    - `Unreachable`: this follower cannot be reached at all,
    - `ApiRefused`: somebody has to mend something first; the hint says what,
    - another `Unavailable`: it was not asked at all.
    """

    def __init__(self, tokens: StableToken, door: Door, *, app_id: str, api_base: str) -> None:
        self.tokens = tokens
        self.app_id = app_id
        self._store = tokens.store
        self._client = _Client(tokens, door, app_id=app_id, api_base=api_base)

    def call(self, call: Call, ask: Callable[[Any], T]) -> T:
        """The answer to ``ask(client)``; asked once more with a new token, or when that is harmless."""
        if not call.always:
            self._refuse_while_paused(call)
        try:
            return self._ask(call, ask)
        except WeChatClientException as error:
            if error.errcode in STALE_TOKEN:
                self.tokens.renew(_token_of(error))
            elif not (call.repeatable and error.errcode == BUSY):
                raise self._meaning(call, error) from None
        except _Cut as error:
            if not call.repeatable:
                raise
            log.warning("asks_again", call=call.name, cause=str(error))
        try:
            return self._ask(call, ask)
        except WeChatClientException as error:
            raise self._meaning(call, error) from None

    def done(self, call: Call, ask: Callable[[Any], Any]) -> None:
        """A call whose answer says only that it was done."""
        answer = self.call(call, ask)
        if not isinstance(answer, dict):
            raise Unsure(f"{call.name}: WeChat's answer cannot be read")

    def field(self, call: Call, ask: Callable[[Any], Any], field: str, kind: type[T]) -> T:
        """A call whose answer is in one field."""
        return field_of(call, self.call(call, ask), field, kind)

    def _ask(self, call: Call, ask: Callable[[Any], T]) -> T:
        """Asks once, and counts what came of it."""
        try:
            answer = ask(self._client)
        except _NoToken as fault:
            raise fault.cause from fault.cause.__cause__
        except WeChatClientException as error:
            count(call.name, UNREADABLE if error.errcode is None else error.errcode)
            raise
        except Unavailable as error:
            count(call.name, NONE)
            raise _after_asking(call, error) from error.__cause__
        except (KeyError, TypeError, AttributeError) as error:
            # A wrapper of the library's reached for a field that is not there.
            count(call.name, UNREADABLE)
            raise Unsure(f"{call.name}: WeChat's answer cannot be read") from error
        # wechatpy hands the raw response on when it is not JSON: a proxy's error page, for instance.
        if isinstance(answer, requests.Response):
            count(call.name, UNREADABLE)
            raise Unsure(f"{call.name}: WeChat's answer cannot be read")
        count(call.name, OK)
        return answer

    def _meaning(self, call: Call, error: WeChatClientException) -> KebanError:
        if error.errcode is None:
            status = getattr(error.response, "status_code", "?")
            return Unsure(f"{call.name}: WeChat answers HTTP {status}")
        meaning = to_error(call.name, error.errcode, str(error.errmsg))
        if isinstance(meaning, QuotaSpent):
            self._pause(call, error.errcode)
        if isinstance(meaning, ApiRefused | NotPermitted):
            log.error("wechat_refuses", call=call.name, errcode=error.errcode, hint=meaning.hint)
        return meaning

    def _pause(self, call: Call, errcode: int) -> None:
        """Calls that are refused count too: nobody makes this one until there is hope."""
        try:
            self._store.set(self._paused_key(call), str(errcode).encode(), ttl_s=PAUSE_S[errcode])
        except Unavailable as error:
            log.warning("pause_not_kept", call=call.name, cause=str(error))

    def _refuse_while_paused(self, call: Call) -> None:
        paused = self._store.get(self._paused_key(call))
        if paused:
            raise to_error(f"{call.name} (a moment ago)", int(paused), "")

    def _paused_key(self, call: Call) -> str:
        return f"pause:{self.app_id}:{call.name}"


def field_of(call: Call, answer: Any, field: str, kind: type[T]) -> T:
    """A field of WeChat's answer; raises Unsure when it is not there, or of another type."""
    value = answer.get(field) if isinstance(answer, dict) else None
    if not isinstance(value, kind):
        raise Unsure(f"{call.name}: WeChat's answer has no {field}")
    return value


class _Client(WeChatClient):  # type: ignore[misc]  # the library is untyped
    """wechatpy's client with our token and our door."""

    def __init__(self, tokens: StableToken, door: Door, *, app_id: str, api_base: str) -> None:
        super().__init__(app_id, secret="", auto_retry=False)
        self.API_BASE_URL = f"{api_base}/cgi-bin/"
        self._tokens = tokens
        self._http = door

    @property
    def access_token(self) -> str:
        try:
            return self._tokens.get()
        except KebanError as error:
            raise _NoToken(error) from error


class _NoToken(Exception):
    """There was no token, so the call was not made; told apart from a call that was made in vain."""

    def __init__(self, cause: KebanError) -> None:
        super().__init__(str(cause))
        self.cause = cause


class _Cut(Unsure):
    """The connection ended before the answer; unlike silence, this costs no time to try again."""


def _after_asking(call: Call, error: Unavailable) -> Unavailable:
    cause = error.__cause__
    if _never_arrived(cause):
        return error
    kind = Unsure if was_silent(cause) else _Cut
    return kind(f"{call.name}: {error.message}", hint=error.hint)


def _never_arrived(cause: BaseException | None) -> bool:
    if isinstance(cause, requests.ConnectTimeout | requests.exceptions.SSLError):
        return True
    reason = getattr(cause.args[0], "reason", None) if cause is not None and cause.args else None
    return isinstance(reason, NewConnectionError)


def _token_of(error: WeChatClientException) -> str:
    """The token that the rejected request carried; another thread may have renewed it since."""
    query = urlsplit(str(error.request.url)).query
    return parse_qs(query).get("access_token", [""])[0]
