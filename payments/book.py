"""The ledger: double entry, append-only. Each movement of money is one entry, whose postings come to zero.

Accounts: ``wechat`` is what WeChat Pay holds for us; ``sales`` what was earned; ``owed`` what came without a
use and has to go back; ``fees`` what WeChat keeps; ``suspense`` what nobody can explain yet. What comes in is
positive in ``wechat`` and negative where it comes from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from infra.database import insert_absent
from infra.statement import several
from infra.together import Together
from payments.attempt import Attempt
from payments.gateway import Payment
from payments.refund import Refund
from payments.tables import postings

WECHAT, SALES, OWED, FEES, SUSPENSE = ACCOUNTS = ("wechat", "sales", "owed", "fees", "suspense")
_HOW_IT_IS_HELD = (WECHAT, FEES)  # the others say for what it was paid


@dataclass(frozen=True)
class Fee:
    """What WeChat keeps of one entry, in fen; negative for what it gives back with a refund."""

    of_entry: str
    order_no: str
    out_trade_no: str
    fen: int
    at: datetime


def post(
    writing: Together,
    entry: str,
    amounts: Mapping[str, int],
    *,
    order_no: str,
    out_trade_no: str,
    at: datetime,
    now: datetime,
) -> None:
    """Books one movement: fen by account. ``at`` is WeChat's moment, ``now`` ours.

    Raises ValueError for amounts that do not come to zero, and for an account that there is not; an entry
    that is booked already breaks the unique key.
    """
    if sum(amounts.values()) != 0:
        raise ValueError(f"entry {entry} does not come to zero: {dict(amounts)}")
    if not set(amounts) <= set(ACCOUNTS):
        raise ValueError(f"entry {entry} names an account that there is not: {dict(amounts)}")
    of_entry = {
        "entry": entry,
        "order_no": order_no,
        "out_trade_no": out_trade_no,
        "at": at,
        "booked_at": now,
    }
    rows = [of_entry | {"account": account, "fen": fen} for account, fen in amounts.items() if fen]
    if rows:
        writing.must(several(postings, rows))


def book_payment(writing: Together, attempt: Attempt, paid: Payment, account: str, now: datetime) -> None:
    """Money that came in, for ``sales`` or ``owed``."""
    fen = attempt.received_fen
    post(
        writing,
        f"payment:{paid.transaction_id}",
        {WECHAT: fen, account: -fen},
        order_no=attempt.order_no,
        out_trade_no=attempt.out_trade_no,
        at=paid.success_at or now,
        now=now,
    )


def book_refund(writing: Together, refund: Refund, at: datetime, now: datetime) -> None:
    """Money that went back, out of the account that its payment went to."""
    post(
        writing,
        f"refund:{refund.out_refund_no}",
        {WECHAT: -refund.fen, _paid_for(writing.conn, refund): refund.fen},
        order_no=refund.order_no,
        out_trade_no=refund.out_trade_no,
        at=at,
        now=now,
    )


def fee_entry(entry: str) -> str:
    """The entry of the fee of an entry."""
    return f"fee:{entry}"


def book_fees(conn: Connection, fees: Sequence[Fee], now: datetime) -> None:
    """Books many, each once: of two who read one bill at the same time, one books."""
    rows = [
        {
            "entry": fee_entry(fee.of_entry),
            "account": account,
            "order_no": fee.order_no,
            "out_trade_no": fee.out_trade_no,
            "fen": fen,
            "at": fee.at,
            "booked_at": now,
        }
        for fee in fees
        for account, fen in ((WECHAT, -fee.fen), (FEES, fee.fen))
    ]
    insert_absent(conn, postings, rows)


def of_order(conn: Connection, order_no: str) -> dict[str, int]:
    """What stands in each account for an order, in fen; accounts without postings are left out."""
    wanted = select(postings.c.account, func.sum(postings.c.fen)).where(postings.c.order_no == order_no)
    return {account: int(fen) for account, fen in conn.execute(wanted.group_by(postings.c.account))}


def kept_fen(conn: Connection, order_no: str) -> int:
    """What was received for an order, less what went back; fees are no matter of the follower's."""
    held = of_order(conn, order_no)
    return sum(held.get(account, 0) for account in _HOW_IT_IS_HELD)


def _paid_for(conn: Connection, refund: Refund) -> str:
    wanted = select(postings.c.account).where(
        postings.c.order_no == refund.order_no,
        postings.c.out_trade_no == refund.out_trade_no,
        postings.c.account.not_in(_HOW_IT_IS_HELD),
    )
    return conn.execute(wanted.order_by(postings.c.id).limit(1)).scalar() or SUSPENSE
