"""Asking the gateway what became of an attempt, because no notification is promised.

A failed query is not "not paid": it leaves everything as it is, to be asked again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, update

from infra.log import get_logger
from payments import attempt as attempts_of
from payments import care
from payments import order as orders_of
from payments.attempt import BETWEEN_LATE_LOOKS, FIRST_LATE_LOOK, Attempt
from payments.desk import Desk
from payments.errors import OrderNotFound
from payments.gateway import GatewayRefused, GatewayUnavailable, Payment
from payments.order import Order
from payments.settle import take
from payments.tables import attempts
from payments.transitions import move

log = get_logger("payments")

FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(minutes=10)
UNANSWERED_PAUSE = timedelta(minutes=1)  # the sweep's next round
MOST_INSISTED = 3  # attempts: who complains waits for the answer
APART = timedelta(seconds=2)  # a page that polls does not make us poll the gateway faster than this

CLOSED_THERE = frozenset({"ORDER_CLOSED", "ORDERCLOSED"})


def refresh(desk: Desk, order_no: str) -> Order:
    """The order after its open attempts were asked about. Raises OrderNotFound.

    When the gateway does not answer, the order is given as we know it: the caller polls again.
    """
    with desk.db.reading() as conn:
        waiting = attempts_of.open_of(conn, order_no)
    for attempt in waiting:
        if _claim_look(desk, attempt):
            _ask_quietly(desk, attempt)
    return _present(desk, order_no)


def insist(desk: Desk, order_no: str) -> Order:
    """The same for somebody who says that they have paid: always a fresh question, and about attempts that
    ended here as well. Raises OrderNotFound, and GatewayUnavailable when nothing came to light and not every
    question was answered: then "not paid" is not known either.
    """
    with desk.db.reading() as conn:
        doubtful = attempts_of.doubtful_of(conn, order_no, MOST_INSISTED)
    answered = [_ask_quietly(desk, attempt) for attempt in doubtful]
    order = _present(desk, order_no)
    if not all(answered) and not order.is_paid:
        raise GatewayUnavailable(f"{answered.count(False)} questions about order {order_no} had no answer")
    return order


def _present(desk: Desk, order_no: str) -> Order:
    with desk.db.reading() as conn:
        order = orders_of.find(conn, order_no)
    if order is None:
        raise OrderNotFound(f"no order {order_no}")
    return order


def ask_due(desk: Desk, attempt: Attempt) -> None:
    """The sweep's question: claimed, so two workers never both ask, and asked later and later.

    Raises GatewayUnavailable or GatewayRefused.
    """
    if not _claim_due(desk, attempt):
        return
    try:
        _ask_or_retire(desk, attempt)
    except GatewayUnavailable:
        _ask_soon(desk, attempt)  # nothing was learnt, so the long pause has not been earned
        raise


def _ask_or_retire(desk: Desk, attempt: Attempt) -> None:
    with desk.db.reading() as conn:
        order = orders_of.find(conn, attempt.order_no)
    if order is not None and order.is_paid:
        retire(desk, attempt)  # another attempt paid the order; this one must not be paid as well
    else:
        ask(desk, attempt)


def ask(desk: Desk, attempt: Attempt) -> str:
    """Asks the gateway and acts on a final word; returns its state (``UNHEARD`` if it knows of none).

    Raises GatewayUnavailable or GatewayRefused, with nothing changed.
    """
    answer = desk.gateway.query(attempt.out_trade_no)
    if answer is None:
        return "UNHEARD"
    if answer.state == "SUCCESS":
        take(desk, answer)
    elif answer.state in _ENDS:
        _end(desk, attempt, answer)
    return answer.state


def retire(desk: Desk, attempt: Attempt) -> bool:
    """Makes an attempt unpayable: asks first, then closes. True once it is out of the way.

    False: it may still be paid (or was), so it stays. Raises GatewayUnavailable or GatewayRefused; then it
    stays as well.
    """
    state = ask(desk, attempt)
    if state in _ENDS:
        return True
    if state not in ("NOTPAY", "UNHEARD"):
        return False
    if state == "NOTPAY":
        _close_there(desk, attempt.out_trade_no)
    _end_as(desk, attempt, "closed")
    return True


# What the gateway says, and what our attempt becomes. REFUND without a success that we saw: somebody used the
# merchant platform by hand, and an operator has to look.
_ENDS = {"CLOSED": "closed", "REVOKED": "closed", "PAYERROR": "failed", "REFUND": "unknown"}


def _end(desk: Desk, attempt: Attempt, answer: Payment) -> None:
    if answer.state == "REFUND":
        log.error("payment_unknown_but_refunded", out_trade_no=attempt.out_trade_no)
        _end_as(desk, attempt, "unknown", wrong="refunded outside of the till")
    else:
        _end_as(desk, attempt, _ENDS[answer.state])


def _end_as(desk: Desk, attempt: Attempt, status: str, *, wrong: str = "") -> None:
    now = desk.now()
    with desk.db.transaction() as conn:
        orders_of.lock(conn, attempt.order_no)
        late: dict[str, Any] = {"queries": 0, "due_at": now + FIRST_LATE_LOOK}
        if not move(conn, attempts, attempt.out_trade_no, status, now, live_key=None, **late):
            return
        care.resolve(conn, attempt.out_trade_no, now)  # whatever was claimed before, this is what came of it
        if wrong:
            care.mark(conn, attempt.out_trade_no, wrong, now)


def _close_there(desk: Desk, out_trade_no: str) -> None:
    try:
        desk.gateway.close(out_trade_no)
    except GatewayRefused as refusal:
        if refusal.code not in CLOSED_THERE:
            raise


def _ask_quietly(desk: Desk, attempt: Attempt) -> bool:
    """Whether there was an answer. What goes wrong is logged and left for the next time."""
    try:
        ask(desk, attempt)
        return True
    except (GatewayUnavailable, GatewayRefused) as error:
        log.warning("query_failed", out_trade_no=attempt.out_trade_no, cause=str(error))
        return False


def _claim_look(desk: Desk, attempt: Attempt) -> bool:
    """A page's question: not more often than every two seconds, whoever asks.

    When the sweep asks does not move with it: a page that polled and was closed is no reason to look later.
    """
    now = desk.now()
    with desk.db.transaction(durable=False) as conn:
        claimed = conn.execute(
            update(attempts)
            .where(
                attempts.c.out_trade_no == attempt.out_trade_no,
                or_(attempts.c.queried_at.is_(None), attempts.c.queried_at <= now - APART),
            )
            .values(queried_at=now)
        )
    return claimed.rowcount == 1


def _claim_due(desk: Desk, attempt: Attempt) -> bool:
    now = desk.now()
    with desk.db.transaction(durable=False) as conn:
        claimed = conn.execute(
            update(attempts)
            .where(
                attempts.c.out_trade_no == attempt.out_trade_no,
                attempts.c.queries == attempt.queries,
                attempts.c.due_at <= now,
            )
            .values(queries=attempt.queries + 1, queried_at=now, due_at=now + _pause(attempt, now))
        )
    return claimed.rowcount == 1


def _ask_soon(desk: Desk, attempt: Attempt) -> None:
    soon = desk.now() + UNANSWERED_PAUSE
    with desk.db.transaction(durable=False) as conn:
        conn.execute(
            update(attempts)
            .where(attempts.c.out_trade_no == attempt.out_trade_no, attempts.c.due_at > soon)
            # A late look that heard nothing was none.
            .values(due_at=soon, **({"queries": attempt.queries} if attempt.is_ended else {}))
        )


def _pause(attempt: Attempt, now: datetime) -> timedelta:
    """As long as the follower has been able to pay: soon after the sheet was shown, rarely in the end.

    Counted from the clock and not from how often was asked, so that questions do not push each other away.
    """
    if attempt.is_ended:
        return BETWEEN_LATE_LOOKS
    age = now - (attempt.prepay_at or attempt.created_at)
    return min(max(age, FIRST_PAUSE), LONGEST_PAUSE)
