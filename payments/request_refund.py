"""Asking for money to go back: our row first, with the sum reserved. The gateway hears of it afterwards."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, update

from payments import attempt as attempts_of
from payments import gift as gifts_of
from payments import refund as refunds_of
from payments.access import start_of_day
from payments.attempt import Attempt
from payments.audit_tables import audit
from payments.desk import Desk
from payments.errors import (
    GiftRedeemed,
    NothingToRefund,
    OrderNotFound,
    RefundTooLate,
    RefundTooMuch,
    RefundTooOften,
    TooManyRequests,
)
from payments.order import Order
from payments.refund import Refund, is_too_late
from payments.suspend import follow_the_money
from payments.tables import attempts, refunds

OPERATOR = "operator"
ASKED = "refund"  # the audit's word
MOST_PARTS = 50  # WeChat Pay's own limit for one payment
BETWEEN_PARTS = timedelta(minutes=1)  # likewise
REASON_CHARS = 80  # WeChat Pay's field


def request_refund(
    desk: Desk,
    order_no: str,
    fen: int | None,
    reason: str,
    *,
    payment: str | None = None,
    asked_by: str = "",
    a_day: int | None = None,
) -> Refund:
    """Reserves ``fen`` (None: all that is left) of what paid the order, and writes the refund's row.

    ``payment`` names another payment of the order: one that the order had no use for. ``asked_by`` is the
    follower's openid, or a word for who else; they may ask ``a_day`` times (None: as often as they like), and
    each request is kept in the audit.

    What the order has opened is closed from here on if all of its money goes back. A gift's code is void,
    unless it is redeemed: then its buyer cannot have the money back.

    Raises OrderNotFound, NothingToRefund, GiftRedeemed, RefundTooLate, RefundTooMuch, RefundTooOften or
    TooManyRequests.
    """

    def request(conn: Connection) -> Refund:
        order, paid = _payment_of(conn, order_no, payment)
        wanted = paid.refundable_fen if fen is None else fen
        if wanted <= 0:
            raise NothingToRefund(f"order {order_no} holds nothing to refund")
        if paid.success_at is not None and is_too_late(paid.success_at, desk.now()):
            raise RefundTooLate(
                f"payment {paid.out_trade_no} is older than a year", hint="pay it back by hand"
            )
        actor = asked_by or OPERATOR
        if a_day is not None and _asked_today(conn, actor, desk.now()) >= a_day:
            raise TooManyRequests(f"{a_day} refunds were asked for today")
        _audit(conn, actor, order_no, reason, desk.now())
        if order.is_gift and paid.out_trade_no == order.paid_by:
            _claim_gift(conn, order, wanted >= paid.refundable_fen, asked_by, desk.now())
        asked = reserve(conn, paid, wanted, reason, cause="", now=desk.now(), asked_by=asked_by)
        follow_the_money(conn, order, asked, desk.now())
        return asked

    return desk.write(request)


def reserve(
    conn: Connection,
    paid: Attempt,
    fen: int,
    reason: str,
    *,
    cause: str,
    now: datetime,
    due_at: datetime | None = None,
    asked_by: str = "",
) -> Refund:
    """Writes one refund of one payment; the caller holds the order's row.

    An empty ``cause`` is an operator's request, and each is its own; the same non-empty cause a second time
    breaks the unique key. Raises RefundTooMuch or RefundTooOften.
    """
    number = refunds_of.last_number(conn, paid.out_trade_no) + 1
    if number > MOST_PARTS:
        raise RefundTooOften(f"payment {paid.out_trade_no} was refunded in {MOST_PARTS} parts already")
    if not set_apart(conn, paid.out_trade_no, fen, now):
        raise RefundTooMuch(f"{fen} fen is more than payment {paid.out_trade_no} has left")
    out_refund_no = refunds_of.number_of(paid.out_trade_no, number)
    conn.execute(
        refunds.insert().values(
            out_refund_no=out_refund_no,
            order_no=paid.order_no,
            out_trade_no=paid.out_trade_no,
            number=number,
            cause=cause or f"asked:{out_refund_no}",
            fen=fen,
            total_fen=paid.received_fen,
            reason=reason[:REASON_CHARS],
            asked_by=asked_by,
            status="created",
            refund_id=None,
            success_at=None,
            tries=0,
            due_at=due_at or _due(conn, paid.order_no, now),
            last_error="",
            created_at=now,
            updated_at=now,
        )
    )
    return _written(conn, out_refund_no)


def _asked_today(conn: Connection, actor: str, now: datetime) -> int:
    """Days are Beijing's."""
    asked = audit.c.actor == actor, audit.c.action == ASKED, audit.c.at >= start_of_day(now)
    return conn.execute(select(func.count()).select_from(audit).where(*asked)).scalar_one()


def _audit(conn: Connection, actor: str, order_no: str, reason: str, now: datetime) -> None:
    """Who asked, with the request itself."""
    row = {"actor": actor, "action": ASKED, "about": order_no, "reason": reason[:REASON_CHARS], "at": now}
    conn.execute(audit.insert().values(**row))


def _claim_gift(conn: Connection, order: Order, is_all: bool, asked_by: str, now: datetime) -> None:
    """A part that goes back leaves the code as it is."""
    gift = gifts_of.of_order(conn, order.order_no)
    if gift is not None and gift.status == "redeemed" and asked_by == order.openid:
        raise GiftRedeemed(f"the gift of order {order.order_no} is redeemed")
    if is_all:
        gifts_of.claim(conn, order.order_no, now)


def _payment_of(conn: Connection, order_no: str, payment: str | None) -> tuple[Order, Attempt]:
    """The order, held, and the attempt whose money is the order's, or another one of the order."""
    order = gifts_of.hold(conn, order_no)
    if order is None:
        raise OrderNotFound(f"no order {order_no}")
    wanted = payment or order.paid_by
    paid = attempts_of.find(conn, wanted) if wanted else None
    if paid is None or paid.order_no != order_no:
        raise NothingToRefund(f"order {order_no} has no payment (status {order.status})")
    return order, paid


def set_apart(conn: Connection, out_trade_no: str, fen: int, now: datetime) -> bool:
    """The bound itself, in one statement: refunded + pending never passes received, whoever asks at once."""
    left = attempts.c.received_fen - attempts.c.refunded_fen - attempts.c.pending_fen
    changed = conn.execute(
        update(attempts)
        .where(attempts.c.out_trade_no == out_trade_no, attempts.c.status == "success", left >= fen)
        .values(pending_fen=attempts.c.pending_fen + fen, updated_at=now)
    )
    return changed.rowcount == 1


def _due(conn: Connection, order_no: str, now: datetime) -> datetime:
    """Now, or a minute after the order's last part: the gateway wants them apart."""
    before = refunds_of.all_of(conn, order_no)
    return max([now, *(part.created_at + BETWEEN_PARTS for part in before)])


def _written(conn: Connection, out_refund_no: str) -> Refund:
    written = refunds_of.find(conn, out_refund_no)
    assert written is not None  # noqa: S101 - inserted by the statement before, in this transaction
    return written
