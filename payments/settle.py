"""Taking money in: the one function behind the notification, the page's poll, the worker and the bill.

It runs in one transaction that the caller opens, and says what happened; called again with the same payment
it changes nothing. The order's row is held first, so two of these for one order come one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from infra import outbox
from infra.log import get_logger
from infra.metrics import PAYMENTS
from payments import attempt as attempts_of
from payments import care
from payments import grant as grants_of
from payments import order as orders_of
from payments.access import has_time_left
from payments.attempt import Attempt
from payments.desk import Desk
from payments.gateway import Merchant, Payment
from payments.order import Order
from payments.refund import AUTOMATIC
from payments.request_refund import reserve
from payments.tables import attempts, ledger, orders
from payments.transitions import move

log = get_logger("payments")


@dataclass(frozen=True)
class Settled:
    """What became of a payment.

    ``result``: ``fulfilled`` (it opens what it bought), ``surplus`` (a refund is under way), ``again`` (known
    already), ``wrong`` (it does not match the order; nothing was granted) or ``stranger`` (no such attempt).
    """

    result: str
    out_trade_no: str
    cause: str = ""

    @property
    def is_good(self) -> bool:
        return self.result in ("fulfilled", "surplus", "again")


def take(desk: Desk, paid: Payment) -> Settled:
    """`settle` in a transaction of its own, for those who asked the gateway."""
    settled = desk.write(lambda conn: settle(conn, paid, desk.gateway.merchant, desk.now()))
    report(settled)
    return settled


def settle(conn: Connection, paid: Payment, us: Merchant, now: datetime) -> Settled:
    """Credits one successful payment, once, and opens what it bought or sends it back."""
    order, attempt = _hold(conn, paid.out_trade_no)
    if order is None or attempt is None:
        return Settled("stranger", paid.out_trade_no)
    wrong = _differences(conn, paid, attempt, us)
    if wrong:
        return _set_aside(conn, attempt, paid, wrong, now)
    if not _credit(conn, attempt, paid, now):
        return Settled("again", attempt.out_trade_no)
    _book(conn, attempt, paid, now)
    if _fulfil(conn, order, attempt, now):
        return Settled("fulfilled", attempt.out_trade_no)
    _send_back(conn, order, attempt.out_trade_no, now)
    return Settled("surplus", attempt.out_trade_no)


def open_up(conn: Connection, order: Order, now: datetime) -> bool:
    """Grants what a paid order bought; False if that would give the follower nothing new."""
    if not has_time_left(order.access, now) or grants_of.may_read(
        conn, order.openid, order.item_id, now, order.item_kind
    ):
        return False
    grants_of.give(conn, order, now)
    return move(conn, orders, order.order_no, "fulfilled", now)


def report(settled: Settled) -> None:
    """After the commit: a figure for each, and a loud line for what an operator has to look at."""
    PAYMENTS.labels(step="settle", result=settled.result).inc()
    if settled.is_good:
        log.info("payment_settled", result=settled.result, out_trade_no=settled.out_trade_no)
    else:
        log.error(
            "payment_does_not_match",
            result=settled.result,
            out_trade_no=settled.out_trade_no,
            cause=settled.cause,
        )


def _hold(conn: Connection, out_trade_no: str) -> tuple[Order | None, Attempt | None]:
    """The order (and its rivals) first: whoever locks in one sequence cannot deadlock. Then the attempt as it
    is now.
    """
    seen = attempts_of.find(conn, out_trade_no)
    if seen is None:
        return None, None
    return orders_of.lock_with_rivals(conn, seen.order_no), attempts_of.find(conn, out_trade_no)


def _differences(conn: Connection, paid: Payment, attempt: Attempt, us: Merchant) -> str:
    """What the gateway states against what we asked for; empty when all of it matches."""
    holder = attempts_of.holder_of(conn, paid.transaction_id)
    checks = {
        f"state is {paid.state}": paid.state == "SUCCESS",
        "another appid": paid.app_id == us.app_id,
        "another mchid": paid.mch_id == us.mch_id,
        f"{paid.total_fen} fen instead of {attempt.total_fen}": paid.total_fen == attempt.total_fen,
        f"currency is {paid.currency!r}": paid.currency == "CNY",
        "another payer": paid.openid == attempt.openid,
        "no transaction id": bool(paid.transaction_id),
        "transaction credited elsewhere": holder is None or holder.out_trade_no == attempt.out_trade_no,
        "a second transaction": attempt.transaction_id in (None, paid.transaction_id),
    }
    return "; ".join(what for what, is_right in checks.items() if not is_right)


def _set_aside(conn: Connection, attempt: Attempt, paid: Payment, wrong: str, now: datetime) -> Settled:
    """Marks the attempt for the operator. Its state stays: the truth may still come, by asking."""
    if attempt.transaction_id != paid.transaction_id:  # else the truth about it came before
        care.mark(conn, attempt.out_trade_no, wrong, now)
    return Settled("wrong", attempt.out_trade_no, wrong)


def _credit(conn: Connection, attempt: Attempt, paid: Payment, now: datetime) -> bool:
    credited = move(
        conn,
        attempts,
        attempt.out_trade_no,
        "success",
        now,
        live_key=None,
        transaction_id=paid.transaction_id,
        success_at=paid.success_at or now,
        received_fen=paid.total_fen,
    )
    if credited:
        care.resolve(conn, attempt.out_trade_no, now)
    return credited


def _book(conn: Connection, attempt: Attempt, paid: Payment, now: datetime) -> None:
    conn.execute(
        ledger.insert().values(
            key=f"payment:{paid.transaction_id}",
            kind="payment",
            order_no=attempt.order_no,
            out_trade_no=attempt.out_trade_no,
            fen=paid.total_fen,
            at=paid.success_at or now,
            booked_at=now,
        )
    )


def _fulfil(conn: Connection, order: Order, attempt: Attempt, now: datetime) -> bool:
    """Paid, open and told in one go; False for money that the order has no use for."""
    if not move(
        conn, orders, order.order_no, "paid", now, open_key=None, paid_by=attempt.out_trade_no, paid_at=now
    ):
        return False
    return open_up(conn, order, now) and _put_receipt(conn, order, now)


def _put_receipt(conn: Connection, order: Order, now: datetime) -> bool:
    payload = {
        "openid": order.openid,
        "order_no": order.order_no,
        "item_id": order.item_id,
        "title": order.title,
        "total_fen": order.total_fen,
    }
    outbox.put(conn, topic="receipt", key=f"receipt:{order.order_no}", payload=payload, now=now)
    return True


def _send_back(conn: Connection, order: Order, out_trade_no: str, now: datetime) -> None:
    """A refund of the whole payment; the worker submits it once this is committed."""
    reason = "重复支付，自动退回" if has_time_left(order.access, now) else "课程已过有效期，自动退回"
    credited = attempts_of.find(conn, out_trade_no)
    if credited is not None:
        reserve(
            conn,
            credited,
            credited.received_fen,
            reason,
            cause=AUTOMATIC + out_trade_no,
            now=now,
        )
