"""The ledger: what came in and what went back, each movement once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from payments.attempt import Attempt
from payments.gateway import Payment
from payments.refund import Refund
from payments.tables import ledger


def book_payment(conn: Connection, attempt: Attempt, paid: Payment, now: datetime) -> None:
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


def book_refund(conn: Connection, refund: Refund, at: datetime, now: datetime) -> None:
    conn.execute(
        ledger.insert().values(
            key=f"refund:{refund.out_refund_no}",
            kind="refund",
            order_no=refund.order_no,
            out_trade_no=refund.out_trade_no,
            fen=-refund.fen,
            at=at,
            booked_at=now,
        )
    )


def kept_fen(conn: Connection, order_no: str) -> int:
    """What was received for an order, less what went back."""
    wanted = select(func.coalesce(func.sum(ledger.c.fen), 0)).where(ledger.c.order_no == order_no)
    return int(conn.execute(wanted).scalar_one())
