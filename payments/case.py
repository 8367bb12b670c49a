"""What is known about a payment before it is settled: all that is decided by, read with the order held."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, bindparam, or_, select

from infra.question import Question
from payments import attempt as attempts_of
from payments import order as orders_of
from payments.attempt import Attempt
from payments.gateway import Payment
from payments.held import Held, held_in, is_lasting
from payments.order import Order
from payments.tables import attempts, grants


class Case(NamedTuple):
    """``holder`` is the attempt that this payment of WeChat's was credited to before; ``held`` is what the
    order's owner has.
    """

    order: Order
    attempt: Attempt
    holder: Attempt | None
    held: Held


def look_into(conn: Connection, paid: Payment, now: datetime) -> Case | None:
    """The order that this payment is for, held with its follower's others; None for no order of ours.

    Two of them may be paid at the same moment (a course, and a bundle with that course), and perhaps only one
    of the payments has something to open. So the second question is asked when the first is answered.
    """
    own = orders_of.lock_with_rivals(conn, paid.out_trade_no)
    rows = _ABOUT(conn, number=paid.out_trade_no, transaction=paid.transaction_id, now=now) if own else []
    about = [row for row in rows if row["out_trade_no"] == paid.out_trade_no]
    if not about:
        return None
    attempt = attempts_of.read(about[0])
    order = next((one for one in own if one.order_no == attempt.order_no), None)
    holder = next((row for row in rows if row["transaction_id"] == paid.transaction_id), None)
    if order is None:
        return None
    return Case(order, attempt, attempts_of.read(holder) if holder else None, _held(about))


def _held(rows: list[dict[str, Any]]) -> Held:
    """A row for each grant, and one of nothing where there is none."""
    return held_in((row["held_kind"], row["held_id"], row["held_until"]) for row in rows if row["held_kind"])


_NOW = bindparam("now", type_=grants.c.expires_at.type)
_ABOUT = Question(
    select(
        attempts,
        grants.c.item_kind.label("held_kind"),
        grants.c.item_id.label("held_id"),
        grants.c.expires_at.label("held_until"),
    )
    .outerjoin(
        grants,
        and_(grants.c.openid == attempts.c.openid, is_lasting(_NOW)),
    )
    .where(
        or_(
            attempts.c.out_trade_no == bindparam("number", type_=attempts.c.out_trade_no.type),
            attempts.c.transaction_id == bindparam("transaction", type_=attempts.c.transaction_id.type),
        )
    )
)
