"""An order: one follower, one thing, one price that never changes again."""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, or_, select, update

from payments.offer import Offer
from payments.tables import orders
from payments.transitions import OPEN_ORDER, PAID_ORDER

ORDER_LIFE = timedelta(hours=2)  # as long as a prepay_id lives
LAST_MINUTES = timedelta(minutes=5)  # too little to pay in: a new order is given instead

_BEIJING = ZoneInfo("Asia/Shanghai")
_ALPHABET = string.digits + string.ascii_letters


@dataclass(frozen=True)
class Order:
    """A row of ``orders``. Money in fen, moments in UTC."""

    order_no: str
    openid: str
    item_kind: str
    item_id: str
    contents: tuple[tuple[str, str], ...] | None
    is_gift: bool
    title: str
    total_fen: int
    access: str
    refund_rule: str
    status: str
    paid_by: str | None
    paid_at: datetime | None
    expires_at: datetime
    closing_tries: int
    created_at: datetime

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_ORDER

    @property
    def is_paid(self) -> bool:
        """Money was taken for it (or none was due), whatever became of it later."""
        return self.status in PAID_ORDER

    @property
    def opens(self) -> tuple[tuple[str, str], ...]:
        """``(kind, id)`` of each thing that was bought: ``("course", "py")``, ``("tag", "爬虫")``."""
        return self.contents or ((self.item_kind, self.item_id),)

    @property
    def source(self) -> str:
        """The name under which this order grants."""
        return f"order:{self.order_no}"

    def payable(self, now: datetime) -> bool:
        """Open, and with enough time left to pay in."""
        return self.is_open and now < self.expires_at - LAST_MINUTES


def new_order_no(now: datetime) -> str:
    """20 characters: the Beijing second, then 8 random ones (47 bits), so it sorts and cannot be guessed."""
    return now.astimezone(_BEIJING).strftime("%y%m%d%H%M%S") + "".join(
        secrets.choice(_ALPHABET) for _ in range(8)
    )


def open_key(openid: str, offer: Offer) -> str:
    """Same follower, same thing, same terms: the key under which only one order can be open."""
    terms = [openid, offer.item_kind, offer.item_id, str(offer.price_fen), offer.access, offer.refund]
    terms += [word for item in offer.contents for word in item]
    terms += ["gift"] if offer.is_gift else []
    return sha256("\n".join(terms).encode()).hexdigest()


def find(conn: Connection, order_no: str) -> Order | None:
    return _one(conn, select(orders).where(orders.c.order_no == order_no))


def find_open(conn: Connection, key: str) -> Order | None:
    return _one(conn, select(orders).where(orders.c.open_key == key))


def lock(conn: Connection, order_no: str) -> Order | None:
    """The order, with its row held until the transaction ends (SQLite holds the whole file already)."""
    return _one(conn, select(orders).where(orders.c.order_no == order_no).with_for_update())


def lock_among(conn: Connection, order_no: str, openid: str) -> Order | None:
    """The order, held together with all orders of a follower: its owner, or who redeems its gift."""
    wanted = select(orders).where(or_(orders.c.openid == openid, orders.c.order_no == order_no))
    held = _many(conn, wanted.order_by(orders.c.order_no).with_for_update())
    return next((order for order in held if order.order_no == order_no), None)


@contextmanager
def one_at_a_time(conn: Connection, order_no: str, openid: str) -> Iterator[None]:
    """Within the block nobody else does this for the same follower, though by another order.

    For who may have no order of their own to be held: two who come at once wait for each other at the unique
    key. The key is gone when the transaction ends, so no other one ever sees it. The caller holds the order.
    """
    row = update(orders).where(orders.c.order_no == order_no)
    key = sha256(f"one at a time\n{openid}".encode()).hexdigest()
    conn.execute(row.values(open_key=key))
    yield
    conn.execute(row.values(open_key=None))


def of_follower(conn: Connection, openid: str, limit: int) -> list[Order]:
    """Newest first."""
    wanted = select(orders).where(orders.c.openid == openid)
    return _many(conn, wanted.order_by(orders.c.created_at.desc(), orders.c.order_no.desc()).limit(limit))


def purchases_of(conn: Connection, openid: str, limit: int) -> list[Order]:
    """What money was taken for, newest first."""
    wanted = select(orders).where(
        orders.c.openid == openid, orders.c.status.in_(PAID_ORDER), orders.c.total_fen > 0
    )
    return _many(conn, wanted.order_by(orders.c.created_at.desc(), orders.c.order_no.desc()).limit(limit))


def recent(conn: Connection, limit: int, status: str | None = None) -> list[Order]:
    """Newest first, for the operator."""
    wanted = select(orders) if status is None else select(orders).where(orders.c.status == status)
    return _many(conn, wanted.order_by(orders.c.created_at.desc(), orders.c.order_no.desc()).limit(limit))


def after(conn: Connection, start: datetime, end: datetime, seen: Order | None, limit: int) -> list[Order]:
    """Oldest first, made from ``start`` until before ``end``; ``seen`` is the last of the piece before."""
    wanted = select(orders).where(orders.c.created_at >= start, orders.c.created_at < end)
    if seen is not None:
        is_next = or_(orders.c.created_at > seen.created_at, orders.c.order_no > seen.order_no)
        wanted = wanted.where(orders.c.created_at >= seen.created_at, is_next)
    return _many(conn, wanted.order_by(orders.c.created_at, orders.c.order_no).limit(limit))


def _one(conn: Connection, wanted: Any) -> Order | None:
    row = conn.execute(wanted).one_or_none()
    return None if row is None else _order(row)


def _many(conn: Connection, wanted: Any) -> list[Order]:
    return [_order(row) for row in conn.execute(wanted)]


def _order(row: Any) -> Order:
    return read(row._mapping)


def read(row: Mapping[str, Any]) -> Order:
    """Of a row of ``orders``, by column."""
    values = {name: row[name] for name in Order.__dataclass_fields__}
    contents = values["contents"]
    values["contents"] = tuple((kind, item) for kind, item in contents) if contents else None
    return Order(**values)
