"""``退款``: under the rule that stood in the order when it was placed."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

from bot.reply import tap
from content.course import Course
from handlers.chat.orders import day_text
from handlers.chat.turn import Turn
from handlers.order_state import OrderState, state_of, states_of
from handlers.price import price_text
from handlers.read_share import read_share
from handlers.shop import Shop
from handlers.terms import share_text
from infra.errors import Conflict, Refused
from payments.errors import GiftRedeemed, TooManyRequests
from payments.order import Order
from payments.refund import is_too_late
from payments.refund_rule import rule_of, why_not

MAX_ORDERS = 5  # of which is told why not, or where the money is
MOST_A_DAY = 5  # requests of a follower
MAX_OFFERED = 9  # whoever has more to give back names the course
_NOTE = "refund"
_NUMBER = re.compile(r"退款?\D{0,3}(\d{1,2})\s*$")
_REFUND, _PERSON = "退款", "人工"
# What stands around a course's name in the wish to give it back.
_AROUND = re.compile(
    r"(?:你好|请问|我?(?:想|要|申请|能不能|可不可以|可以|能|怎么|如何|帮我|请|麻烦|给我)|把|我|(?:刚|之前|"
    r"上次|昨天|今天)?(?:买|报)(?:了|的)?|"
    r"退款|退钱|退费|退课|退货|退掉|退了|退|refund|课程|这门|那门|那个|这个|课|不想学了|不要了|掉|的|了|吗|"
    r"吧|么|[ ,，。.!！?？《》「」:：])+"
)
_SHORTEST_NAME = 2
REASON = "关注者在聊天里申请"
_WHY_NOT = {
    "not_given_back": "refund.reason_no_refund",
    "too_late": "refund.reason_expired",
    "read_too_much": "refund.reason_read",
}


def answer(shop: Shop, turn: Turn) -> str | None:
    """``退款`` lists what can go back; ``退款 1`` sends it back."""
    if not turn.means("refund"):
        return None
    number = _NUMBER.search(turn.text)
    offered = [no for no in turn.session.notes.get(_NOTE, "").split(",") if no]
    if number and offered:
        return _start(shop, turn, offered, int(number.group(1)))
    paid = shop.till.purchases_of(turn.openid)
    tell = _TOLD.get(turn.reading.asked)
    if tell:
        return tell(shop, turn, paid)
    return _of_one(shop, turn, paid) or _offer(shop, turn, paid)


def _when(shop: Shop, turn: Turn, paid: list[Order]) -> str:
    return shop.say("refund.when", on_the_way=_on_the_way(shop, states_of(shop, paid)))


def _rule(shop: Shop, turn: Turn, paid: list[Order]) -> str:
    """For buyers their own orders say it best."""
    return _offer(shop, turn, paid) if paid else shop.say("refund.rule", refund=tap(_REFUND, _REFUND))


def _why_not(shop: Shop, turn: Turn, paid: list[Order]) -> str:
    if not paid:
        return _rule(shop, turn, paid)
    states = states_of(shop, paid[:MAX_ORDERS])
    lines = [_line(shop, state, _problem(shop, state) or shop.say("refund.can_go_back")) for state in states]
    return shop.say("refund.why_not", orders="\n".join(lines))


_TOLD: dict[str, Callable[[Shop, Turn, list[Order]], str]] = {
    "when": _when,
    "where": _when,
    "rule": _rule,
    "why_not": _why_not,
}


def _of_one(shop: Shop, turn: Turn, paid: list[Order]) -> str | None:
    """The order of the course that was named; None when no name fits. No other is offered in its place."""
    name = _plain(" ".join(part for part in _AROUND.split(turn.text) if part))
    if len(name) < _SHORTEST_NAME or name.isdigit():
        return None
    named = [order for order in paid if name in _plain(order.title) or _plain(order.title) in name]
    course = None if named else _called(turn, name)
    if course is not None:
        named = [order for order in paid if order.item_id == course.id]
    if not named:
        refund = tap(_REFUND, _REFUND)
        return shop.say("refund.not_bought", title=course.title, refund=refund) if course else None
    states = states_of(shop, named)
    if all(_problem(shop, state) for state in states):
        lines = "\n".join(_refusal_line(shop, state) for state in states[:MAX_ORDERS])
        return shop.say("refund.this_cannot", orders=lines, person=tap(_PERSON, _PERSON))
    return _offer(shop, turn, named)


def _called(turn: Turn, name: str) -> Course | None:
    """The one course whose title has the name in it."""
    fitting = [course for course in turn.catalogue.courses if name in _plain(course.title)]
    return fitting[0] if len(fitting) == 1 else None


def _plain(title: str) -> str:
    return "".join(title.casefold().split())


def _offer(shop: Shop, turn: Turn, paid: list[Order]) -> str:
    if not paid:
        return shop.say("refund.nothing")
    states = states_of(shop, paid)
    possible = [state for state in states if _problem(shop, state) is None][:MAX_OFFERED]
    if not possible:
        lines = "\n".join(_refusal_line(shop, state) for state in states[:MAX_ORDERS])
        return shop.say("refund.none_possible", orders=lines)
    turn.session.notes[_NOTE] = ",".join(state.order.order_no for state in possible)
    return shop.say(
        "refund.choose",
        orders="\n".join(_offer_line(shop, at, state) for at, state in enumerate(possible, 1)),
        number=1 if len(possible) == 1 else "序号",
        on_the_way=_on_the_way(shop, states),
    )


def _on_the_way(shop: Shop, states: list[OrderState]) -> str:
    """What was asked for before, so that nobody wonders where it is."""
    going = [state for state in states if state.is_going_back][:MAX_ORDERS]
    if not going:
        return ""
    lines = "\n".join(_line(shop, state, state.text) for state in going)
    return shop.say("refund.on_the_way", orders=lines)


def _start(shop: Shop, turn: Turn, offered: list[str], number: int) -> str:
    order = shop.till.get(offered[number - 1]) if 1 <= number <= len(offered) else None
    if order is None or order.openid != turn.openid:
        return shop.say("refund.out_of_range")
    state = state_of(shop, order)
    if _problem(shop, state) is not None:
        return shop.say("refund.none_possible", orders=_refusal_line(shop, state))
    try:
        refund = shop.till.refund(order.order_no, None, REASON, asked_by=turn.openid, a_day=MOST_A_DAY)
    except TooManyRequests as refusal:
        return shop.say(refusal.say)
    except (Conflict, Refused):
        # A second tap: the first one's refund holds the money already.
        return shop.say("refund.none_possible", orders=_refusal_line(shop, state_of(shop, order)))
    if refund.status == "success":
        shop.nudge()  # the message that the money is back waits in the outbox
    turn.session.notes.pop(_NOTE, None)
    shop.members.record(turn.openid, "refund", {"order_no": order.order_no, "fen": refund.fen})
    price = price_text(shop.say, refund.fen)
    closed = shop.say("refund.closed_gift" if order.is_gift else "refund.closed")
    return shop.say("refund.started", title=order.title, price=price, order_no=order.order_no, closed=closed)


def _problem(shop: Shop, state: OrderState) -> str | None:
    """Why this order cannot be refunded by its buyer; None when it can."""
    order = state.order
    if state.is_going_back or not state.standing.refundable_fen:
        return state.text
    if state.standing.gift == "redeemed":
        return shop.say(GiftRedeemed.say)
    rule, now = rule_of(order.refund_rule), shop.clock.now()
    if rule is None or order.paid_at is None:
        return shop.say("refund.reason_no_refund")
    if is_too_late(order.paid_at, now):
        return shop.say("refund.reason_too_old")
    share = read_share(shop, order) if rule.less_than is not None else Fraction(0)
    why = why_not(order.refund_rule, order.paid_at, now, share)
    if why is None:
        return None
    return shop.say(_WHY_NOT[why], days=rule.days, share=share_text(rule.less_than or Fraction(1)))


def _offer_line(shop: Shop, number: int, state: OrderState) -> str:
    order, price = state.order, price_text(shop.say, state.standing.refundable_fen)
    return shop.say(
        "refund.choose_item", number=number, title=order.title, price=price, day=day_text(shop, order)
    )


def _refusal_line(shop: Shop, state: OrderState) -> str:
    return _line(shop, state, _problem(shop, state) or "")


def _line(shop: Shop, state: OrderState, reason: str) -> str:
    price = price_text(shop.say, state.order.total_fen)
    return shop.say("refund.item", title=state.order.title, price=price, reason=reason)
