"""The pay page of an order, its prepay, and its state; each for the order's owner only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from urllib.parse import urlencode

from content.course import Course, Lesson
from handlers import offers
from handlers.gifts import forward_text
from handlers.opening import after_paying, before_paying
from handlers.order_state import OrderState, state_of
from handlers.shop import Shop
from handlers.web.base import Page
from handlers.web.course import start_of
from handlers.web.qr import qr_svg
from handlers.web.way import is_phone, way_here
from infra.errors import KebanError, Unavailable
from payments.errors import AlreadyPaid, OrderNotFound, WayNotOpen
from payments.gateway import GatewayUnavailable, Way
from payments.gift import Gift
from payments.order import Order

T = TypeVar("T")

ORIGIN_ONLY = "strict-origin-when-cross-origin"


@dataclass(frozen=True)
class PayView:
    """What the template shows. ``start`` is where 开始学习 leads. ``note``: what the follower has of it
    already. ``forward``: what the buyer of a gift hands on, while its code is good. ``opening``: what paying
    opens, or has opened.
    """

    state: OrderState
    course: Course | None
    start: Lesson | None
    note: str = ""
    opening: str = ""
    gift: Gift | None = None
    forward: str = ""


class PayPage(Page):
    """``?back=1``: where a phone's browser comes back to from WeChat; ``?way=``: another way was chosen."""

    name = "pay"

    async def get(self, order_no: str) -> None:
        if self.openid is None:
            self.login_first()
            return
        view = await self.work(look, self.shop, self.openid, order_no)
        order = view.state.order
        page = "paid" if order.is_paid else "open" if order.payable(self.shop.clock.now()) else "closed"
        wished = self.get_query_argument("way", "")
        way = way_here(self.user_agent, self.room.ways, wished)
        # WeChat opens its page for a phone's browser only if it is told which site it comes from.
        self.set_header("Referrer-Policy", ORIGIN_ONLY)
        self.render(
            "pay.html",
            order=order,
            page=page,
            way=way,
            ways=self.room.ways,
            on_phone=is_phone(self.user_agent),
            back=bool(self.get_query_argument("back", "")),
            **vars(view),
        )


class GatewayPage(Page):
    """A page that calls WeChat Pay: in a pool of its own, and for one order once at a time."""

    def require_way(self, way: Way) -> None:
        """Raises WayNotOpen for one that the shop does not have."""
        if way not in self.room.ways:
            raise WayNotOpen(f"pay.ways has no {way}")

    async def ask_gateway(self, ask: Callable[[str], T], order_no: str) -> T:
        """Raises Unavailable at once when the pool is full."""
        asked = self.room.pools.gateway.join((self.name, self.openid, order_no), ask, order_no)
        return await self.done(asked, shared=True)

    def refuse(self, error: KebanError) -> None:
        """Tells the page's script why there is nothing to pay with."""
        if isinstance(error, AlreadyPaid):
            self.shop.nudge()  # the asking may have found the money: its receipt need not wait
        self.log_exception(type(error), error, None)
        # Nothing was paid, whether WeChat Pay is silent or too many wait for it already.
        told = GatewayUnavailable(str(error)) if isinstance(error, Unavailable) else error
        status, sentence = self._explain(500, told)
        self.answer_json({"code": type(error).__name__, "message": sentence}, status)


class PrepayHandler(GatewayPage):
    """``POST /pay/{order_no}/prepay``: the six fields that WeixinJSBridge asks for.

    Nothing is paid by it: the fields are of use to nobody but the order's owner, who confirms in WeChat, and
    no other site can read them. So scripts of the shop's own need not say where they come from.
    """

    name = "prepay"
    takes_silent_posts = True

    async def post(self, order_no: str) -> None:
        if self.openid is None:
            self.answer_json({"code": "LOGIN", "message": self.shop.say("error.refused")}, 401)
            return
        try:
            self.require_way("jsapi")
            fields = await self.ask_gateway(partial(self.shop.till.prepay, openid=self.openid), order_no)
        except KebanError as error:
            self.refuse(error)
            return
        self.answer_json(dict(fields))


