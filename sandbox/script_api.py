"""The script interface under ``/api``: what acceptance checks and the phone's page drive the sandbox with."""

from __future__ import annotations

import json
from typing import Any

from tornado.web import HTTPError, RequestHandler

from sandbox.faults import KNOWN, UnknownFault
from sandbox.followers import Follower, FollowerRefused
from sandbox.message import MessageRefused
from sandbox.refused import Refused
from sandbox.transactions import SheetRefused
from sandbox.world import World

WAIT_MAX_S = 25.0
OUTCOMES = ("success", "cancel")
WAYS = ("jsapi", "native", "h5")
OTHERS_SHOWN = 6


class ScriptHandler(RequestHandler):
    """JSON in, JSON out; a refusal is ``{"error": …}`` with a 4xx status."""

    def initialize(self, world: World) -> None:
        self.world = world

    def body(self) -> dict[str, Any]:
        try:
            body = json.loads(self.request.body or b"{}")
        except ValueError as error:
            raise HTTPError(400, reason="the body must be JSON") from error
        if not isinstance(body, dict):
            raise HTTPError(400, reason="the body must be a JSON object")
        return body

    def say(self, answer: dict[str, Any]) -> None:
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(answer, ensure_ascii=False))

    def refuse(self, status: int, error: str, **more: Any) -> None:
        self.set_status(status)
        self.say({"error": error, **more})

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(json.dumps({"error": self._reason}, ensure_ascii=False))

    def known(self, openid: str) -> Follower:
        follower = self.world.followers.get(openid)
        if follower is None:
            raise HTTPError(404, reason="no such follower")
        return follower


class Messages(ScriptHandler):
    """POST /api/messages"""

    async def post(self) -> None:
        body = self.body()
        try:
            delivered = await self.world.courier.deliver(str(body.get("openid") or ""), body)
        except (MessageRefused, FollowerRefused, ValueError) as error:
            return self.refuse(400, str(error))
        return self.say(delivered.shown())


class FollowersList(ScriptHandler):
    """GET /api/followers"""

    def get(self) -> None:
        followers = self.world.followers.all()[:100]
        self.say({"followers": [_follower(follower) for follower in followers]})


class Inbox(ScriptHandler):
    """GET /api/followers/{openid}/inbox: all that the follower was sent, oldest first"""

    def get(self, openid: str) -> None:
        self.say({"openid": openid, "messages": self.world.chats.inbox(openid)})


class Chat(ScriptHandler):
    """GET /api/followers/{openid}/chat?after=SEQ&seen=STATE: both sides; waits for news when there is none"""

    async def get(self, openid: str) -> None:
        follower = self.known(openid)
        try:
            after, wait_s = (
                int(self.get_query_argument("after", "0")),
                float(self.get_query_argument("wait", "0")),
            )
        except ValueError:
            return self.refuse(400, "after and wait must be numbers")
        if wait_s > 0 and not self.world.chats.after(openid, after) and self._state(follower) == self._seen():
            await self.world.chats.wait(openid, min(wait_s, WAIT_MAX_S))
        return self.say({"lines": self.world.chats.after(openid, after), "state": self._state(follower)})

    def _state(self, follower: Follower) -> str:
        """Changes whenever the page must draw something besides lines anew."""
        return f"{int(follower.subscribed)}.{self.world.menu.version}"

    def _seen(self) -> str:
        return self.get_query_argument("seen", "")


class Account(ScriptHandler):
    """GET /api/account: what the phone's page needs to draw itself"""

    def get(self) -> None:
        config = self.world.config
        self.say(
            {
                "name": config.account_name,
                "mode": config.mode,
                "service_url": config.service_url,
                "menu": self.world.menu.buttons,
                "followers": [_follower(follower) for follower in self._worth_showing()],
            }
        )

    def _worth_showing(self) -> list[Follower]:
        """Those of the configuration, and the newest of those that scripts brought."""
        given = {spec.openid for spec in self.world.config.followers}
        everybody = self.world.followers.all()
        others = [follower for follower in everybody if follower.openid not in given]
        return [follower for follower in everybody if follower.openid in given] + others[-OTHERS_SHOWN:]


class Agreements(ScriptHandler):
    """POST /api/followers/{openid}/agreements {"template_id"}: agrees to one subscription message"""

    def post(self, openid: str) -> None:
        try:
            self.world.notices.agree(self.known(openid).openid, str(self.body().get("template_id") or ""))
        except Refused as error:
            return self.refuse(400, str(error))
        return self.say({"agreed": True})


