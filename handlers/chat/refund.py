"""``退款``: under the rule that stood in the order when it was placed."""

from __future__ import annotations

import re
from datetime import timedelta

from handlers.chat.orders import day_text
from handlers.chat.turn import Turn
from handlers.price import price_text
from handlers.shop import Shop
from handlers.terms import refund_days
from infra.errors import Conflict, Refused
from payments.order import Order

MAX_ORDERS = 5
_NOTE = "refund"
_NUMBER = re.compile(r"退款?\D{0,3}(\d{1,2})\s*$")
REASON = "关注者在聊天里申请"


def answer(shop: Shop, turn: Turn) -> str | None:
    """``退款`` lists what can go back; ``退款 1`` sends it back."""
    if not turn.means("refund"):
        return None
    number = _NUMBER.search(turn.text)
    offered = [no for no in turn.session.notes.get(_NOTE, "").split(",") if no]
    if number and offered:
        return _start(shop, turn, offered, int(number.group(1)))
    return _offer(shop, turn)


def _offer(shop: Shop, turn: Turn) -> str:
    paid = [order for order in shop.till.orders_of(turn.openid) if order.is_paid and order.total_fen][
        :MAX_ORDERS
    ]
    if not paid:
        return shop.say("refund.nothing")
    possible = [order for order in paid if _problem(shop, order) is None]
    if not possible:
        lines = "\n".join(_refusal_line(shop, order) for order in paid)
        return shop.say("refund.none_possible", orders=lines)
    turn.session.notes[_NOTE] = ",".join(order.order_no for order in possible)
    lines = "\n".join(_offer_line(shop, at, order) for at, order in enumerate(possible, 1))
    return shop.say("refund.choose", orders=lines, number=1 if len(possible) == 1 else "序号")


def _start(shop: Shop, turn: Turn, offered: list[str], number: int) -> str:
    order = shop.till.get(offered[number - 1]) if 1 <= number <= len(offered) else None
    if order is None or order.openid != turn.openid:
        return shop.say("refund.out_of_range")
    problem = _problem(shop, order)
    if problem is not None:
        return shop.say("refund.none_possible", orders=_refusal_line(shop, order))
    try:
        refund = shop.till.refund(order.order_no, None, REASON)
    except (Conflict, Refused):
        # A second tap: the first one's refund holds the money already.
        return shop.say("refund.none_possible", orders=_line(shop, order, shop.say("refund.reason_pending")))
    turn.session.notes.pop(_NOTE, None)
    shop.members.record(turn.openid, "refund", {"order_no": order.order_no, "fen": refund.fen})
    price = price_text(shop.say, refund.fen)
    return shop.say("refund.started", title=order.title, price=price, order_no=order.order_no)


def _problem(shop: Shop, order: Order) -> str | None:
    """Why this order cannot be refunded by its buyer; None when it can."""
    if order.status == "refunded":
        return shop.say("order_status.refunded")
    days = refund_days(order.refund_rule)
    if days is None or order.paid_at is None:
        return shop.say("refund.reason_no_refund")
    if shop.clock.now() > order.paid_at + timedelta(days=days):
        return shop.say("refund.reason_expired", days=days)
    return None


def _offer_line(shop: Shop, number: int, order: Order) -> str:
    price = price_text(shop.say, order.total_fen)
    return shop.say(
        "refund.choose_item", number=number, title=order.title, price=price, day=day_text(shop, order)
    )


def _refusal_line(shop: Shop, order: Order) -> str:
    return _line(shop, order, _problem(shop, order) or "")


def _line(shop: Shop, order: Order, reason: str) -> str:
    return shop.say(
        "refund.item", title=order.title, price=price_text(shop.say, order.total_fen), reason=reason
    )
