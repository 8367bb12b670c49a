"""What the gateway states about a payment against what we asked for, and what becomes of a statement that
does not match.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from payments import care
from payments.attempt import Attempt
from payments.gateway import Merchant, Payment


def differences(paid: Payment, attempt: Attempt, holder: Attempt | None, us: Merchant) -> str:
    """Empty when all of it matches. ``holder`` is the attempt that the transaction was credited to before."""
    checks = {
        f"state is {paid.state}": paid.state == "SUCCESS",
        "another appid": paid.app_id == us.app_id,
        "another mchid": paid.mch_id == us.mch_id,
        f"{paid.total_fen} fen instead of {attempt.total_fen}": paid.total_fen == attempt.total_fen,
        f"currency is {paid.currency!r}": paid.currency == "CNY",
        # A QR code or a link may be paid by anybody, for the order's owner; WeChat may not name them at all.
        "another payer": attempt.way != "jsapi" or paid.openid == attempt.openid,
        "no transaction id": bool(paid.transaction_id),
        "transaction credited elsewhere": holder is None or holder.out_trade_no == attempt.out_trade_no,
        "a second transaction": attempt.transaction_id in (None, paid.transaction_id),
    }
    return "; ".join(what for what, is_right in checks.items() if not is_right)


def set_aside(conn: Connection, attempt: Attempt, paid: Payment, wrong: str, now: datetime) -> None:
    """Marks the attempt for the operator. Its state stays: the truth may still come, by asking."""
    if attempt.transaction_id != paid.transaction_id:  # else the truth about it came before
        care.mark(conn, attempt.out_trade_no, wrong, now)
