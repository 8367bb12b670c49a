"""What an order has opened is suspended while all of its money goes back.

Whoever has asked for the money has given the course back: it opens nothing from then on, and not only from
the bank's word on, which may come days later. Should the refund fail, it is open again as if it had never
been closed, and its days are as many as before.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from infra import outbox
from payments import attempt as attempts_of
from payments import grant as grants_of
from payments import order as orders_of
from payments.access import counts_days, end_of_day
from payments.grant import Grant
from payments.order import Order
from payments.refund import Refund
from payments.tables import grants, refunds
from payments.transitions import GOING_BACK, move

_SOURCE = "order:"


def follow_the_money(conn: Connection, order: Order, refund: Refund, now: datetime) -> None:
    """After anything has happened to a refund of this order, which the caller holds (`payments.gift.hold`).

    An abnormal refund does not close anything: it waits for an operator, and its buyer has neither the money
    nor would have the course. A part of the money closes nothing either.
    """
    if suspend_if_it_goes_back(conn, order, now):
        return
    opened = [one for one in _of(conn, order, "suspended") if _open_again(conn, one, order, now)]
    if opened:
        _tell(conn, order, opened[0], refund, now)


def suspend_if_it_goes_back(conn: Connection, order: Order, now: datetime) -> bool:
    """Closes all that the order has opened; what was to begin at its end begins now.

    Whether all of its money is on its way back. The caller holds the order.
    """
    goes_back = _all_goes_back(conn, order)
    for one in _of(conn, order, "active") if goes_back else ():
        if move(conn, grants, one.id, "suspended", now, ended_at=now):
            grants_of.close_gap(conn, one, now)
    return goes_back


def suspended_by(conn: Connection, openid: str) -> list[Order]:
    """The orders by which something is closed to this follower for now, newest first."""
    sources = dict.fromkeys(one.source for one in grants_of.suspended_of(conn, openid))
    found = (orders_of.find(conn, source.removeprefix(_SOURCE)) for source in sources)
    return [order for order in found if order is not None]


def is_suspended(conn: Connection, openid: str, item: tuple[str, str]) -> bool:
    """Whether the follower has bought just this, and its money is on its way back."""
    return any(
        (order.item_kind, order.item_id) == item and not order.is_gift for order in suspended_by(conn, openid)
    )


def _all_goes_back(conn: Connection, order: Order) -> bool:
    paid = attempts_of.find(conn, order.paid_by) if order.paid_by else None
    if paid is None:
        return False
    going = select(func.coalesce(func.sum(refunds.c.fen), 0)).where(
        refunds.c.out_trade_no == paid.out_trade_no, refunds.c.status.in_(GOING_BACK)
    )
    going_fen = int(conn.execute(going).scalar_one())
    return going_fen > 0 and paid.refunded_fen + going_fen >= paid.received_fen


def _of(conn: Connection, order: Order, status: str) -> list[Grant]:
    return [one for one in grants_of.of_source(conn, order.source) if one.status == status]


def _open_again(conn: Connection, one: Grant, order: Order, now: datetime) -> bool:
    """As long as it still was. What has begun in its place meanwhile makes room, and is as long as it was."""
    start, end = one.starts_at, one.expires_at
    left = end - max(one.ended_at or now, start) if end else None
    if left is None or left <= timedelta(0) or not counts_days(order.access):
        return move(conn, grants, one.id, "active", now, ended_at=None)
    days = [other for other in grants_of.alike(conn, one) if _is_in_days(conn, other, now)]
    before = [other for other in days if other.starts_at < start]
    reached = max((_end(other) for other in before), default=None)
    if reached or start > now:
        start = reached or now
    end = end_of_day(max(now, start) + left)
    if not move(conn, grants, one.id, "active", now, ended_at=None, starts_at=start, expires_at=end):
        return False  # an operator has ended it meanwhile
    _make_room(conn, [other for other in days if other not in before], end, now)
    return True


def _make_room(conn: Connection, later: list[Grant], reached: datetime, now: datetime) -> None:
    """Terms of the same item, one after the other."""
    for other in later:
        if other.starts_at < reached:
            left = _end(other) - max(now, other.starts_at)
            grants_of.shift(conn, other, reached, end_of_day(reached + left), now)
            reached = end_of_day(reached + left)
        else:
            reached = _end(other)


def _is_in_days(conn: Connection, one: Grant, now: datetime) -> bool:
    """Whether it is a term in days that an order has opened, with some of it left."""
    if one.expires_at is None or one.expires_at <= now:
        return False
    order = orders_of.find(conn, one.source.removeprefix(_SOURCE))
    return order is not None and counts_days(order.access)


def _end(one: Grant) -> datetime:
    assert one.expires_at is not None  # noqa: S101 - asked of terms in days only
    return one.expires_at


def _tell(conn: Connection, order: Order, opened: Grant, refund: Refund, now: datetime) -> None:
    """Who can read again hears of it: nobody else would tell them that the money does not come."""
    about: dict[str, Any] = {"openid": opened.openid, "order_no": order.order_no, "title": order.title}
    about["is_gift"] = order.is_gift
    outbox.put(conn, topic="open_again", key=f"open_again:{refund.out_refund_no}", payload=about, now=now)
