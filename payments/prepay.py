"""Preparing a payment: our attempt first, then the gateway (outside any transaction), then what it gave.

Killed between two steps, the next tap goes on where this one stopped: the gateway is asked again with the
same ``out_trade_no`` and the same parameters, and answers the same.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256

from sqlalchemy import Connection, update

from infra.errors import Conflict
from infra.log import get_logger
from infra.metrics import PAYMENTS
from payments import attempt as attempts_of
from payments import order as orders_of
from payments.ask import ask, retire
from payments.attempt import FIRST_LATE_LOOK, MOST_ATTEMPTS, Attempt
from payments.desk import Desk
from payments.errors import AlreadyOwned, AlreadyPaid, NoClientAddress, OrderClosed, OrderNotFound
from payments.gateway import GatewayRefused, Prepared, PrepayRequest, Way
from payments.held import held_by
from payments.order import Order
from payments.tables import attempts, orders
from payments.transitions import move

log = get_logger("payments")

FIRST_QUERY = timedelta(seconds=15)
DESCRIPTION_BYTES = 126  # WeChat Pay takes 127; a Chinese character is three
_LOOKS = 3

# The gateway will not take this out_trade_no any more (closed there, or known with other parameters).
NUMBER_IS_USED_UP = frozenset({"ORDER_CLOSED", "OUT_TRADE_NO_USED", "INVALID_REQUEST"})
PAID_THERE = frozenset({"ORDERPAID", "ORDER_PAID"})


def prepay(desk: Desk, order_no: str, openid: str) -> dict[str, str]:
    """The six JSAPI fields for the order's owner. Raises what `prepare` raises."""
    return desk.gateway.sign_jsapi(prepare(desk, order_no, openid, "jsapi"))


def prepare(desk: Desk, order_no: str, openid: str, way: Way, client_ip: str = "") -> str:
    """What this way of paying needs: a prepay_id, or the address to show or to open.

    Another way than before closes the attempt that was made for it, so only one can be paid.

    Raises OrderNotFound (also for somebody else's order), AlreadyPaid, OrderClosed, AlreadyOwned,
    NoClientAddress (for h5), GatewayUnavailable or GatewayRefused.
    """
    if way == "h5" and not client_ip:
        raise NoClientAddress(f"order {order_no} cannot be paid by h5", hint="does the proxy tell addresses?")
    for _ in range(_LOOKS):
        attempt, request = _live_attempt(desk, order_no, openid, way, client_ip)
        ready = attempt.prepay_id or attempt.pay_url
        if attempt.asked_for != _digest(request) or (ready and not attempt.is_fresh(desk.now())):
            retire(desk, attempt)  # other parameters, or too old: the next round makes a new one
            continue
        ready = ready or _ask_the_gateway(desk, attempt, request)
        if ready:
            PAYMENTS.labels(step="prepay", result="ready").inc()
            return ready
    raise Conflict(f"order {order_no} has no attempt that the gateway takes")


def _live_attempt(
    desk: Desk, order_no: str, openid: str, way: Way, client_ip: str
) -> tuple[Attempt, PrepayRequest]:
    """The order's one live attempt (made here if there is none), and the request that belongs to it."""
    made, request = desk.write(partial(_find_or_make, desk, order_no, openid, way))
    return made, replace(request, client_ip=client_ip)


def _find_or_make(
    desk: Desk, order_no: str, openid: str, way: Way, conn: Connection
) -> tuple[Attempt, PrepayRequest]:
    now = desk.now()
    order = _payable_order(conn, order_no, openid, now)
    live = attempts_of.live_of(conn, order_no)
    number = live.out_trade_no if live else _next_number(conn, order_no)
    request = replace(_request(desk, order, number), way=way)
    return live or _insert(conn, order, request, now), request


def _payable_order(conn: Connection, order_no: str, openid: str, now: datetime) -> Order:
    order = orders_of.lock(conn, order_no)
    if order is None or order.openid != openid:
        raise OrderNotFound(f"no order {order_no} of this follower")
    if order.is_paid:
        raise AlreadyPaid(f"order {order_no} is {order.status}")
    # Whether the course is still on the shelf is not asked. The order is a promise, at its price and for its
    # two hours; and who has bought a course goes on reading it when it is not sold any more.
    if not order.payable(now):
        raise OrderClosed(f"order {order_no} cannot be paid any more")
    placed_at = order.created_at
    if not order.is_gift and held_by(conn, openid, now).covers(order.opens, order.access, placed_at):
        raise AlreadyOwned(f"{order.item_kind} {order.item_id} is open for this follower already")
    return order


