"""What a payment does for its order: it opens what was bought, or it goes back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from infra import outbox
from infra.together import Together, together
from payments import gift as gifts_of
from payments import grant as grants_of
from payments.access import has_time_left
from payments.attempt import Attempt
from payments.held import Held, held_by
from payments.order import Order
from payments.refund import AUTOMATIC
from payments.request_refund import reserve
from payments.tables import orders
from payments.transitions import ORDER, leads, moving


def fulfil(writing: Together, order: Order, held: Held, attempt: Attempt, now: datetime) -> bool:
    """Paid, open and told in one go; False for money that the order has no use for.

    The caller holds the order, and ``held`` is what its follower has.
    """
    if not leads(ORDER, order.status, "paid"):
        return False
    paid = {"open_key": None, "paid_by": attempt.out_trade_no, "paid_at": now}
    if not _is_new(order, held, now):
        writing.must(moving(orders, order.order_no, "paid", now=now, **paid))
        return False
    writing.must(moving(orders, order.order_no, "paid", "fulfilled", now=now, **paid))
    _hand_over(writing, order, held, now)
    _put_receipt(writing, order, now)
    return True


def is_of_use(order: Order, held: Held, now: datetime) -> bool:
    """Whether a payment would fulfil the order."""
    return leads(ORDER, order.status, "paid") and _is_new(order, held, now)


def open_up(conn: Connection, order: Order, now: datetime) -> bool:
    """Grants what a paid order bought, or makes its gift code; False if the follower gets nothing new."""
    held = held_by(conn, order.openid, now)
    if not _is_new(order, held, now):
        return False
    with together(conn) as writing:
        writing.may(moving(orders, order.order_no, "fulfilled", now=now))
        _hand_over(writing, order, held, now)
    return True


def _is_new(order: Order, held: Held, now: datetime) -> bool:
    """Whether there is time left, and the follower does not have all of it already; a gift is for another."""
    covered = not order.is_gift and held.covers(order.opens, order.access, order.created_at)
    return has_time_left(order.access, now) and not covered


def _hand_over(writing: Together, order: Order, held: Held, now: datetime) -> None:
    for change in [gifts_of.issued(order, now)] if order.is_gift else grants_of.given(order, held, now):
        writing.may(change)


def send_back(conn: Connection, order: Order, credited: Attempt, now: datetime) -> None:
    """A refund of the whole payment; the worker submits it once this is committed."""
    reason = "重复支付，自动退回" if has_time_left(order.access, now) else "课程已过有效期，自动退回"
    reserve(conn, credited, credited.received_fen, reason, cause=AUTOMATIC + credited.out_trade_no, now=now)


def receipt_of(order: Order) -> dict[str, Any]:
    """What the receipt says."""
    return {
        "openid": order.openid,
        "order_no": order.order_no,
        "item_id": order.item_id,
        "title": order.title,
        "total_fen": order.total_fen,
    }


def _put_receipt(writing: Together, order: Order, now: datetime) -> None:
    # A gift's receipt has its code, which is looked up when it is sent: it is as good as money.
    topic = "gift_bought" if order.is_gift else "receipt"
    writing.may(
        outbox.parcel(topic=topic, key=f"receipt:{order.order_no}", payload=receipt_of(order), now=now)
    )
