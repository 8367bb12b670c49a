"""All there is about one order, for the operator."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from payments import attempt as attempts_of
from payments import care
from payments import grant as grants_of
from payments import order as orders_of
from payments import refund as refunds_of
from payments.attempt import Attempt
from payments.book import kept_fen
from payments.errors import OrderNotFound
from payments.grant import Grant
from payments.order import Order
from payments.refund import Refund


@dataclass(frozen=True)
class OrderFile:
    """``balance_fen`` is the ledger's."""

    order: Order
    attempts: list[Attempt]
    grants: list[Grant]
    refunds: list[Refund]
    balance_fen: int
    needs_care: bool

    @property
    def own(self) -> Attempt | None:
        """The payment that is the order's."""
        return next((one for one in self.attempts if one.out_trade_no == self.order.paid_by), None)

    @property
    def unused(self) -> Attempt | None:
        """A payment that the order has no use for and that is still here, with nothing under way."""
        others = (one for one in self.attempts if one.out_trade_no != self.order.paid_by)
        return next((one for one in others if one.status == "success" and one.refundable_fen), None)


def file_of(conn: Connection, order_no: str) -> OrderFile:
    """Raises OrderNotFound."""
    order = orders_of.find(conn, order_no)
    if order is None:
        raise OrderNotFound(f"no order {order_no}")
    return OrderFile(
        order,
        attempts_of.all_of(conn, order_no),
        grants_of.of_source(conn, order.source),
        refunds_of.all_of(conn, order_no),
        kept_fen(conn, order_no),
        order_no in care.needing(conn),
    )
