"""``能开发票吗``: who makes it out, and the numbers of the orders that it is for."""

from __future__ import annotations

import re

from bot.reply import tap
from handlers.chat.orders import day_text
from handlers.chat.turn import Turn
from handlers.price import price_text
from handlers.shop import Shop
from payments.order import Order

MAX_ORDERS = 3
_LOOK_BACK = 20
# What is asked for below, sent: an order's or a tax number beside one of these words.
_PAPER = re.compile("发票|抬头|税号")
_NUMBER = re.compile("[0-9A-Za-z]{15}")


def answer(shop: Shop, turn: Turn) -> str | None:
    """Asked before the order's number, which would answer with the order and leave the invoice out."""
    if holds_details(turn.text):
        return shop.say("invoice.details")
    return _how(shop, turn) if turn.means("invoice") else None


def holds_details(text: str) -> bool:
    """To whom an invoice shall be made out."""
    return bool(_PAPER.search(text) and _NUMBER.search(text))


def _how(shop: Shop, turn: Turn) -> str:
    orders = shop.till.orders_of(turn.openid, limit=_LOOK_BACK)
    paid = [order for order in orders if order.is_paid and order.total_fen and order.status != "refunded"]
    if not paid:
        return shop.say("invoice.after_paying", person=tap("人工", "人工"))
    return shop.say("invoice.how", orders="\n".join(_line(shop, order) for order in paid[:MAX_ORDERS]))


def _line(shop: Shop, order: Order) -> str:
    return shop.say(
        "invoice.item",
        title=order.title,
        price=price_text(shop.say, order.total_fen),
        day=day_text(shop, order),
        order_no=order.order_no,
    )
