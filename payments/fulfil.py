"""What a payment does for its order: it opens what was bought, or it goes back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from infra import outbox
from payments import gift as gifts_of
from payments import grant as grants_of
from payments.access import has_time_left
from payments.attempt import Attempt
from payments.held import held_by
from payments.order import Order
from payments.refund import AUTOMATIC
from payments.request_refund import reserve
from payments.tables import orders
from payments.transitions import move


def fulfil(conn: Connection, order: Order, attempt: Attempt, now: datetime) -> bool:
    """Paid, open and told in one go; False for money that the order has no use for."""
    if not move(
        conn, orders, order.order_no, "paid", now, open_key=None, paid_by=attempt.out_trade_no, paid_at=now
    ):
        return False
    return open_up(conn, order, now) and _put_receipt(conn, order, now)


def open_up(conn: Connection, order: Order, now: datetime) -> bool:
    """Grants what a paid order bought, or makes its gift code; False if the follower gets nothing new."""
    if not has_time_left(order.access, now):
        return False
    if order.is_gift:
        gifts_of.issue(conn, order, now)
    elif held_by(conn, order.openid, now).covers(order.opens, order.access, order.created_at):
        return False
    else:
        grants_of.give(conn, order, now)
    return move(conn, orders, order.order_no, "fulfilled", now)


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


def _put_receipt(conn: Connection, order: Order, now: datetime) -> bool:
    # A gift's receipt has its code, which is looked up when it is sent: it is as good as money.
    topic = "gift_bought" if order.is_gift else "receipt"
    outbox.put(conn, topic=topic, key=f"receipt:{order.order_no}", payload=receipt_of(order), now=now)
    return True
