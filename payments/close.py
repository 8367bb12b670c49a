"""Closing an order whose time is over: ask first, close there, then here. An error means it stays."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from infra.log import get_logger
from infra.metrics import PAYMENTS
from payments import attempt as attempts_of
from payments import order as orders_of
from payments.ask import retire
from payments.desk import Desk
from payments.tables import orders
from payments.transitions import OPEN_ORDER, move

log = get_logger("payments")

FIRST_PAUSE_S = 60
LONGEST_PAUSE_S = 3600


def due_orders(desk: Desk, limit: int) -> list[str]:
    """Order numbers that are past their time, or that an earlier try could not finish."""
    now = desk.now()
    over = or_(orders.c.status == "closing", orders.c.status.in_(OPEN_ORDER) & (orders.c.expires_at <= now))
    wanted = select(orders.c.order_no).where(over, orders.c.due_at <= now)
    with desk.db.reading() as conn:
        return list(conn.execute(wanted.order_by(orders.c.due_at).limit(limit)).scalars())


def close(desk: Desk, order_no: str) -> bool:
    """Closes one due order; True once it is closed. If it was paid meanwhile, the payment is settled instead.

    Raises GatewayUnavailable or GatewayRefused, with the order left in ``closing`` for the next time.
    """
    if not _begin(desk, order_no):
        return False
    with desk.db.reading() as conn:
        waiting = attempts_of.open_of(conn, order_no)
    for attempt in waiting:
        retire(desk, attempt)
    return _finish(desk, order_no)


def _begin(desk: Desk, order_no: str) -> bool:
    """Claims the order, and takes it out of payment: from here on no new attempt is made for it."""
    now = desk.now()
    with desk.db.transaction() as conn:
        order = orders_of.lock(conn, order_no)
        if order is None or not (order.status == "closing" or (order.is_open and order.expires_at <= now)):
            return False
        claimed = conn.execute(
            update(orders)
            .where(orders.c.order_no == order_no, orders.c.due_at <= now)
            .values(closing_tries=orders.c.closing_tries + 1, due_at=_next_time(order.closing_tries, now))
        )
        if claimed.rowcount == 1:
            move(conn, orders, order_no, "closing", now, open_key=None)
        return claimed.rowcount == 1


def _finish(desk: Desk, order_no: str) -> bool:
    """Closed only when nothing of it can be paid any more; looked at with the order held."""
    now = desk.now()
    with desk.db.transaction() as conn:
        orders_of.lock(conn, order_no)
        closed = not attempts_of.open_of(conn, order_no) and move(conn, orders, order_no, "closed", now)
    PAYMENTS.labels(step="close", result="closed" if closed else "stays").inc()
    log.info("order_closed" if closed else "order_stays_open", order_no=order_no)
    return closed


def _next_time(tries: int, now: datetime) -> datetime:
    return now + timedelta(seconds=min(FIRST_PAUSE_S * 2 ** min(tries, 10), LONGEST_PAUSE_S))
