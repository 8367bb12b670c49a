"""Where an order and its money stand, in the same words in the chat and on the pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.price import price_text
from handlers.shop import Shop
from payments.order import Order
from payments.standing import Standing

# Where the order's own money is on its way back, or should be: the state in a few words, and in a sentence.
_GOING_BACK = {
    "paid_twice": ("order_status.paid_twice", "money_back.paid_twice"),
    "paid_late": ("order_status.paid_late", "money_back.paid_late"),
    "stuck": ("order_status.stuck", "money_back.stuck"),
    "refunding": ("order_status.refunding", "money_back.refunding"),
}
_GIFTS = {
    "issued": "gift.status_issued",
    "redeemed": "gift.status_redeemed",
    "void": "gift.status_void",
}
# Where another payment of the same order is; what the order bought stays as it is.
_BESIDE = {
    "going_back": ("order_status.and_going_back", "money_back.and_going_back"),
    "stuck": ("order_status.and_stuck", "money_back.and_stuck"),
}


@dataclass(frozen=True)
class OrderState:
    """``key``: the order's status, or one of `_GOING_BACK`. ``text`` says it in a few words. ``money`` is a
    sentence where money is on its way back, else empty.
    """

    order: Order
    standing: Standing
    key: str
    text: str
    money: str

    @property
    def is_going_back(self) -> bool:
        return self.key in _GOING_BACK


def state_of(shop: Shop, order: Order) -> OrderState:
    return states_of(shop, [order])[0]


def states_of(shop: Shop, orders: Sequence[Order]) -> list[OrderState]:
    """In the same sequence; looked up together."""
    standings = shop.till.standings(orders)
    return [_state(shop, order, standings[order.order_no]) for order in orders]


def _state(shop: Shop, order: Order, standing: Standing) -> OrderState:
    key = _key(shop, order, standing)
    if key in _GOING_BACK:
        price = price_text(shop.say, standing.pending_fen or standing.refundable_fen)
        few, sentence = _GOING_BACK[key]
        if key == "refunding" and not standing.refundable_fen and not order.is_gift:
            sentence = "money_back.refunding_all"
        return OrderState(order, standing, key, shop.say(few), shop.say(sentence, price=price))
    text, money = _status(shop, key, standing), ""
    if standing.surplus:
        few, sentence = _BESIDE[standing.surplus]
        text, money = shop.say(few, status=text), shop.say(sentence)
    return OrderState(order, standing, key, text, money)


def _status(shop: Shop, key: str, standing: Standing) -> str:
    """A gift that is paid for is where its code is."""
    if standing.gift and key in ("fulfilled", "partially_refunded"):
        return shop.say(_GIFTS[standing.gift])
    return shop.say(f"order_status.{key}")


def _key(shop: Shop, order: Order, standing: Standing) -> str:
    if order.is_open and not order.payable(shop.clock.now()):
        return "closed"  # too late to pay; the worker has only not closed it yet
    if order.status == "paid" and standing.surplus:
        return "stuck" if standing.surplus == "stuck" else "paid_late" if standing.came_late else "paid_twice"
    if standing.is_stuck:
        return "stuck"
    return "refunding" if standing.pending_fen else order.status
