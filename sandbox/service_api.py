"""The account's API beyond token, customer messages and menu: notices, codes, tags, users, media, pages."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from tornado.web import RequestHandler

from sandbox.account_api import OK, WithToken
from sandbox.qrcodes import picture
from sandbox.refused import Refused
from sandbox.tags import BATCH_MAX
from sandbox.world import World

PAGE = 10_000
_HOST_NAME = re.compile(r"[a-z]", re.IGNORECASE)


class TemplateSend(WithToken):
    """POST /cgi-bin/message/template/send"""

    async def answer(self) -> dict[str, Any]:
        return {**OK, "msgid": self.world.notices.template(self.body())}


class SubscriptionSend(WithToken):
    """POST /cgi-bin/message/subscribe/bizsend"""

    async def answer(self) -> dict[str, Any]:
        self.world.notices.subscription(self.body())
        return OK


class QrCodeCreate(WithToken):
    """POST /cgi-bin/qrcode/create"""

    async def answer(self) -> dict[str, Any]:
        return self.world.qrcodes.create(self.body())


class ShowQrCode(RequestHandler):
    """GET /cgi-bin/showqrcode: no token, the ticket is enough"""

    def initialize(self, world: World) -> None:
        self.world = world

    def get(self) -> None:
        ticket = self.get_query_argument("ticket", "")
        if self.world.qrcodes.scene(ticket) is None:
            return self.send_error(404)
        self.set_header("Content-Type", "image/svg+xml")
        self.finish(picture(ticket))
        return None


class TagCreate(WithToken):
    """POST /cgi-bin/tags/create"""

    async def answer(self) -> dict[str, Any]:
        return {"tag": self.world.tags.create(_inner(self.body(), "tag").get("name"))}


class TagGet(WithToken):
    """GET /cgi-bin/tags/get"""

    methods = frozenset({"GET"})

    async def answer(self) -> dict[str, Any]:
        return {"tags": self.world.tags.all()}


class TagDelete(WithToken):
    """POST /cgi-bin/tags/delete"""

    async def answer(self) -> dict[str, Any]:
        self.world.tags.delete(_inner(self.body(), "tag").get("id"))
        return OK


class TagOf(WithToken):
    """POST /cgi-bin/tags/getidlist"""

    async def answer(self) -> dict[str, Any]:
        openid = str(self.body().get("openid") or "")
        if not self.world.knows(openid):
            raise Refused(40003, "invalid openid")
        return {"tagid_list": self.world.tags.of(openid)}


class TagPutOn(WithToken):
    """POST /cgi-bin/tags/members/batchtagging"""

    async def answer(self) -> dict[str, Any]:
        body = self.body()
        self.world.tags.put_on(body.get("tagid"), self.openids(body))
        return OK

    def openids(self, body: dict[str, Any]) -> list[str]:
        openids = body.get("openid_list")
        if not isinstance(openids, list) or not 1 <= len(openids) <= BATCH_MAX:
            raise Refused(40032, "invalid openid list size")
        if not all(self.world.knows(str(openid)) for openid in openids):
            raise Refused(49003, "not match openid with appid")
        return [str(openid) for openid in openids]


class TagTakeOff(TagPutOn):
    """POST /cgi-bin/tags/members/batchuntagging"""

    async def answer(self) -> dict[str, Any]:
        body = self.body()
        self.world.tags.take_off(body.get("tagid"), self.openids(body))
        return OK


class UserGet(WithToken):
    """GET /cgi-bin/user/get"""

    methods = frozenset({"GET"})

    async def answer(self) -> dict[str, Any]:
        openids = sorted(one.openid for one in self.world.followers.all() if one.subscribed)
        after = self.query("next_openid")
        if after and not self.world.knows(after):
            raise Refused(40003, "invalid openid")
        page = [openid for openid in openids if openid > after][:PAGE]
        answer = {"total": len(openids), "count": len(page), "next_openid": page[-1] if page else ""}
        return {**answer, "data": {"openid": page}} if page else answer


class MediaUpload(WithToken):
    """POST /cgi-bin/media/upload"""

    async def answer(self) -> dict[str, Any]:
        files = self.request.files.get("media") or []
        if not files:
            raise Refused(41005, "media data missing")
        return self.world.media.upload(self.query("type"), files[0]["filename"], files[0]["body"])


class Ticket(WithToken):
    """GET /cgi-bin/ticket/getticket"""

    methods = frozenset({"GET"})

    async def answer(self) -> dict[str, Any]:
        if self.query("type") not in ("jsapi", "wx_card"):
            raise Refused(40097, "invalid args")
        value, left_s = self.world.tokens.ticket(self.query("type"))
        return {**OK, "ticket": value, "expires_in": left_s}


class CallbackCheck(WithToken):
    """POST /cgi-bin/callback/check"""

    async def answer(self) -> dict[str, Any]:
        if self.body().get("action") not in ("dns", "ping", "all"):
            raise Refused(40202, "invalid check action")
        if self.body().get("check_operator") not in ("CHINANET", "UNICOM", "CAP", "DEFAULT"):
            raise Refused(40203, "invalid check operator")
        if self.world.faults.take("callback_unknown"):
            raise Refused(40201, "invalid url")
        host = urlsplit(self.world.config.service_url).hostname or ""
        ip = "127.0.0.1" if _HOST_NAME.search(host) else host
        loss = "100%" if self.world.faults.take("callback_lost") else "0%"
        ping = {"ip": ip, "from_operator": "UNICOM", "package_loss": loss, "time": "0.1ms"}
        return {"dns": [{"ip": ip, "real_operator": "UNICOM"}], "ping": [ping]}


class MenuAddConditional(WithToken):
    """POST /cgi-bin/menu/addconditional"""

    async def answer(self) -> dict[str, Any]:
        tag_ids = {str(tag["id"]) for tag in self.world.tags.all()}
        return {"menuid": self.world.menu.add_conditional(self.body(), tag_ids)}


class MenuDeleteConditional(WithToken):
    """POST /cgi-bin/menu/delconditional"""

    async def answer(self) -> dict[str, Any]:
        self.world.menu.delete_conditional(str(self.body().get("menuid") or ""))
        return OK


class MenuTryMatch(WithToken):
    """POST /cgi-bin/menu/trymatch"""

    async def answer(self) -> dict[str, Any]:
        openid = str(self.body().get("user_id") or "")
        if not self.world.knows(openid):
            raise Refused(65302, "there is no selected user")
        return {"menu": {"button": self.world.menu.seen_with(self.world.tags.of(openid))}}


def _inner(body: dict[str, Any], name: str) -> dict[str, Any]:
    inner = body.get(name)
    if not isinstance(inner, dict):
        raise Refused(47001, "data format error")
    return inner


ROUTES: list[tuple[str, type[RequestHandler]]] = [
    (r"/cgi-bin/message/template/send", TemplateSend),
    (r"/cgi-bin/message/subscribe/bizsend", SubscriptionSend),
    (r"/cgi-bin/qrcode/create", QrCodeCreate),
    (r"/cgi-bin/showqrcode", ShowQrCode),
    (r"/cgi-bin/tags/create", TagCreate),
    (r"/cgi-bin/tags/get", TagGet),
    (r"/cgi-bin/tags/delete", TagDelete),
    (r"/cgi-bin/tags/getidlist", TagOf),
    (r"/cgi-bin/tags/members/batchtagging", TagPutOn),
    (r"/cgi-bin/tags/members/batchuntagging", TagTakeOff),
    (r"/cgi-bin/user/get", UserGet),
    (r"/cgi-bin/media/upload", MediaUpload),
    (r"/cgi-bin/ticket/getticket", Ticket),
    (r"/cgi-bin/callback/check", CallbackCheck),
    (r"/cgi-bin/menu/addconditional", MenuAddConditional),
    (r"/cgi-bin/menu/delconditional", MenuDeleteConditional),
    (r"/cgi-bin/menu/trymatch", MenuTryMatch),
]
