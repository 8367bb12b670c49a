"""An order's number, alone or in a sentence: how that order stands, and what can be done."""

from __future__ import annotations

import re

from bot.reply import link, tap
from content.course import Course
from handlers.buying import NotOpen
from handlers.chat import gift
from handlers.chat.orders import day_text, gift_mark, pay_link
from handlers.chat.turn import Turn
from handlers.order_state import OrderState, state_of
from handlers.price import price_text
from handlers.shop import Shop
from payments.errors import OrderNotFound
from payments.gateway import GatewayUnavailable
from payments.order import Order

# Ours begin with twelve digits; asking for six leaves words of twenty letters to the other intents and still
# takes a number that was copied with a slip for what it is. WeChat's bill shows it with two digits more.
_BARE = re.compile(r"(?<![0-9A-Za-z])(\d{6}[0-9A-Za-z]{14})(?:\d{2})?(?![0-9A-Za-z])")
_NAMED = re.compile(r"单号[^0-9A-Za-z]{0,4}(\d[0-9A-Za-z]{5,31})(?![0-9A-Za-z])")


def answer(shop: Shop, turn: Turn) -> str | None:
    """None when no number is in the text, or when it comes with the wish for a refund."""
    number = number_in(turn.text)
    if not number or turn.means("refund"):
        return None
    order = shop.till.get(number)
    if order is None or order.openid != turn.openid:
        return shop.say(OrderNotFound.say)
    order, is_heard = look_and_listen(shop, order)
    return told(shop, turn, order, is_heard=is_heard)


def number_in(text: str) -> str:
    """An order's number in a text; empty for none."""
    found = _BARE.search(text) or _NAMED.search(text)
    return found.group(1) if found else ""


def look_and_listen(shop: Shop, order: Order) -> tuple[Order, bool]:
    """The order, after WeChat Pay was asked about it if nothing has come in for it yet; and whether it has
    answered: its silence is not "not paid".
    """
    if order.is_paid:
        return order, True
    try:
        asked = shop.till.insist(order.order_no)
    except GatewayUnavailable:
        return shop.till.get(order.order_no) or order, False
    if asked.is_paid:
        shop.nudge()  # the receipt waits in the outbox
    return asked, True


def told(shop: Shop, turn: Turn, order: Order, *, is_heard: bool = True) -> str:
    """One order with everything that its buyer wants to know. While nobody knows whether it is paid, nobody
    is asked to pay it: not ``is_heard``.
    """
    state = state_of(shop, order)
    if not is_heard and not order.is_paid:
        return _told(shop, order, shop.say("order_status.unheard"), shop.say("order_number.unheard"))
    next_step = state.money if state.is_going_back else _next_step(shop, turn, order) + _beside(state)
    return _told(shop, order, state.text, next_step)


def _told(shop: Shop, order: Order, status: str, next_step: str) -> str:
    return shop.say(
        "order_number.told",
        title=order.title,
        gift=gift_mark(shop, order),
        price=price_text(shop.say, order.total_fen),
        status=status,
        day=day_text(shop, order),
        order_no=order.order_no,
        next_step=next_step,
    )


def _beside(state: OrderState) -> str:
    """What there is to say about a second payment."""
    return f"\n{state.money}" if state.money else ""


def _next_step(shop: Shop, turn: Turn, order: Order) -> str:
    course = turn.catalogue.by_id(order.item_id)
    if order.status == "refunded":
        return shop.say("order_number.refunded")
    if order.is_paid:
        return gift.told(shop, order) if order.is_gift else _paid(shop, order, course)
    if order.payable(shop.clock.now()):
        return _unpaid(shop, order)
    if course is None or not course.listed:
        return shop.say("order_number.over")
    words = f"购买 {course.title}"
    return shop.say("order_number.over_again", buy=tap(words, words))


def _unpaid(shop: Shop, order: Order) -> str:
    if not shop.selling:
        return shop.say(NotOpen.say)
    return shop.say("order_number.unpaid", link=pay_link(shop, order))


def _paid(shop: Shop, order: Order, course: Course | None) -> str:
    access = shop.till.owned(order.openid)
    if not (course and access.opens(course)) and not any(access.holds(*item) for item in order.opens):
        return shop.say("order_number.term_over")
    address = shop.course_url(course.slug) if course else f"{shop.base_url}/me"
    return shop.say("order_number.open", link=link(address, shop.say("receipt.start_label")))
