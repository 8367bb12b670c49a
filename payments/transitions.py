"""Which state may follow which, as data, and the one way to change a state.

No event moves paid money back: there is no arrow from ``paid``, ``fulfilled`` or ``refunded`` to anything
that is open, and none out of an attempt's ``success``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, Update, bindparam, or_, update

from infra.statement import Change, Statement
from payments.gift_tables import gifts
from payments.tables import attempts, grants, orders, refunds

Arrows = Mapping[str, frozenset[str]]

ORDER: Arrows = {
    "created": frozenset({"awaiting_payment", "paid", "closing"}),
    "awaiting_payment": frozenset({"paid", "closing"}),
    "closing": frozenset({"paid", "closed"}),
    "closed": frozenset({"paid"}),  # money that came late is still fulfilled where that is possible
    "paid": frozenset({"fulfilled", "partially_refunded", "refunded"}),
    "fulfilled": frozenset({"partially_refunded", "refunded"}),
    "partially_refunded": frozenset({"refunded"}),
    "refunded": frozenset(),
}

# The gateway's word about money wins over whatever we thought before it: every state leads to success.
ATTEMPT: Arrows = {
    "created": frozenset({"prepay", "success", "closed", "failed", "unknown"}),
    "prepay": frozenset({"success", "closed", "failed", "unknown"}),
    "unknown": frozenset({"success", "closed", "failed"}),
    "closed": frozenset({"success"}),
    "failed": frozenset({"success"}),
    "success": frozenset(),
}

# Suspended is what an order has opened while all of its money is on its way back, see `payments.suspend`.
GRANT: Arrows = {
    "active": frozenset({"expired", "suspended", "revoked"}),
    "suspended": frozenset({"active", "revoked"}),
    "expired": frozenset(),
    "revoked": frozenset(),
}

# WeChat: CLOSED is a refund that failed for good; ABNORMAL is not the end, the money can still arrive.
# What was given up here may have been on its way there, so the gateway's word wins over ``closed`` as well.
REFUND: Arrows = {
    "created": frozenset({"processing", "abnormal", "success", "closed"}),
    "processing": frozenset({"abnormal", "success", "closed"}),
    "abnormal": frozenset({"success", "closed"}),
    "success": frozenset(),
    "closed": frozenset({"success"}),
}

# A code that is to be refunded cannot be redeemed meanwhile; should the refund fail, it can again.
GIFT: Arrows = {
    "issued": frozenset({"redeemed", "void"}),
    "void": frozenset({"issued"}),
    "redeemed": frozenset(),
}

TRANSITIONS: Mapping[Table, Arrows] = {
    orders: ORDER,
    attempts: ATTEMPT,
    grants: GRANT,
    refunds: REFUND,
    gifts: GIFT,
}

OPEN_ORDER = ("created", "awaiting_payment")
PAID_ORDER = ("paid", "fulfilled", "partially_refunded", "refunded")
OPEN_ATTEMPT = ("created", "prepay")
ENDED_ATTEMPT = ("closed", "failed")  # as far as is known here: money may still have come, or come late
OPEN_REFUND = ("created", "processing", "abnormal")
GOING_BACK = ("created", "processing")  # by itself: an abnormal one waits for an operator


def leads(arrows: Arrows, *path: str) -> bool:
    """Whether each state of a path has an arrow to the next."""
    return all(to in arrows[state] for state, to in pairwise(path))


def sources(of: Table, to: str) -> tuple[str, ...]:
    """The states that have an arrow to ``to``."""
    return tuple(state for state, targets in TRANSITIONS[of].items() if to in targets)


def move(
    conn: Connection,
    of: Table,
    row_id: str | int,
    to: str,
    now: datetime,
    *,
    only_if: ColumnElement[bool] | None = None,
    **values: Any,
) -> bool:
    """Moves one row to ``to`` if an arrow leads there from where it stands, and sets ``values`` with it.

    True if this call moved it. False means that somebody else was first, that no arrow leads there, or that
    ``only_if`` (more that has to hold of the row) does not hold.
    """
    if only_if is not None:
        change = _change(of, (to,), tuple(values)).where(only_if)
        return conn.execute(change, _given(row_id, now, values)).rowcount == 1
    return moving(of, row_id, to, now=now, **values).run(conn) == 1


def moving(of: Table, row_id: str | int, *path: str, now: datetime, **values: Any) -> Change:
    """A move that is still to be written. A path of several states is gone in one step."""
    return Change(_prepared(of, path, tuple(values)), _given(row_id, now, values))


def _given(row_id: str | int, now: datetime, values: Mapping[str, Any]) -> dict[str, Any]:
    return {"of_row": row_id, "to_updated_at": now} | {f"to_{name}": new for name, new in values.items()}


@lru_cache(maxsize=128)
def _prepared(of: Table, path: tuple[str, ...], names: tuple[str, ...]) -> Statement:
    change = _change(of, path, names)
    return Statement(lambda _dialect: change)


def _change(of: Table, path: tuple[str, ...], names: tuple[str, ...]) -> Update:
    if not leads(TRANSITIONS[of], *path):
        raise ValueError(f"there is no way {' → '.join(path)}")
    (key,) = of.primary_key.columns
    new = {name: bindparam(f"to_{name}", type_=of.c[name].type) for name in ("updated_at", *names)}
    is_allowed = or_(*(of.c.status == state for state in sources(of, path[0])))
    where = update(of).where(key == bindparam("of_row", type_=key.type), is_allowed)
    return where.values(status=path[-1], **new)
