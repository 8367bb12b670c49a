"""Placing an order: the price of this moment, frozen. Tapping twice gives the same order."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from infra.database import insert_if_absent
from infra.errors import Conflict
from infra.log import get_logger
from infra.metrics import PAYMENTS
from payments import order as orders_of
from payments.access import require_time_left
from payments.desk import Desk
from payments.errors import AlreadyOwned, BadOffer, RefundUnderWay
from payments.fulfil import open_up
from payments.held import held_by
from payments.offer import Offer
from payments.order import ORDER_LIFE, Order, new_order_no, open_key
from payments.suspend import is_suspended
from payments.tables import orders
from payments.transitions import move

log = get_logger("payments")

_LOOKS = 3


def place_order(desk: Desk, openid: str, offer: Offer) -> Order:
    """The follower's open order for this offer: the one that is there, or a new one.

    A total of zero is fulfilled at once, without the gateway and without a receipt. Raises AlreadyOwned,
    RefundUnderWay, TermOver, BadOffer, or Conflict in a race that three looks did not end.
    """
    _check(offer, desk.now())
    order = desk.write(partial(_place, openid, offer, desk.now()))
    PAYMENTS.labels(step="order", result=order.status).inc()
    log.info("order_given", order_no=order.order_no, status=order.status, openid=openid)
    return order


def _place(openid: str, offer: Offer, now: datetime, conn: Connection) -> Order:
    _refuse_if_owned(conn, openid, offer, now)
    _refuse_if_suspended(conn, openid, offer)
    order = _open_order(conn, openid, offer, now)
    # Once more: on PostgreSQL and MySQL the insert has waited for a twin request, and what the twin bought is
    # seen only now. Raising takes the insert back.
    _refuse_if_owned(conn, openid, offer, now)
    return order if order.total_fen else _fulfil_free(conn, order, now)


def _refuse_if_owned(conn: Connection, openid: str, offer: Offer, now: datetime) -> None:
    if not offer.is_gift and held_by(conn, openid, now).covers(offer.opens, offer.access, now):
        raise AlreadyOwned(f"{offer.item_kind} {offer.item_id} is open for this follower already")


def _refuse_if_suspended(conn: Connection, openid: str, offer: Offer) -> None:
    if not offer.is_gift and is_suspended(conn, openid, (offer.item_kind, offer.item_id)):
        raise RefundUnderWay(f"the money for {offer.item_kind} {offer.item_id} is on its way back")


def _check(offer: Offer, now: datetime) -> None:
    if offer.price_fen < 0:
        raise BadOffer(f"{offer.item_id} has a negative price")
    if offer.is_gift and not offer.price_fen:
        raise BadOffer(f"{offer.item_id} is free, so there is nothing to give")
    require_time_left(offer.access, now)


def _open_order(conn: Connection, openid: str, offer: Offer, now: datetime) -> Order:
    key = open_key(openid, offer)
    for _ in range(_LOOKS):
        found = orders_of.find_open(conn, key)
        if found is not None and found.payable(now):
            return found
        if found is not None:
            _let_go(conn, found, now)
        inserted = _insert(conn, openid, offer, key, now)
        if inserted is not None:
            return inserted
    raise Conflict("the follower's other request changes this order right now")


def _let_go(conn: Connection, order: Order, now: datetime) -> None:
    """An order with no time left makes room; the sweep asks the gateway about it and closes it."""
    move(conn, orders, order.order_no, "closing", now, open_key=None, due_at=now)


def _insert(conn: Connection, openid: str, offer: Offer, key: str, now: datetime) -> Order | None:
    order_no = new_order_no(now)
    row = {
        "order_no": order_no,
        "openid": openid,
        "item_kind": offer.item_kind,
        "item_id": offer.item_id,
        "contents": offer.contents or None,
        "is_gift": offer.is_gift,
        "title": offer.title[:200],
        "total_fen": offer.price_fen,
        "access": offer.access,
        "refund_rule": offer.refund,
        "status": "created",
        "open_key": key,
        "paid_by": None,
        "paid_at": None,
        "expires_at": now + ORDER_LIFE,
        "closing_tries": 0,
        "due_at": now + ORDER_LIFE,
        "created_at": now,
        "updated_at": now,
    }
    return orders_of.find(conn, order_no) if insert_if_absent(conn, orders, row) else None


def _fulfil_free(conn: Connection, order: Order, now: datetime) -> Order:
    move(conn, orders, order.order_no, "paid", now, open_key=None, paid_at=now)
    open_up(conn, order, now)
    return orders_of.find(conn, order.order_no) or order
