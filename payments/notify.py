"""What WeChat Pay tells us by itself.

Verify, then settle and keep the raw notification in one transaction. Whatever fails here is raised, so that
the page answers 4xx or 5xx and WeChat tells us again (15 times within a day); nothing is acknowledged before
it is committed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import and_, bindparam, select, update

from infra.log import get_logger, trace_of, tracing
from infra.metrics import REFUSALS
from infra.statement import Change, row_or
from infra.thinned import Thinned
from infra.together import Together
from payments.desk import Desk
from payments.errors import NotificationRefused, PaymentDiffers
from payments.finish_refund import RefundSettled, finish_refund, report_refund
from payments.gateway import Notice, Payment, RefundFact
from payments.settle import settle
from payments.settled import Settled, report
from payments.tables import notifications
from payments.verification import FAILED

log = get_logger("payments")
refused = Thinned(log)  # anybody may knock here

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
    if _is_done(desk, notice.id):
        return
    settled = desk.write_together(partial(_settle, desk, notice))
    report(settled)
    _require_good(settled, notice.id)


def _take_refund(desk: Desk, notice: Notice[RefundFact]) -> None:
    if _is_done(desk, notice.id):
        return
    settled = desk.write_together(partial(_finish_refund, desk, notice))
    report_refund(settled)
    _require_good(settled, notice.id)


def _settle(desk: Desk, notice: Notice[Payment], writing: Together) -> Settled:
    now = desk.now()
    settled = settle(writing, notice.fact, desk.gateway.merchant, now)
    writing.must(_kept(notice, "payment", settled, now))
    return settled


def _finish_refund(desk: Desk, notice: Notice[RefundFact], writing: Together) -> RefundSettled:
    now = desk.now()
    settled = finish_refund(writing.conn, notice.fact, desk.gateway.merchant, now)
    writing.must(_kept(notice, "refund", settled, now))
    return settled


def _require_good(settled: Settled | RefundSettled, notice_id: str) -> None:
    if not settled.is_good:
        raise PaymentDiffers(f"notification {notice_id} does not match: {settled.cause or settled.result}")


def _open(
    opener: Callable[[Mapping[str, str], bytes], Notice[Fact]], headers: Mapping[str, str], body: bytes
) -> Notice[Fact]:
    """One signature check, and nothing else is touched by what fails it."""
    try:
        return opener(headers, body)
    except NotificationRefused as refusal:
        REFUSALS.labels(door="pay", cause=refusal.cause).inc()
        if refusal.quiet:
            log.debug("notification_probe_refused")
        else:
            FAILED.add()
            refused.warning("notification_refused", cause=refusal.cause, why=refusal.message)
        raise


def _expect(is_right: bool, event_type: str) -> None:
    if not is_right:
        REFUSALS.labels(door="pay", cause="event").inc()
        raise NotificationRefused("event", f"event {event_type[:40]!r} does not belong at this address")


def _is_done(desk: Desk, notice_id: str) -> bool:
    """Whether a notification with this id has been done already: then this delivery is only counted.

    Asked outside of the settling transaction, so a repeat costs no commit that waits for the disk. Two first
    deliveries at once both pass here, and settling tells them apart.
    """
    if not desk.look_up(_DONE)(notice=notice_id):
        return False
    is_done = and_(notifications.c.id == notice_id, notifications.c.status == "done")
    again = update(notifications).where(is_done).values(**_one_more(desk.now()))
    desk.write(lambda conn: conn.execute(again), durable=False)
    return True


_DONE = select(notifications.c.id).where(
    notifications.c.id == bindparam("notice", type_=notifications.c.id.type), notifications.c.status == "done"
)


def _kept(notice: Notice[Fact], kind: str, settled: Settled | RefundSettled, now: datetime) -> Change:
    """In the settling transaction: a notification is done exactly when its money is, and what was refused is
    kept as evidence. If settling raises, nothing is kept, and WeChat tells us again.
    """
    row = {
        "id": notice.id,
        "kind": kind,
        "event_type": notice.event_type,
        "body": notice.body.decode(),
        "status": "done" if settled.is_good else "refused",
        "deliveries": 1,
        "last_error": "" if settled.is_good else (settled.cause or settled.result)[:300],
        "received_at": now,
        "updated_at": now,
    }
    return row_or(notifications, row, _delivered_again)


def _delivered_again(new: Any) -> dict[str, Any]:
    came_of_it = {name: new[name] for name in ("status", "last_error", "updated_at")}
    return came_of_it | {"deliveries": notifications.c.deliveries + 1}


def _one_more(now: datetime) -> dict[str, Any]:
    return {"deliveries": notifications.c.deliveries + 1, "updated_at": now}