class PayCodeHandler(GatewayPage):
    """``GET /pay/{order_no}/qr.svg``: what another screen shows and WeChat scans. Anybody may pay it."""

    name = "pay_code"

    async def get(self, order_no: str) -> None:
        if self.openid is None:
            self.answer_json({"code": "LOGIN", "message": self.shop.say("error.refused")}, 401)
            return
        try:
            self.require_way("native")
            code = await self.ask_gateway(
                partial(self.shop.till.pay_url, openid=self.openid, way="native"), order_no
            )
        except KebanError as error:
            self.refuse(error)
            return
        self.set_header("Content-Type", "image/svg+xml")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        self.set_header("Cache-Control", "no-store")
        self.finish(qr_svg(code))


class PayH5Handler(GatewayPage):
    """``GET /pay/{order_no}/h5``: from a phone's browser into WeChat, and back to the pay page.

    A link and no form: the pages' policy lets no form leave this site, a redirect after one included.
    """

    name = "pay_h5"

    async def get(self, order_no: str) -> None:
        if self.openid is None:
            self.redirect(f"/pay/{order_no}")
            return
        self.require_way("h5")
        asked = partial(self.shop.till.pay_url, openid=self.openid, way="h5", client_ip=self.client_ip)
        try:
            address = await self.ask_gateway(asked, order_no)
        except AlreadyPaid:
            self.shop.nudge()
            self.redirect(f"/pay/{order_no}")
            return
        back = urlencode({"redirect_url": f"{self.shop.pay_url(order_no)}?back=1"})
        self.set_header("Referrer-Policy", ORIGIN_ONLY)
        self.set_header("Cache-Control", "no-store")
        self.redirect(f"{address}{'&' if '?' in address else '?'}{back}")


class PayStatusHandler(GatewayPage):
    """What the page polls after paying; it also asks the gateway, since a notification may never come."""

    name = "pay_status"

    async def get(self, order_no: str) -> None:
        if self.openid is None:
            self.answer_json({"code": "LOGIN", "message": self.shop.say("error.refused")}, 401)
            return
        known = await self.work(own_order, self.shop, self.openid, order_no)
        asks = not known.is_paid and self.get_query_argument("ask", "") == "1"
        order = await self._asked(known) if asks else known
        self.answer_json(
            {
                "order_no": order.order_no,
                "status": order.status,
                "paid": order.is_paid,
                "payable": order.payable(self.shop.clock.now()),
            }
        )
        if order.is_paid and not known.is_paid:
            self.shop.nudge()

    async def _asked(self, order: Order) -> Order:
        """As we know it, when too many wait for WeChat Pay: the page polls again."""
        try:
            return await self.ask_gateway(self.shop.till.refresh, order.order_no)
        except Unavailable as error:
            self.log_exception(type(error), error, None)
            return order


def look(shop: Shop, openid: str, order_no: str) -> PayView:
    """Raises OrderNotFound."""
    order = own_order(shop, openid, order_no)
    course = shop.shelf.catalogue().by_id(order.item_id)
    start = start_of(shop, openid, course) if course and order.is_paid else None
    if order.is_gift:
        gift = shop.till.gift_of(order.order_no) if order.is_paid else None
        forward = forward_text(shop, order, gift) if gift and gift.status == "issued" else ""
        return PayView(state_of(shop, order), course, None, gift=gift, forward=forward)
    note = offers.note_text(shop, openid, course) if course and order.is_open else ""
    opening = (after_paying if order.is_paid else before_paying)(shop, openid, course)
    return PayView(state_of(shop, order), course, start, note, opening)


def own_order(shop: Shop, openid: str, order_no: str) -> Order:
    """Raises OrderNotFound alike for no order and for another follower's."""
    order = shop.till.get(order_no)
    if order is None or order.openid != openid:
        raise OrderNotFound(f"order {order_no} is not this follower's")
    return order