def _next_number(conn: Connection, order_no: str) -> str:
    number = attempts_of.last_number(conn, order_no) + 1
    if number > MOST_ATTEMPTS:
        raise OrderClosed(f"order {order_no} has used up its {MOST_ATTEMPTS} attempts")
    return attempts_of.number_of(order_no, number)


def _request(desk: Desk, order: Order, out_trade_no: str) -> PrepayRequest:
    return PrepayRequest(
        out_trade_no=out_trade_no,
        description=_description(order.title),
        total_fen=order.total_fen,
        openid=order.openid,
        notify_url=desk.notify_url,
        expires_at=order.expires_at,
    )


def _insert(conn: Connection, order: Order, request: PrepayRequest, now: datetime) -> Attempt:
    conn.execute(
        attempts.insert().values(
            out_trade_no=request.out_trade_no,
            order_no=order.order_no,
            number=attempts_of.last_number(conn, order.order_no) + 1,
            live_key=order.order_no,
            way=request.way,
            openid=order.openid,
            total_fen=order.total_fen,
            asked_for=_digest(request),
            status="created",
            prepay_id=None,
            pay_url=None,
            prepay_at=None,
            transaction_id=None,
            payer=None,
            success_at=None,
            received_fen=0,
            refunded_fen=0,
            pending_fen=0,
            wrong="",
            queries=0,
            queried_at=None,
            due_at=now + FIRST_QUERY,
            created_at=now,
            updated_at=now,
        )
    )
    move(conn, orders, order.order_no, "awaiting_payment", now)
    written = attempts_of.find(conn, request.out_trade_no)
    assert written is not None  # noqa: S101 - inserted by the statement before, in this transaction
    return written


def _ask_the_gateway(desk: Desk, attempt: Attempt, request: PrepayRequest) -> str | None:
    """The prepay_id or address that it gives, kept; None when this attempt is used up: another is needed."""
    try:
        prepared = desk.gateway.prepay(request)
    except GatewayRefused as refusal:
        PAYMENTS.labels(step="prepay", result="refused").inc()
        log.warning(
            "prepay_refused", out_trade_no=request.out_trade_no, code=refusal.code, cause=refusal.hint
        )
        if refusal.code in PAID_THERE:
            ask(desk, attempt)  # its notification has not come yet; the next round finds the order paid
        elif refusal.code in NUMBER_IS_USED_UP:
            _fail(desk, request.out_trade_no)
        else:
            raise
        return None
    return _keep(desk, request.out_trade_no, prepared)


def _keep(desk: Desk, out_trade_no: str, prepared: Prepared) -> str | None:
    """Stores what came unless a twin request did; gives what is stored."""
    now = desk.now()
    with desk.db.transaction() as conn:
        move(
            conn,
            attempts,
            out_trade_no,
            "prepay",
            now,
            prepay_id=prepared.prepay_id or None,
            pay_url=prepared.code_url or prepared.h5_url or None,
            prepay_at=now,
            due_at=now + FIRST_QUERY,
        )
        kept = attempts_of.find(conn, out_trade_no)
    return (kept.prepay_id or kept.pay_url) if kept is not None and kept.is_open else None


def _fail(desk: Desk, out_trade_no: str) -> None:
    """Only while it has no prepay_id: a twin request may have got one, and that one can be paid."""
    now = desk.now()
    with desk.db.transaction() as conn:
        conn.execute(
            update(attempts)
            .where(attempts.c.out_trade_no == out_trade_no, attempts.c.status == "created")
            .values(status="failed", live_key=None, due_at=now + FIRST_LATE_LOOK, updated_at=now)
        )


def _description(title: str) -> str:
    return title.encode()[:DESCRIPTION_BYTES].decode(errors="ignore")


def _digest(request: PrepayRequest) -> str:
    # Where the payer stands may change from tap to tap; it is no term of the payment.
    return sha256(
        json.dumps(asdict(replace(request, client_ip="")), default=str, sort_keys=True).encode()
    ).hexdigest()
