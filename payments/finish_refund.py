"""Finishing a refund, on the gateway's word only: the one function behind its notification, our question, and
the answer to our own request.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, update

from infra import outbox
from infra.log import get_logger
from infra.metrics import PAYMENTS
from infra.together import together
from payments import attempt as attempts_of
from payments import care
from payments import gift as gifts_of
from payments import grant as grants_of
from payments import refund as refunds_of
from payments.book import book_refund
from payments.desk import Desk
from payments.gateway import Merchant, RefundFact
from payments.order import Order
from payments.refund import AUTOMATIC, DAYS_OF_TRYING, Refund
from payments.request_refund import reserve, set_apart
from payments.suspend import follow_the_money
from payments.tables import attempts, orders, refunds
from payments.transitions import move

log = get_logger("payments")

TRYING = timedelta(days=DAYS_OF_TRYING)


@dataclass(frozen=True)
class RefundSettled:
    """What became of a refund.

    ``result``: ``success``, ``closed`` (it failed for good), ``processing``, ``abnormal``, ``again``,
    ``wrong`` or ``stranger``.
    """

    result: str
    out_refund_no: str
    cause: str = ""

    @property
    def is_good(self) -> bool:
        return self.result not in ("wrong", "stranger")


def take_refund(desk: Desk, fact: RefundFact) -> RefundSettled:
    """`finish_refund` in a transaction of its own, for those who asked the gateway."""
    settled = desk.write(lambda conn: finish_refund(conn, fact, desk.gateway.merchant, desk.now()))
    report_refund(settled)
    return settled


def finish_refund(conn: Connection, fact: RefundFact, us: Merchant, now: datetime) -> RefundSettled:
    """Books what the gateway says about a refund, once."""
    order, refund = _hold(conn, fact.out_refund_no)
    if order is None or refund is None:
        return RefundSettled("stranger", fact.out_refund_no)
    wrong = _differences(fact, refund, us) or _too_late(conn, fact, refund, now)
    if wrong:
        return _set_aside(conn, refund, wrong, now)
    state = fact.state.lower()
    if not move(conn, refunds, refund.out_refund_no, state, now, **_what_came(fact, now)):
        return RefundSettled("again", refund.out_refund_no)
    if state == "success":
        _went_back(conn, order, refund, fact, now)
    elif state == "closed":
        _failed(conn, refund, "was closed by WeChat Pay", now)
        gifts_of.give_back(conn, order, now)
    elif state == "abnormal":
        care.mark(conn, refund.out_trade_no, f"refund {refund.out_refund_no} is ABNORMAL", now)
    follow_the_money(conn, order, refund, now)
    return RefundSettled(state, refund.out_refund_no)


def report_refund(settled: RefundSettled) -> None:
    """After the commit. A refund that failed, stuck or does not match is an operator's business."""
    PAYMENTS.labels(step="refund", result=settled.result).inc()
    say = log.info if settled.result in ("success", "processing", "again") else log.error
    say("refund_" + settled.result, out_refund_no=settled.out_refund_no, cause=settled.cause)


def give_up(conn: Connection, refund: Refund, now: datetime) -> bool:
    """Ends a refund that the gateway refuses and does not know of; what was set apart is free again.

    ``refund`` is as it stood before its last try. Whoever has tried it since then (an operator, another
    worker) may have had it accepted after the gateway was asked, so then it is not ours to end.
    """
    order = gifts_of.hold(conn, refund.order_no)
    untouched = and_(refunds.c.status == "created", refunds.c.tries == refund.tries + 1)
    given_up = move(conn, refunds, refund.out_refund_no, "closed", now, only_if=untouched)
    if given_up:
        _release(conn, refund, 0, now)
        if order is not None:
            gifts_of.give_back(conn, order, now)
            follow_the_money(conn, order, refund, now)
        what = f"refund {refund.out_refund_no} was refused {refund.tries + 1} times: {refund.last_error}"
        care.mark(conn, refund.out_trade_no, what, now)
    return given_up


def _failed(conn: Connection, refund: Refund, how: str, now: datetime) -> None:
    """The money is here again. What nobody asked for is sent back anew: nobody would ask for it now."""
    _release(conn, refund, 0, now)
    if refund.is_automatic and now < _first_try(conn, refund) + TRYING:
        _send_again(conn, refund, now)
    else:
        care.mark(conn, refund.out_trade_no, f"refund {refund.out_refund_no} {how}", now)


def _send_again(conn: Connection, refund: Refund, now: datetime) -> None:
    """Tomorrow, and under a new number: the gateway has done with the old one."""
    paid = attempts_of.find(conn, refund.out_trade_no)
    if paid is not None:
        cause = f"{AUTOMATIC}{refund.out_trade_no}:{refund.number + 1}"
        reserve(conn, paid, refund.fen, refund.reason, cause=cause, now=now, due_at=now + timedelta(days=1))


