"""What sells, for whoever asks for it: an order of courses, and never a number."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Connection, select

from payments.rights import COURSE
from payments.tables import orders
from payments.transitions import PAID_ORDER

LATEST = 2_000  # orders that are looked at, the unpaid ones among them
_KEPT = frozenset(PAID_ORDER) - {"refunded"}


def sold_lately(conn: Connection) -> Counter[str]:
    """How many of the latest orders were paid for each course, gifts among them; what went back, or cost
    nothing, counts for nothing.
    """
    row = orders.c
    wanted = select(row.item_kind, row.item_id, row.status, row.total_fen).order_by(row.created_at.desc())
    latest = conn.execute(wanted.limit(LATEST))
    return Counter(
        one.item_id for one in latest if one.item_kind == COURSE and one.status in _KEPT and one.total_fen > 0
    )
