"""Repairing a difference: the gateway is asked, and its word goes the till's ordinary ways.

Whatever the gateway says that does not fit, or does not say, is left to an operator. Nothing here believes
the bill.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import Connection

from infra import outbox
from infra.log import get_logger
from payments import attempt as attempts_of
from payments import bill_differences
from payments import grant as grants_of
from payments import order as orders_of
from payments import refund as refunds_of
from payments.access import has_time_left
from payments.bill import BEIJING
from payments.bill_differences import Kept
from payments.desk import Desk
from payments.finish_refund import RefundSettled, finish_refund, report_refund, take_refund
from payments.fulfil import open_up, receipt_of
from payments.gateway import GatewayRefused, GatewayUnavailable, RefundFact
from payments.request_refund import MOST_PARTS, set_apart
from payments.settle import take
from payments.suspend import suspend_if_it_goes_back
from payments.tables import refunds

log = get_logger("payments")

# Without being told: what the till would do at any notification. A refund that was made outside of it takes
# access away, so that waits for an operator's word.
BY_ITSELF = frozenset({"settle", "finish_refund", "grant", "ask"})


def repair(desk: Desk, found: Kept) -> bool:
    """Whether the difference is out of the world. What the gateway cannot say now is tried another time."""
    way = _WAYS.get(found.repair)
    if way is None:
        return False
    try:
        is_repaired = way(desk, found)
    except GatewayUnavailable as error:
        log.warning("repair_unanswered", key=found.key, cause=str(error))
        return False
    except GatewayRefused as refusal:
        log.warning("repair_refused", key=found.key, cause=str(refusal))
        is_repaired = False
    now = desk.now()
    if is_repaired:
        # What was asked about is in no bill yet: the next reading must not find it again.
        status = "dismissed" if found.repair == "ask" else "closed"
        desk.write(lambda conn: bill_differences.end(conn, found.id, status, now))
        log.info("bill_difference_repaired", key=found.key, kind=found.kind, repair=found.repair)
    else:
        desk.write(lambda conn: bill_differences.leave_to_operator(conn, found.id))
    return is_repaired


def _settle(desk: Desk, found: Kept) -> bool:
    """A payment that nobody told us of."""
    answer = desk.gateway.query(found.out_trade_no or "")
    if answer is None or answer.state != "SUCCESS" or answer.transaction_id != found.transaction_id:
        return False
    return take(desk, answer).result in ("fulfilled", "surplus")


def _finish_refund(desk: Desk, found: Kept) -> bool:
    """A refund of ours whose end nobody told us of."""
    fact = desk.gateway.query_refund(found.out_refund_no or "")
    return fact is not None and take_refund(desk, fact).result == "success"


def _import_refund(desk: Desk, found: Kept) -> bool:
    """A refund that somebody made by hand at the merchant platform."""
    fact = desk.gateway.query_refund(found.out_refund_no or "")
    if fact is None or fact.state != "SUCCESS":
        return False
    settled = desk.write(lambda conn: _take_in(conn, desk, fact))
    if settled is None:
        return False
    report_refund(settled)
    return settled.result == "success"


def _take_in(conn: Connection, desk: Desk, fact: RefundFact) -> RefundSettled | None:
    """Our row of it, with the sum set apart as for each refund, and then the ordinary end of one."""
    seen, now = attempts_of.find(conn, fact.out_trade_no), desk.now()
    if seen is None or orders_of.lock(conn, seen.order_no) is None:
        return None
    number = refunds_of.last_number(conn, fact.out_trade_no) + 1
    is_known = refunds_of.find(conn, fact.out_refund_no) is not None
    if is_known or number > MOST_PARTS or fact.fen <= 0 or fact.total_fen != seen.total_fen:
        return None
    if not set_apart(conn, fact.out_trade_no, fact.fen, now):
        return None
    conn.execute(
        refunds.insert().values(
            out_refund_no=fact.out_refund_no,
            order_no=seen.order_no,
            out_trade_no=fact.out_trade_no,
            number=number,
            cause=f"platform:{fact.out_trade_no}:{number}",
            fen=fact.fen,
            total_fen=fact.total_fen,
            reason="商户平台退款",
            asked_by="merchant platform",
            status="created",
            refund_id=None,
            success_at=None,
            tries=0,
            due_at=now,
            last_error="",
            created_at=now,
            updated_at=now,
        )
    )
    return finish_refund(conn, fact, desk.gateway.merchant, now)


def _grant(desk: Desk, found: Kept) -> bool:
    """Paid for, and never opened: opened now, and told."""
    order_no = found.key.removeprefix("order:")
    now = desk.now()
    return desk.write(lambda conn: _open(conn, order_no, now))


def _open(conn: Connection, order_no: str, now: datetime) -> bool:
    order = orders_of.lock(conn, order_no)
    if order is None or order.status not in ("paid", "fulfilled") or order.is_gift:
        return False
    if order.status == "paid":
        is_open = open_up(conn, order, now)
    else:
        is_open = has_time_left(order.access, now) and grants_of.give(conn, order, now)
    if is_open and not suspend_if_it_goes_back(conn, order, now):
        outbox.put(
            conn, topic="receipt", key=f"receipt:{order_no}:repaired", payload=receipt_of(order), now=now
        )
    return is_open


def _ask(desk: Desk, found: Kept) -> bool:
    """In our books and not in the bill: of another day by the gateway's own word, or an operator's matter."""
    if found.out_refund_no:
        fact = desk.gateway.query_refund(found.out_refund_no)
        at = fact.success_at if fact and fact.state == "SUCCESS" and fact.fen == found.ours_fen else None
    else:
        said = desk.gateway.query(found.out_trade_no or "")
        is_same = said is not None and said.transaction_id == found.transaction_id
        at = said.success_at if said is not None and is_same and said.total_fen == found.ours_fen else None
    return at is not None and at.astimezone(BEIJING).date() != found.day


_WAYS: Mapping[str, Callable[[Desk, Kept], bool]] = {
    "settle": _settle,
    "finish_refund": _finish_refund,
    "import_refund": _import_refund,
    "grant": _grant,
    "ask": _ask,
}
