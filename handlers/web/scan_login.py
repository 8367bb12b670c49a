"""Logging in where WeChat is not: a code on the screen, a question in WeChat, and the screen goes on.

On the screen: ``/login/qr`` shows the code and looks how far it is; a POST there ends the login.
In WeChat: ``/login/scan/{ticket}`` asks, with two digits that stand on the screen as well; a POST answers.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode

from handlers.scan_tickets import Asked, Ticket, TicketGone, Tickets
from handlers.web.base import SESSION_COOKIE, SESSION_DAYS, Page, inside
from handlers.web.qr import qr_svg
from handlers.web.visitor import neighbourhood
from handlers.web.way import is_phone

COOKIE = "keban_scan"
COOKIE_DAYS = 1
MOST_ADDRESS_CHARS = 500
_DEVICES = (("Windows", "Windows"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"),
            ("HarmonyOS", "HarmonyOS"), ("Mac OS", "Mac"), ("Linux", "Linux"))  # fmt: skip
_BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))


class ScanPage(Page):
    """Both sides of it."""

    @property
    def tickets(self) -> Tickets:
        return Tickets(self.room.store)

    @property
    def asked(self) -> Asked | None:
        """The ticket that this browser has asked for, from its signed cookie."""
        kept = self.get_signed_cookie(COOKIE, max_age_days=COOKIE_DAYS)
        return Asked(**json.loads(kept)) if kept else None


class ScanLoginPage(ScanPage):
    """``GET /login/qr?to=``: the code. ``POST``: in, once it is confirmed."""

    name = "scan_login"

    async def get(self) -> None:
        back_to = inside(self.get_query_argument("to", "/me")[:MOST_ADDRESS_CHARS])
        if self.openid is not None:
            self.redirect(back_to)
            return
        if self.in_wechat:
            self.redirect_to_login(back_to)
            return
        device, near = device_of(self.user_agent), neighbourhood(self.client_ip)
        asked = await self.work(self.tickets.ask, back_to, device, near)
        self._remember(asked)
        code = b64encode(qr_svg(f"{self.shop.base_url}/login/scan/{asked.name}")).decode()
        self.set_header("Cache-Control", "no-store")
        picture = f"data:image/svg+xml;base64,{code}"
        self.render("scan_login.html", code=picture, on_phone=is_phone(self.user_agent))

    async def post(self) -> None:
        asked = self.asked
        try:
            if asked is None:
                raise TicketGone("no ticket in this browser")
            ticket = await self.work(self.tickets.claim, asked)
        except TicketGone:
            self.redirect("/login/qr", status=303)
            return
        self.clear_cookie(COOKIE)
        self.set_signed_cookie(
            SESSION_COOKIE,
            ticket.openid,
            expires_days=SESSION_DAYS,
        )
        self.redirect(inside(ticket.back_to), status=303)

    def _remember(self, asked: Asked) -> None:
        self.set_signed_cookie(
            COOKIE,
            json.dumps(vars(asked)),
            expires_days=None,
        )


class ScanStatus(ScanPage):
    """``GET /login/qr/status``: what the screen's script looks at. Changes nothing."""

    name = "scan_status"

    async def get(self) -> None:
        asked = self.asked
        try:
            if asked is None:
                raise TicketGone("no ticket in this browser")
            ticket = await self.work(self.tickets.look, asked)
        except TicketGone:
            self.answer_json({"state": "gone", "digits": ""})
            return
        self.answer_json({"state": ticket.state, "digits": ticket.digits})


class ScanAnswerPage(ScanPage):
    """``/login/scan/{ticket}`` in WeChat: asks, and takes the answer."""

    name = "scan_answer"

    async def get(self, name: str) -> None:
        if not self.in_wechat and self.openid is None:
            self.render("scan_answer.html", ticket=None, page="elsewhere")
            return
        if self.openid is None:
            self.login_first()
            return
        ticket = await self.work(self.tickets.scan, name, self.openid)
        self._show(ticket)

    async def post(self, name: str) -> None:
        if self.openid is None:
            raise TicketGone("nobody is logged in here")
        yes = self.get_body_argument("answer", "") == "yes"
        self._show(await self.work(self.tickets.answer, name, self.openid, yes=yes))

    def _show(self, ticket: Ticket) -> None:
        self.set_header("Cache-Control", "no-store")
        self.render("scan_answer.html", ticket=ticket, page=ticket.state)


def device_of(user_agent: str) -> str:
    """The asking screen in a few words that people know, from a fixed list: "Windows · Chrome"."""
    device = next((name for mark, name in _DEVICES if re.search(mark, user_agent)), "")
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    return " · ".join(filter(None, (device, browser)))
