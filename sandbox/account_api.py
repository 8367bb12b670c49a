"""The account's API as the service calls it: ``/cgi-bin/…``, ``/sns/…``, and the login page."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from typing import Any
from urllib.parse import urlencode

from tornado.iostream import StreamClosedError
from tornado.web import RequestHandler

from sandbox.menu import MenuRefused
from sandbox.oauth import AuthorizeRefused, ExchangeRefused
from sandbox.pushes import PushRefused
from sandbox.refused import Refused
from sandbox.tokens import TokenRefused
from sandbox.world import World

HANG_S = 15.0
FAULT_WORDS = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40014: "invalid access_token",
    42001: "access_token expired",
    45009: "reach max api daily quota limit",
    45015: "response out of time limit or subscription is canceled",
    45047: "out of response count limit",
    48001: "api unauthorized",
}


class Hanging(RequestHandler):
    """A handler that can be late, as a platform under load is, and ends when its caller gives up."""

    def initialize(self, world: World) -> None:
        self.world = world
        self._gone = asyncio.Event()

    def on_connection_close(self) -> None:
        self._gone.set()

    def log_exception(self, typ: Any, value: BaseException | None, tb: Any) -> None:
        # A caller that does not wait for its answer is what these faults are for, not an error of ours.
        if not isinstance(value, StreamClosedError):
            super().log_exception(typ, value, tb)

    async def hang(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._gone.wait(), HANG_S)


class AccountHandler(Hanging):
    """Answers HTTP 200 with errcode and errmsg, whatever happened; that is WeChat's habit."""

    def query(self, name: str) -> str:
        return self.get_query_argument(name, "")

    def body(self) -> dict[str, Any]:
        """The JSON object that was posted. Raises Refused."""
        try:
            body = json.loads(self.request.body)
        except ValueError as error:
            raise Refused(47001, "data format error") from error
        if not isinstance(body, dict):
            raise Refused(47001, "data format error")
        return body

    def say(self, answer: dict[str, Any]) -> None:
        self.set_header("Content-Type", "application/json; encoding=utf-8")
        self.finish(json.dumps(answer, ensure_ascii=False))

    def say_no(self, errcode: int, errmsg: str) -> None:
        self.say({"errcode": errcode, "errmsg": errmsg})

    def check_address(self) -> None:
        """Raises Refused for a caller that is not on the account's white list."""
        if self.world.faults.take("ip_refused"):
            raise Refused(40164, self._whitelist_words())

    def words(self, code: int) -> str:
        return self._whitelist_words() if code == 40164 else FAULT_WORDS.get(code, "error")

    def _whitelist_words(self) -> str:
        ip = self.request.remote_ip
        return f"invalid ip {ip} ipv6 ::ffff:{ip}, not in whitelist rid: {secrets.token_hex(4)}"

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        self.set_header("Content-Type", "application/json; encoding=utf-8")
        self.finish(json.dumps({"errcode": -1 if status_code >= 500 else 43001, "errmsg": self._reason}))


class StableToken(AccountHandler):
    """POST /cgi-bin/stable_token"""

    def post(self) -> None:
        code = self.world.faults.code("token_refuse_code")
        if code:
            return self.say_no(code, self.words(code))
        try:
            self.check_address()
            value, left_s = self._issue(self.body())
        except (TokenRefused, Refused) as error:
            return self.say_no(error.errcode, error.errmsg)
        return self.say({"access_token": value, "expires_in": left_s})

    def _issue(self, body: dict[str, Any]) -> tuple[str, int]:
        if body.get("grant_type") != "client_credential":
            raise Refused(40002, "invalid grant_type")
        app_id, secret = str(body.get("appid") or ""), str(body.get("secret") or "")
        return self.world.tokens.stable(app_id, secret, force=body.get("force_refresh") is True)


class ClassicToken(AccountHandler):
    """GET /cgi-bin/token"""

    def get(self) -> None:
        if self.query("grant_type") != "client_credential":
            return self.say_no(40002, "invalid grant_type")
        try:
            value, left_s = self.world.tokens.classic(self.query("appid"), self.query("secret"))
        except TokenRefused as error:
            return self.say_no(error.errcode, error.errmsg)
        return self.say({"access_token": value, "expires_in": left_s})


class WithToken(AccountHandler):
    """An API that needs an access token. Subclasses give ``answer``; ``get`` and ``post`` both lead there."""

    methods = frozenset({"POST"})

    async def get(self) -> None:
        await self._serve()

    async def post(self) -> None:
        await self._serve()

    async def answer(self) -> dict[str, Any]:
        raise NotImplementedError

    async def _serve(self) -> None:
        try:
            self._check()
            answer = await self.answer()
        except (Refused, TokenRefused, MenuRefused, PushRefused) as error:
            answer = {"errcode": error.errcode, "errmsg": error.errmsg}
        if self.world.faults.take("api_timeout"):
            await self.hang()
        self.say(answer)

    def _check(self) -> None:
        """Refuse before anything is done. Raises Refused, TokenRefused."""
        if self.request.method not in self.methods:
            raise Refused(
                43001 if "GET" in self.methods else 43002, f"require {'/'.join(sorted(self.methods))} method"
            )
        if self.world.faults.take("token_invalid"):
            self.world.tokens.revoke(self.query("access_token"))
        self.world.tokens.check(self.query("access_token"))
        self.check_address()
        if self.world.faults.take("rate_limit"):
            raise Refused(45009, FAULT_WORDS[45009])
        code = self.world.faults.code("refuse_code")
        if code:
            raise Refused(code, self.words(code))


