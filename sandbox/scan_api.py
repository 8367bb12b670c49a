"""What 扫一扫 does, for scripts and for the phone's page: which codes there are, and what comes of one."""

from __future__ import annotations

from tornado.web import RequestHandler

from sandbox.script_api import ScriptHandler
from sandbox.transactions import CODE_PREFIX, SheetRefused


class CodesList(ScriptHandler):
    """GET /api/codes: the QR codes that the other screens have shown, newest first"""

    def get(self) -> None:
        self.say({"codes": self.world.codes.all()})


class Scans(ScriptHandler):
    """POST /api/scans {"openid", "content"}: what WeChat does with a code that this follower has scanned:
    {"kind": "page", "path"}, or {"kind": "pay", "ok", "sheet" | "message"}"""

    def post(self) -> None:
        body = self.body()
        follower, content = self.known(str(body.get("openid") or "")), str(body.get("content") or "").strip()
        if not content.startswith(CODE_PREFIX):
            path = self.world.browsers.of(follower.openid).path_of(content)
            if path is None:
                return self.refuse(400, "沙盒里的手机只打开本服务的网页")
            return self.say({"kind": "page", "path": path})
        try:
            sheet = self.world.cashier.sheet_of_code(content, follower.openid)
        except SheetRefused as error:
            return self.say({"kind": "pay", "ok": False, "message": str(error)})
        return self.say({"kind": "pay", "ok": True, "sheet": sheet})


class ScansPay(ScriptHandler):
    """POST /api/scans/pay {"openid", "content"}: the follower confirmed what the code asks for"""

    def post(self) -> None:
        body = self.body()
        follower = self.known(str(body.get("openid") or ""))
        try:
            paid = self.world.cashier.pay_code(str(body.get("content") or "").strip(), follower.openid)
        except SheetRefused as error:
            return self.say({"ok": False, "message": str(error)})
        self.world.cashier.notify_in_background(paid)
        return self.say({"ok": True, "transaction_id": paid.transaction_id, "total_fen": paid.total})


ROUTES: list[tuple[str, type[RequestHandler]]] = [
    (r"/api/codes", CodesList),
    (r"/api/scans", Scans),
    (r"/api/scans/pay", ScansPay),
]
