"""What is known about payments before they are settled: all that is decided by, read with the orders held."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, bindparam, or_, select

from infra.question import Question
from payments import attempt as attempts_of
from payments import order as orders_of
from payments.attempt import Attempt
from payments.gateway import Payment
from payments.held import Held, held_in, is_lasting
from payments.order import Order
from payments.tables import attempts, grants, orders

AT_ONCE = 8  # payments that are looked into together, at the most

Row = dict[str, Any]


class Case(NamedTuple):
    """``holder`` is the attempt that this payment of WeChat's was credited to before; ``held`` is what the
    order's owner has.
    """

    order: Order
    attempt: Attempt
    holder: Attempt | None
    held: Held


def look_into(conn: Connection, *paid: Payment, now: datetime) -> list[Case | None]:
    """The order that each payment is for, held with all others of its follower; None for no order of ours.

    Two orders of one follower may be paid at the same moment (a course, and a bundle with that course), and
    perhaps only one of the payments has something to open. So they are held in one statement and one
    sequence, and the second question is asked when the first is answered.
    """
    size = 1 if len(paid) == 1 else AT_ONCE  # two texts for all numbers of payments: some are asked for twice
    asked = [paid[min(at, len(paid) - 1)] for at in range(size)]
    numbers = {f"number_{at}": one.out_trade_no for at, one in enumerate(asked)}
    held = {row["order_no"]: row for row in _hold(size)(conn, **numbers)}
    if not held:
        return [None for _ in paid]
    transactions = {f"transaction_{at}": one.transaction_id for at, one in enumerate(asked)}
    rows = _about(size)(conn, **numbers, **transactions, now=now)
    return [_case(one, held, rows) for one in paid]


def _case(paid: Payment, held: dict[str, Row], rows: list[Row]) -> Case | None:
    about = [row for row in rows if row["out_trade_no"] == paid.out_trade_no]
    order = held.get(about[0]["order_no"]) if about else None
    if order is None:
        return None
    holder = next((row for row in rows if row["transaction_id"] == paid.transaction_id), None)
    return Case(
        orders_of.read(order),
        attempts_of.read(about[0]),
        attempts_of.read(holder) if holder else None,
        # A row for each grant, and one of nothing where there is none.
        held_in((row["held_kind"], row["held_id"], row["held_until"]) for row in about if row["held_kind"]),
    )


@cache
def _hold(size: int) -> Question:
    # Whose an attempt is never changes, so that need not be read under the lock.
    owners = select(attempts.c.openid).where(attempts.c.out_trade_no.in_(_binds("number", size)))
    of_theirs = select(orders).where(orders.c.openid.in_(owners.scalar_subquery()))
    return Question(of_theirs.order_by(orders.c.order_no).with_for_update())


@cache
def _about(size: int) -> Question:
    lasting = and_(grants.c.openid == attempts.c.openid, is_lasting(bindparam("now", type_=_MOMENT)))
    held = (
        grants.c.item_kind.label("held_kind"),
        grants.c.item_id.label("held_id"),
        grants.c.expires_at.label("held_until"),
    )
    is_meant = or_(
        attempts.c.out_trade_no.in_(_binds("number", size)),
        attempts.c.transaction_id.in_(_binds("transaction", size)),
    )
    return Question(select(attempts, *held).outerjoin(grants, lasting).where(is_meant))


_MOMENT = grants.c.expires_at.type


def _binds(name: str, size: int) -> Sequence[Any]:
    return [bindparam(f"{name}_{at}", type_=attempts.c.out_trade_no.type) for at in range(size)]