OK: dict[str, Any] = {"errcode": 0, "errmsg": "ok"}


class CustomSend(WithToken):
    """POST /cgi-bin/message/custom/send"""

    async def answer(self) -> dict[str, Any]:
        self.world.pushes.send(self.body())
        return OK


class MenuCreate(WithToken):
    """POST /cgi-bin/menu/create"""

    async def answer(self) -> dict[str, Any]:
        self.world.menu.create(self.body())
        self.world.chats.ring_all()
        return OK


class MenuGet(WithToken):
    """GET /cgi-bin/menu/get"""

    methods = frozenset({"GET"})

    async def answer(self) -> dict[str, Any]:
        return self.world.menu.current()


class MenuDelete(WithToken):
    """GET /cgi-bin/menu/delete"""

    methods = frozenset({"GET"})

    async def answer(self) -> dict[str, Any]:
        self.world.menu.delete()
        self.world.chats.ring_all()
        return OK


class SelfMenu(WithToken):
    """GET /cgi-bin/get_current_selfmenu_info"""

    methods = frozenset({"GET"})

    async def answer(self) -> dict[str, Any]:
        return self.world.menu.self_menu()


class UserInfo(WithToken):
    """GET /cgi-bin/user/info"""

    methods = frozenset({"GET"})

    async def answer(self) -> dict[str, Any]:
        follower = self.world.followers.get(self.query("openid"))
        if follower is None:
            raise Refused(40003, "invalid openid")
        if not follower.subscribed:
            return {"subscribe": 0, "openid": follower.openid}
        return {
            "subscribe": 1,
            "openid": follower.openid,
            "language": "zh_CN",
            "subscribe_time": int(follower.subscribed_at),
            "remark": "",
            "groupid": 0,
            "tagid_list": self.world.tags.of(follower.openid),
            "subscribe_scene": "ADD_SCENE_SEARCH",
        }


class ApiDomainIp(WithToken):
    """GET /cgi-bin/get_api_domain_ip, and the callback addresses"""

    methods = frozenset({"GET"})

    async def answer(self) -> dict[str, Any]:
        return {"ip_list": ["127.0.0.1"]}


class ClearQuota(WithToken):
    """POST /cgi-bin/clear_quota"""

    async def answer(self) -> dict[str, Any]:
        if self.body().get("appid") != self.world.config.app_id:
            raise Refused(40013, "invalid appid")
        return OK


class OAuthToken(AccountHandler):
    """GET /sns/oauth2/access_token"""

    def get(self) -> None:
        if self.world.faults.take("oauth_error"):
            return self.say_no(-1, "system error")
        query = {name: self.query(name) for name in ("appid", "secret", "code", "grant_type")}
        try:
            return self.say(self.world.oauth.exchange(query))
        except ExchangeRefused as error:
            return self.say_no(error.errcode, error.errmsg)


class Authorize(Hanging):
    """GET /connect/oauth2/authorize: sends the follower back with a code; asks who it is when nobody said."""

    def get(self) -> None:
        query = {name: self.get_query_argument(name, "") for name in self.request.query_arguments}
        openid = self._openid()
        try:
            self.world.oauth.check(query)
            if self.world.knows(openid):
                return self.redirect(self.world.oauth.authorize(query, openid))
        except AuthorizeRefused as error:
            self.set_status(400)
            return self._page("oauth_error.html", reason=str(error))
        return self._page("choose.html", followers=self.world.followers.all()[:50], link=self._link)

    def _openid(self) -> str:
        return (
            self.get_query_argument("openid", "")
            or self.request.headers.get("X-Sandbox-Openid", "")
            or self.get_cookie("sandbox_openid", "")
            or ""
        )

    def _link(self, openid: str) -> str:
        query = {name: self.get_query_argument(name) for name in self.request.query_arguments}
        return f"{self.request.path}?{urlencode({**query, 'openid': openid})}"

    def _page(self, name: str, **values: Any) -> None:
        self.render(name, account_name=self.world.config.account_name, **values)


ROUTES: list[tuple[str, type[RequestHandler]]] = [
    (r"/cgi-bin/stable_token", StableToken),
    (r"/cgi-bin/token", ClassicToken),
    (r"/cgi-bin/message/custom/send", CustomSend),
    (r"/cgi-bin/menu/create", MenuCreate),
    (r"/cgi-bin/menu/get", MenuGet),
    (r"/cgi-bin/menu/delete", MenuDelete),
    (r"/cgi-bin/get_current_selfmenu_info", SelfMenu),
    (r"/cgi-bin/user/info", UserInfo),
    (r"/cgi-bin/get_api_domain_ip", ApiDomainIp),
    (r"/cgi-bin/getcallbackip", ApiDomainIp),
    (r"/cgi-bin/clear_quota", ClearQuota),
    (r"/sns/oauth2/access_token", OAuthToken),
    (r"/connect/oauth2/authorize", Authorize),
]
