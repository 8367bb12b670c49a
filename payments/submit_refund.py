"""Bringing a refund to the gateway, and asking what became of it. Repeats keep the ``out_refund_no``.

A refund that somebody asked for is given up after some refusals: whoever asked can ask again. An automatic
one goes on daily for a month, because nobody would ask for its money. An operator is called either way.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, update

from infra.log import get_logger
from payments import care
from payments import order as orders_of
from payments import refund as refunds_of
from payments.desk import Desk
from payments.errors import OrderNotFound
from payments.finish_refund import give_up, take_refund
from payments.gateway import GatewayRefused, GatewayUnavailable, RefundRequest
from payments.refund import QUICK_TRIES, Refund
from payments.request_refund import request_refund
from payments.tables import refunds
from payments.transitions import OPEN_REFUND

log = get_logger("payments")

FIRST_PAUSE_S = 60
LONGEST_PAUSE_S = 6 * 3600
DAILY = timedelta(days=1)


def refund(
    desk: Desk,
    order_no: str,
    fen: int | None,
    reason: str,
    *,
    payment: str | None = None,
    asked_by: str = "",
    a_day: int | None = None,
) -> Refund:
    """Refunds an order, wholly (``fen`` None) or in part, and returns the refund as it stands.

    What the gateway cannot take now stays ``created`` (``last_error`` says why), and the worker brings it
    again. Raises what `request_refund` does.
    """
    asked = request_refund(desk, order_no, fen, reason, payment=payment, asked_by=asked_by, a_day=a_day)
    if asked.due_at <= desk.now():
        _push_quietly(desk, asked)
    return look(desk, asked.out_refund_no)


def try_again(desk: Desk, out_refund_no: str) -> Refund:
    """An operator has done something about it (filled up the balance, say): the tries begin anew, now.

    Returns the refund as it stands then. Raises OrderNotFound.
    """
    order_no = look(desk, out_refund_no).order_no
    with desk.db.transaction() as conn:
        orders_of.lock(conn, order_no)
        conn.execute(
            update(refunds)
            .where(refunds.c.out_refund_no == out_refund_no, refunds.c.status.in_(OPEN_REFUND))
            .values(tries=0, due_at=desk.now(), updated_at=desk.now())
        )
    _push_quietly(desk, look(desk, out_refund_no))
    return look(desk, out_refund_no)


def look(desk: Desk, out_refund_no: str) -> Refund:
    """Raises OrderNotFound."""
    with desk.db.reading() as conn:
        found = refunds_of.find(conn, out_refund_no)
    if found is None:
        raise OrderNotFound(f"no refund {out_refund_no}")
    return found


def due_refunds(desk: Desk, limit: int) -> list[Refund]:
    """Refunds whose next step is due."""
    with desk.db.reading() as conn:
        return refunds_of.due(conn, desk.now(), limit)


def _push_quietly(desk: Desk, waiting: Refund) -> None:
    try:
        push(desk, waiting)
    except (GatewayUnavailable, GatewayRefused) as error:
        log.warning("refund_will_repeat", out_refund_no=waiting.out_refund_no, cause=str(error))


def push(desk: Desk, waiting: Refund) -> None:
    """The next step of one refund: submitted, or asked about. Raises GatewayUnavailable or GatewayRefused."""
    if not _claim(desk, waiting):
        return
    try:
        if waiting.status == "created":
            take_refund(desk, desk.gateway.refund(_request(desk, waiting)))
        else:
            _ask(desk, waiting)
    except GatewayUnavailable as error:
        _note(desk, waiting, str(error))
        raise
    except GatewayRefused as refusal:
        _note(desk, waiting, str(refusal))
        _perhaps_give_up(desk, waiting)
        raise


def _ask(desk: Desk, waiting: Refund) -> None:
    answer = desk.gateway.query_refund(waiting.out_refund_no)
    if answer is None:
        raise GatewayUnavailable(f"the gateway does not know refund {waiting.out_refund_no} that it accepted")
    take_refund(desk, answer)


def _request(desk: Desk, waiting: Refund) -> RefundRequest:
    return RefundRequest(
        out_refund_no=waiting.out_refund_no,
        out_trade_no=waiting.out_trade_no,
        fen=waiting.fen,
        total_fen=waiting.total_fen,
        reason=waiting.reason,
        notify_url=desk.refund_notify_url,
    )


def _perhaps_give_up(desk: Desk, waiting: Refund) -> None:
    """After many refusals of a refund that the gateway has never heard of, the sum is free again.

    If it has heard of it (an answer was lost), its word is taken instead.
    """
    refusals = waiting.most_tries if waiting.is_automatic else QUICK_TRIES
    if waiting.status != "created" or waiting.tries + 1 < refusals:
        return
    known = desk.gateway.query_refund(waiting.out_refund_no)
    if known is not None:
        take_refund(desk, known)
        return
    with desk.db.transaction() as conn:
        given_up = give_up(conn, waiting, desk.now())
    if given_up:
        log.error("refund_given_up", out_refund_no=waiting.out_refund_no, order_no=waiting.order_no)
        _ask_about_closed(desk, waiting.out_trade_no)


def _ask_about_closed(desk: Desk, out_trade_no: str) -> None:
    """A refund may be refused because an earlier one, given up here, went back after all.

    That success could not be booked while this refund held the sum; now there is room for it.
    """
    with desk.db.reading() as conn:
        closed = refunds_of.closed_of(conn, out_trade_no)
    for one in closed:
        answer = desk.gateway.query_refund(one.out_refund_no)
        if answer is not None and answer.state == "SUCCESS":
            take_refund(desk, answer)


def _claim(desk: Desk, waiting: Refund) -> bool:
    """One worker takes this step; the next is due later and later."""
    now = desk.now()
    with desk.db.transaction() as conn:
        orders_of.lock(conn, waiting.order_no)
        claimed = conn.execute(
            update(refunds)
            .where(
                refunds.c.out_refund_no == waiting.out_refund_no,
                refunds.c.tries == waiting.tries,
                refunds.c.status.in_(OPEN_REFUND),
            )
            .values(tries=waiting.tries + 1, due_at=_next_time(waiting, now))
        )
        if claimed.rowcount == 1 and waiting.tries + 1 >= waiting.most_tries:
            _call_operator(conn, waiting, now)
    return claimed.rowcount == 1


def _call_operator(conn: Connection, waiting: Refund, now: datetime) -> None:
    """With the claim of the last try and not after it, or a crash in between would leave nobody to know.

    Should the last try succeed, that resolves the mark.
    """
    care.mark(conn, waiting.out_trade_no, f"refund {waiting.out_refund_no} has no tries left", now)
    log.error("refund_not_asked_any_more", out_refund_no=waiting.out_refund_no)


def _note(desk: Desk, waiting: Refund, cause: str) -> None:
    with desk.db.transaction() as conn:
        conn.execute(
            update(refunds)
            .where(refunds.c.out_refund_no == waiting.out_refund_no)
            .values(last_error=cause[:300], updated_at=desk.now())
        )


def _next_time(waiting: Refund, now: datetime) -> datetime:
    if waiting.is_automatic and waiting.tries + 1 >= QUICK_TRIES:
        return now + DAILY
    return now + timedelta(seconds=min(FIRST_PAUSE_S * 2 ** min(waiting.tries, 10), LONGEST_PAUSE_S))
