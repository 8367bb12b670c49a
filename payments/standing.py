"""Where an order's money is, beyond the order's status: for the pages and the chat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from payments import attempt as attempts_of
from payments.access import has_time_left
from payments.attempt import Attempt
from payments.gift_tables import gifts
from payments.order import Order
from payments.refund import is_under_way
from payments.tables import refunds


@dataclass(frozen=True)
class Standing:
    """``refundable_fen`` and ``pending_fen`` are of the order's own payment: what could still go back, and
    what is on its way. ``is_stuck``: it does not get there by itself, an operator has to look.

    ``surplus``: ``going_back`` while money that the order has no use for is on its way back by itself;
    ``stuck`` when that was given up and an operator has to look; else empty. ``came_late``: the order has no
    use for its own payment because the last day of access had passed; otherwise it was paid for twice.

    ``gift``: how the code stands that was bought (``issued``, ``redeemed``, ``void``); else empty.
    """

    refundable_fen: int = 0
    pending_fen: int = 0
    is_stuck: bool = False
    surplus: str = ""
    came_late: bool = False
    gift: str = ""


def standings(conn: Connection, orders: Sequence[Order]) -> dict[str, Standing]:
    """By order number."""
    numbers = [order.order_no for order in orders if order.is_paid]
    under_way = select(refunds.c.out_trade_no).where(refunds.c.order_no.in_(numbers), is_under_way())
    moving = frozenset(conn.execute(under_way).scalars())
    abnormal = select(refunds.c.out_trade_no).where(
        refunds.c.order_no.in_(numbers), refunds.c.status == "abnormal"
    )
    stuck = frozenset(conn.execute(abnormal).scalars())
    paid = attempts_of.paid_of(conn, numbers)
    codes = _gifts(conn, orders)
    return {
        order.order_no: _standing(
            order,
            [one for one in paid if one.order_no == order.order_no],
            moving,
            stuck,
            codes.get(order.order_no, ""),
        )
        for order in orders
    }


def _gifts(conn: Connection, orders: Sequence[Order]) -> dict[str, str]:
    numbers = [order.order_no for order in orders if order.is_gift]
    if not numbers:
        return {}
    wanted = select(gifts.c.order_no, gifts.c.status).where(gifts.c.order_no.in_(numbers))
    return {row.order_no: row.status for row in conn.execute(wanted)}


def _standing(
    order: Order, paid: list[Attempt], moving: frozenset[str], stuck: frozenset[str], gift: str
) -> Standing:
    own = next((one for one in paid if one.out_trade_no == order.paid_by), None)
    # An order that opens what it bought is fulfilled in the transaction that pays it: what stays ``paid`` is
    # money without a use, as is a second payment of one order.
    unused = [one for one in paid if one is not own or order.status == "paid"]
    kept = [one for one in unused if one.refunded_fen < one.received_fen]
    return Standing(
        refundable_fen=own.refundable_fen if own else 0,
        pending_fen=own.pending_fen if own else 0,
        is_stuck=own is not None and own.out_trade_no in stuck,
        surplus=_surplus([one.out_trade_no for one in kept], moving),
        came_late=order.status == "paid"
        and not has_time_left(order.access, order.paid_at or order.created_at),
        gift=gift,
    )


def _surplus(kept: list[str], moving: frozenset[str]) -> str:
    if not kept:
        return ""
    return "going_back" if moving.issuperset(kept) else "stuck"
