"""Taking money in: the one function behind the notification, the page's poll, the worker and the bill.

It runs in one transaction that the caller opens, and says what happened; called again with the same payment
it changes nothing. The order's row is held first, so two of these for one order come one after the other.
"""

from __future__ import annotations

from datetime import datetime

from infra.together import Together
from payments import attempt as attempts_of
from payments.book import OWED, SALES, book_payment
from payments.case import Case, look_into
from payments.desk import Desk
from payments.differences import differences, set_aside
from payments.fulfil import fulfil, send_back
from payments.gateway import Merchant, Payment
from payments.settled import Settled, report


def take(desk: Desk, paid: Payment) -> Settled:
    """`settle` in a transaction of its own, for those who asked the gateway."""
    settled = desk.write_together(lambda writing: settle(writing, paid, desk.gateway.merchant, desk.now()))
    report(settled)
    return settled


def settle(writing: Together, paid: Payment, us: Merchant, now: datetime) -> Settled:
    """Credits one successful payment, once, and opens what it bought or sends it back.

    Read and decided first, then written together: the caller's `Together.write` is the last of it.
    """
    (case,) = look_into(writing.conn, paid, now=now)
    return decide(writing, paid, case, us, now)


def decide(writing: Together, paid: Payment, case: Case | None, us: Merchant, now: datetime) -> Settled:
    """The same, for one that has been looked into."""
    number = paid.out_trade_no
    if case is None:
        return Settled("stranger", number)
    wrong = differences(paid, case.attempt, case.holder, us)
    if wrong:
        set_aside(writing.conn, case.attempt, paid, wrong, now)
        return Settled("wrong", number, wrong)
    credited = attempts_of.credit(writing, case.attempt, paid, now)
    if credited is None:
        return Settled("again", number)
    if fulfil(writing, case.order, case.held, credited, now):
        book_payment(writing, credited, paid, SALES, now)
        return Settled("fulfilled", number)
    book_payment(writing, credited, paid, OWED, now)
    writing.write()
    send_back(writing.conn, case.order, credited, now)
    return Settled("surplus", number)
