"""Taking money in: the one function behind the notification, the page's poll, the worker and the bill.

It runs in one transaction that the caller opens, and says what happened; called again with the same payment
it changes nothing. The order's row is held first, so two of these for one order come one after the other.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from payments import attempt as attempts_of
from payments import order as orders_of
from payments.book import OWED, SALES, book_payment
from payments.desk import Desk
from payments.differences import differences, set_aside
from payments.fulfil import fulfil, send_back
from payments.gateway import Merchant, Payment
from payments.settled import Settled, report


def take(desk: Desk, paid: Payment) -> Settled:
    """`settle` in a transaction of its own, for those who asked the gateway."""
    settled = desk.write(lambda conn: settle(conn, paid, desk.gateway.merchant, desk.now()))
    report(settled)
    return settled


def settle(conn: Connection, paid: Payment, us: Merchant, now: datetime) -> Settled:
    """Credits one successful payment, once, and opens what it bought or sends it back."""
    order = orders_of.lock_with_rivals(conn, paid.out_trade_no)
    attempt, holder = attempts_of.find_with_holder(conn, paid.out_trade_no, paid.transaction_id)
    if order is None or attempt is None:
        return Settled("stranger", paid.out_trade_no)
    wrong = differences(paid, attempt, holder, us)
    if wrong:
        set_aside(conn, attempt, paid, wrong, now)
        return Settled("wrong", attempt.out_trade_no, wrong)
    credited = attempts_of.credit(conn, attempt, paid, now)
    if credited is None:
        return Settled("again", attempt.out_trade_no)
    if fulfil(conn, order, credited, now):
        book_payment(conn, credited, paid, SALES, now)
        return Settled("fulfilled", attempt.out_trade_no)
    book_payment(conn, credited, paid, OWED, now)
    send_back(conn, order, credited, now)
    return Settled("surplus", attempt.out_trade_no)
