"""``我的订单``: the last orders, with what can be done."""

from __future__ import annotations

from bot.reply import link, tap
from handlers.chat import paging
from handlers.chat.turn import Turn
from handlers.order_state import OrderState, states_of
from handlers.price import price_text
from handlers.shop import Shop
from payments.order import Order

MAX_ORDERS = 5
_MORE = "更多"


def answer(shop: Shop, turn: Turn) -> str | None:
    return show(shop, turn) if turn.means("orders") else None


def show(shop: Shop, turn: Turn, start: int = 0) -> str:
    """Five orders, newest first; one that waits for its payment has its link."""
    found = shop.till.orders_of(turn.openid, limit=start + MAX_ORDERS + 1)[start:]
    if not found:
        paging.forget(turn)
        return shop.say("orders.no_more" if start else "orders.none")
    paging.remember(turn, "orders", start + MAX_ORDERS)
    return shop.say(
        "orders.some",
        opening=shop.say("orders.opening_more" if start else "orders.opening"),
        orders="\n\n".join(_line(shop, state) for state in states_of(shop, found[:MAX_ORDERS])),
        more=shop.say("orders.more_hint", more=tap(_MORE, _MORE)) if len(found) > MAX_ORDERS else "",
    )


def _line(shop: Shop, state: OrderState) -> str:
    order = state.order
    payable = shop.selling and order.payable(shop.clock.now())
    return shop.say(
        "orders.item",
        title=order.title,
        gift=gift_mark(shop, order),
        price=price_text(shop.say, order.total_fen),
        status=state.text,
        day=day_text(shop, order),
        order_no=order.order_no,
        action=shop.say("orders.action_pay", link=pay_link(shop, order)) if payable else "",
    )


def gift_mark(shop: Shop, order: Order) -> str:
    """Behind the title of what is for somebody else; the same course may be among the follower's own."""
    return shop.say("orders.gift_mark") if order.is_gift else ""


def pay_link(shop: Shop, order: Order) -> str:
    """The link to pay an order that can still be paid."""
    return link(shop.pay_url(order.order_no), shop.say("orders.pay_label"))


def day_text(shop: Shop, order: Order) -> str:
    local = order.created_at.astimezone(shop.zone)
    return f"{local.month}月{local.day}日"