def _first_try(conn: Connection, refund: Refund) -> datetime:
    """When this payment was first to go back by itself."""
    made = refunds_of.all_of(conn, refund.order_no)
    return min(one.created_at for one in made if one.is_automatic and one.out_trade_no == refund.out_trade_no)


def _hold(conn: Connection, out_refund_no: str) -> tuple[Order | None, Refund | None]:
    """The order first, as everywhere in the till; then the refund as it is now."""
    seen = refunds_of.find(conn, out_refund_no)
    if seen is None:
        return None, None
    order = gifts_of.hold(conn, seen.order_no)
    return order, refunds_of.find(conn, out_refund_no)


def _differences(fact: RefundFact, refund: Refund, us: Merchant) -> str:
    checks = {
        "another mchid": fact.mch_id in ("", us.mch_id),
        "another payment": fact.out_trade_no == refund.out_trade_no,
        f"{fact.fen} fen instead of {refund.fen}": fact.fen == refund.fen,
        f"a total of {fact.total_fen} instead of {refund.total_fen}": fact.total_fen == refund.total_fen,
        f"state is {fact.state}": fact.state in ("PROCESSING", "SUCCESS", "CLOSED", "ABNORMAL"),
    }
    return "; ".join(what for what, is_right in checks.items() if not is_right)


def _too_late(conn: Connection, fact: RefundFact, refund: Refund, now: datetime) -> str:
    """What was closed here holds no sum any more: a success sets it apart again, where it is still free."""
    if refund.status != "closed" or fact.state != "SUCCESS":
        return ""
    if set_apart(conn, refund.out_trade_no, refund.fen, now):
        return ""
    return "closed here before, and another refund holds its sum"


def _set_aside(conn: Connection, refund: Refund, wrong: str, now: datetime) -> RefundSettled:
    conn.execute(
        update(refunds)
        .where(refunds.c.out_refund_no == refund.out_refund_no)
        .values(last_error=wrong[:300], updated_at=now)
    )
    if refund.status != "success":  # else the truth about it came before
        care.mark(conn, refund.out_trade_no, f"refund {refund.out_refund_no}: {wrong}", now)
    return RefundSettled("wrong", refund.out_refund_no, wrong)


def _what_came(fact: RefundFact, now: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {"last_error": ""}
    if fact.refund_id:
        values["refund_id"] = fact.refund_id
    if fact.state == "SUCCESS":
        values["success_at"] = fact.success_at or now
    return values


def _went_back(conn: Connection, order: Order, refund: Refund, fact: RefundFact, now: datetime) -> None:
    _release(conn, refund, refund.fen, now)
    with together(conn) as writing:
        book_refund(writing, refund, fact.success_at or now, now)
    is_the_orders, is_all = order.paid_by == refund.out_trade_no, _is_all_back(conn, refund.out_trade_no)
    if is_the_orders:
        _change_order(conn, order, is_all, now)
    if is_the_orders or is_all:  # a part of what the order has no use for leaves the rest to be sent back
        care.resolve(conn, refund.out_trade_no, now, about=care.ABOUT_A_REFUND)
    if refund.status == "closed":
        # After the resolving, and not worded as a refund's trouble that another refund would resolve: whoever
        # saw it closed may have paid the money back by other means.
        care.mark(conn, refund.out_trade_no, f"gone back after all: {refund.out_refund_no}", now)
    _tell(conn, order, refund, now)


def _release(conn: Connection, refund: Refund, went_back_fen: int, now: datetime) -> None:
    """What was set apart is either gone back or free again."""
    conn.execute(
        update(attempts)
        .where(attempts.c.out_trade_no == refund.out_trade_no)
        .values(
            pending_fen=attempts.c.pending_fen - refund.fen,
            refunded_fen=attempts.c.refunded_fen + went_back_fen,
            updated_at=now,
        )
    )


def _is_all_back(conn: Connection, out_trade_no: str) -> bool:
    paid = attempts_of.find(conn, out_trade_no)
    return paid is not None and paid.refunded_fen >= paid.received_fen


def _change_order(conn: Connection, order: Order, is_all: bool, now: datetime) -> None:
    """All of it gone back ends what this order granted, and only that; a part ends nothing."""
    if not is_all:
        move(conn, orders, order.order_no, "partially_refunded", now)
        return
    move(conn, orders, order.order_no, "refunded", now)
    grants_of.revoke_source(conn, order.source, now)
    gifts_of.end(conn, order, now)


def _tell(conn: Connection, order: Order, refund: Refund, now: datetime) -> None:
    payload = {
        "openid": order.openid,
        "order_no": order.order_no,
        "title": order.title,
        "fen": refund.fen,
        "reason": refund.reason,
    }
    outbox.put(conn, topic="refund", key=f"refund:{refund.out_refund_no}", payload=payload, now=now)
