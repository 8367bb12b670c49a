"""``扣了两次钱``: every payment that came in for the order is looked up, and what is found is told."""

from __future__ import annotations

from bot.reply import tap
from handlers.chat import order_number
from handlers.chat.turn import Turn
from handlers.shop import Shop
from payments.errors import OrderNotFound
from payments.order import Order

MAX_ORDERS = 3
_LOOK_BACK = 20
_PERSON = "人工"


def answer(shop: Shop, turn: Turn) -> str | None:
    """The order whose number was sent, else the newest ones."""
    if not (turn.means("support") and turn.reading.asked == "twice"):
        return None
    number = order_number.number_in(turn.text)
    orders = _named(shop, turn, number) if number else shop.till.orders_of(turn.openid, limit=_LOOK_BACK)
    if not orders:
        return shop.say(OrderNotFound.say if number else "not_opened.no_order")
    return _told(shop, turn, [_asked_about(shop, order) for order in orders[:MAX_ORDERS]])


def _named(shop: Shop, turn: Turn, number: str) -> list[Order]:
    order = shop.till.get(number)
    return [order] if order and order.openid == turn.openid else []


def _asked_about(shop: Shop, order: Order) -> Order:
    """When it is paid, too: it is another payment that is looked for."""
    asked = shop.till.refresh(order.order_no)
    if asked.is_paid:
        shop.nudge()
    return asked


def _told(shop: Shop, turn: Turn, orders: list[Order]) -> str:
    found = [order for order in orders if shop.till.standing(order).surplus]
    lines = "\n\n".join(order_number.told(shop, turn, order) for order in found or orders)
    if found:
        return shop.say("paid_twice.found", orders=lines)
    return shop.say("paid_twice.not_found", orders=lines, person=tap(_PERSON, _PERSON))
