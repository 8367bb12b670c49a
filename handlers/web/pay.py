"""The pay page of an order, its prepay, and its state; each for the order's owner only."""

from __future__ import annotations

from handlers.shop import Shop
from handlers.web.base import Page
from infra.errors import KebanError
from payments.errors import OrderNotFound
from payments.order import Order


class PayPage(Page):
    name = "pay"

    async def get(self, order_no: str) -> None:
        if self.openid is None:
            self.login_first()
            return
        order = await self.work(own_order, self.shop, self.openid, order_no)
        course = self.shop.shelf.catalogue().by_id(order.item_id)
        state = "paid" if order.is_paid else "open" if order.payable(self.shop.clock.now()) else "closed"
        self.render("pay.html", order=order, course=course, state=state)


class PrepayHandler(Page):
    """``POST /pay/{order_no}/prepay``: the six fields that WeixinJSBridge asks for."""

    name = "prepay"

    async def post(self, order_no: str) -> None:
        if self.openid is None:
            self.answer_json({"code": "LOGIN", "message": self.shop.say("error.refused")}, 401)
            return
        try:
            fields = await self.work(self.shop.till.prepay, order_no, self.openid)
        except KebanError as error:
            self._refuse(error)
            return
        self.answer_json(dict(fields))

    def _refuse(self, error: KebanError) -> None:
        self.log_exception(type(error), error, None)
        status, sentence = self._explain(500, error)
        self.answer_json({"code": type(error).__name__, "message": sentence}, status)


class PayStatusHandler(Page):
    """What the page polls after paying; it also asks the gateway, since a notification may never come."""

    name = "pay_status"

    async def get(self, order_no: str) -> None:
        if self.openid is None:
            self.answer_json({"code": "LOGIN", "message": self.shop.say("error.refused")}, 401)
            return
        order = await self.work(own_order, self.shop, self.openid, order_no)
        if not order.is_paid and self.get_query_argument("ask", "") == "1":
            order = await self.work(self.shop.till.refresh, order_no)
            if order.is_paid:
                await self.work(self.room.nudge)
        self.answer_json({"order_no": order.order_no, "status": order.status, "paid": order.is_paid})


def own_order(shop: Shop, openid: str, order_no: str) -> Order:
    """Raises OrderNotFound alike for no order and for another follower's."""
    order = shop.till.get(order_no)
    if order is None or order.openid != openid:
        raise OrderNotFound(f"order {order_no} is not this follower's")
    return order
