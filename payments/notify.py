"""What WeChat Pay tells us by itself.

Verify, keep the raw notification, settle. Whatever fails here is raised, so that the page answers 4xx or 5xx
and WeChat tells us again (15 times within a day); nothing is acknowledged before it is committed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection, select, update

from infra.database import insert_if_absent
from infra.log import get_logger, trace_of, tracing
from infra.metrics import REFUSALS
from payments.desk import Desk
from payments.errors import NotificationRefused, PaymentDiffers
from payments.finish_refund import RefundSettled, finish_refund, report_refund
from payments.gateway import Notice, Payment, RefundFact
from payments.settle import Settled, report, settle
from payments.tables import notifications

log = get_logger("payments")

Fact = TypeVar("Fact")


def notified(desk: Desk, headers: Mapping[str, str], body: bytes) -> str:
    """Takes a payment notification in, and gives its trace (`infra.log.tracing`): the same for each delivery.

    Raises NotificationRefused (not WeChat's) or PaymentDiffers.
    """
    notice = _open(desk.gateway.open_payment, headers, body)
    _expect(notice.event_type == "TRANSACTION.SUCCESS", notice.event_type)
    trace = trace_of(notice.id)
    with tracing(trace):
        _take_payment(desk, notice)
    return trace


def refund_notified(desk: Desk, headers: Mapping[str, str], body: bytes) -> str:
    """Takes a refund notification in, likewise. Raises NotificationRefused or PaymentDiffers."""
    notice = _open(desk.gateway.open_refund, headers, body)
    _expect(notice.event_type.startswith("REFUND."), notice.event_type)
    trace = trace_of(notice.id)
    with tracing(trace):
        _take_refund(desk, notice)
    return trace


def _take_payment(desk: Desk, notice: Notice[Payment]) -> None:
    if not _keep(desk, notice, "payment"):
        return
    settled = desk.write(partial(_settle, desk, notice))
    report(settled)
    if not settled.is_good:
        raise PaymentDiffers(f"notification {notice.id} does not match: {settled.cause or settled.result}")


def _take_refund(desk: Desk, notice: Notice[RefundFact]) -> None:
    if not _keep(desk, notice, "refund"):
        return
    settled = desk.write(partial(_finish_refund, desk, notice))
    report_refund(settled)
    if not settled.is_good:
        raise PaymentDiffers(f"notification {notice.id} does not match: {settled.cause or settled.result}")


def _settle(desk: Desk, notice: Notice[Payment], conn: Connection) -> Settled:
    settled = settle(conn, notice.fact, desk.gateway.merchant, desk.now())
    _mark(conn, notice.id, settled.is_good, settled.cause or settled.result, desk.now())
    return settled


def _finish_refund(desk: Desk, notice: Notice[RefundFact], conn: Connection) -> RefundSettled:
    settled = finish_refund(conn, notice.fact, desk.gateway.merchant, desk.now())
    _mark(conn, notice.id, settled.is_good, settled.cause or settled.result, desk.now())
    return settled


def _open(
    opener: Callable[[Mapping[str, str], bytes], Notice[Fact]], headers: Mapping[str, str], body: bytes
) -> Notice[Fact]:
    """One signature check, and nothing else is touched by what fails it."""
    try:
        return opener(headers, body)
    except NotificationRefused as refusal:
        REFUSALS.labels(door="pay", cause=refusal.cause).inc()
        if refusal.quiet:
            log.info("notification_probe_refused")
        else:
            log.warning("notification_refused", cause=refusal.cause, why=refusal.message)
        raise


def _expect(is_right: bool, event_type: str) -> None:
    if not is_right:
        REFUSALS.labels(door="pay", cause="event").inc()
        raise NotificationRefused("event", f"event {event_type[:40]!r} does not belong at this address")


def _keep(desk: Desk, notice: Notice[Fact], kind: str) -> bool:
    """Puts the notification into the inbox; False when one with this id has been done already."""
    now = desk.now()
    row = {
        "id": notice.id,
        "kind": kind,
        "event_type": notice.event_type,
        "body": notice.body.decode(),
        "status": "received",
        "deliveries": 1,
        "last_error": "",
        "received_at": now,
        "updated_at": now,
    }
    # Not waiting for the disk: this row is evidence, and WeChat repeats what we have not acknowledged.
    return desk.write(partial(_keep_row, row, now), durable=False)


def _keep_row(row: dict[str, object], now: datetime, conn: Connection) -> bool:
    """Counted first and inserted second: the other way round, two deliveries at once deadlock on InnoDB."""
    is_row = notifications.c.id == row["id"]
    again = update(notifications).where(is_row)
    again = again.values(deliveries=notifications.c.deliveries + 1, updated_at=now)
    if not conn.execute(again).rowcount and insert_if_absent(conn, notifications, row):
        return True
    return bool(conn.execute(select(notifications.c.status).where(is_row)).scalar_one() != "done")


def _mark(conn: Connection, notice_id: str, is_good: bool, cause: str, now: datetime) -> None:
    """In the settling transaction: a notification is done exactly when its money is."""
    conn.execute(
        update(notifications)
        .where(notifications.c.id == notice_id)
        .values(
            status="done" if is_good else "refused",
            last_error="" if is_good else cause[:300],
            updated_at=now,
        )
    )