class Payments(ScriptHandler):
    """POST /api/payments; ``way`` is "jsapi", "native" or "h5", and with the latter two the order's ``owner``
    may be another follower than who pays"""

    async def post(self) -> None:
        body = self.body()
        order_no, openid = str(body.get("order_no") or ""), str(body.get("openid") or "")
        outcome = body.get("outcome", "success")
        if outcome not in OUTCOMES:
            return self.refuse(400, f"outcome: must be one of {', '.join(OUTCOMES)}")
        way = body.get("way", "jsapi")
        if way not in WAYS:
            return self.refuse(400, f"way: must be one of {', '.join(WAYS)}")
        try:
            payer = self.world.followers.meet(openid).openid
            owner = self.world.followers.meet(str(body.get("owner") or openid)).openid
        except FollowerRefused as error:
            return self.refuse(400, str(error))
        if way == "jsapi":
            return self.say(await self.world.payer.pay(order_no, payer, outcome))
        return self.say(await self.world.payer.pay_elsewhere(order_no, payer, outcome, way=way, owner=owner))


class Sheets(ScriptHandler):
    """POST /api/sheets: the phone asks whether WeChat would show a pay sheet for these parameters"""

    def post(self) -> None:
        openid, params = _sheet_of(self.body())
        try:
            self.say({"ok": True, "sheet": self.world.cashier.sheet(params, openid)})
        except SheetRefused as error:
            self.say({"ok": False, "message": str(error)})


class SheetsPay(ScriptHandler):
    """POST /api/sheets/pay: the follower confirmed; the service hears of it by notification"""

    def post(self) -> None:
        openid, params = _sheet_of(self.body())
        try:
            paid = self.world.cashier.pay(params, openid)
        except SheetRefused as error:
            return self.say({"ok": False, "message": str(error)})
        self.world.cashier.notify_in_background(paid)
        return self.say({"ok": True, "transaction_id": paid.transaction_id, "total_fen": paid.total})


class FaultsSwitch(ScriptHandler):
    """PUT /api/faults sets, {} resets, GET shows"""

    def get(self) -> None:
        self.say({"faults": self.world.faults.shown(), "known": list(KNOWN)})

    def put(self) -> None:
        try:
            self.world.faults.replace(self.body())
        except UnknownFault as error:
            return self.refuse(400, str(error), known=list(KNOWN))
        return self.get()


class Notifications(ScriptHandler):
    """GET /api/notifications: what WeChat Pay told the service, and how it answered"""

    def get(self) -> None:
        self.say({"notifications": self.world.notifier.all()})


class NotificationAgain(ScriptHandler):
    """POST /api/notifications/{id}/again: sends it once more, as WeChat may"""

    async def post(self, notification_id: str) -> None:
        taken = await self.world.notifier.again(notification_id)
        if taken is None:
            return self.refuse(404, "no such notification")
        return self.say({"taken": taken})


class Verify(ScriptHandler):
    """POST /api/verify: WeChat's own check of the service's address"""

    async def post(self) -> None:
        problem = await self.world.courier.verify_address()
        self.say({"ok": not problem, **({"problem": problem} if problem else {})})


class Health(ScriptHandler):
    """GET /healthz"""

    def get(self) -> None:
        self.say({"status": "ok"})


class Nothing(ScriptHandler):
    """Anything else under /api"""

    def prepare(self) -> None:
        self.refuse(
            404, "no such address; see contract: messages, followers/{openid}/inbox, payments, faults"
        )


def _follower(follower: Follower) -> dict[str, Any]:
    return {"openid": follower.openid, "name": follower.name, "subscribed": follower.subscribed}


def _sheet_of(body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    params = body.get("params")
    return str(body.get("openid") or ""), params if isinstance(params, dict) else {}


ROUTES: list[tuple[str, type[RequestHandler]]] = [
    (r"/api/messages", Messages),
    (r"/api/followers", FollowersList),
    (r"/api/followers/([\w-]+)/inbox", Inbox),
    (r"/api/followers/([\w-]+)/chat", Chat),
    (r"/api/followers/([\w-]+)/agreements", Agreements),
    (r"/api/account", Account),
    (r"/api/payments", Payments),
    (r"/api/sheets", Sheets),
    (r"/api/sheets/pay", SheetsPay),
    (r"/api/faults", FaultsSwitch),
    (r"/api/notifications", Notifications),
    (r"/api/notifications/([0-9a-f]+)/again", NotificationAgain),
    (r"/api/verify", Verify),
    (r"/healthz", Health),
    (r"/api/.*", Nothing),
]
