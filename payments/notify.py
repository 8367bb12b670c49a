"""What WeChat Pay tells us by itself.

Verify, then settle and keep the raw notification in one transaction. Whatever fails here is raised, so that
the page answers 4xx or 5xx and WeChat tells us again (15 times within a day); nothing is acknowledged before
it is committed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

from infra.log import get_logger, trace_of, tracing
from infra.metrics import REFUSALS
from infra.thinned import Thinned
from infra.together import Together
from payments.burst import Burst
from payments.desk import Desk
from payments.errors import NotificationRefused, PaymentDiffers
from payments.finish_refund import RefundSettled, finish_refund, report_refund
from payments.gateway import Notice, Payment, RefundFact
from payments.inbox import kept
from payments.settled import Settled, report
from payments.verification import FAILED

log = get_logger("payments")
refused = Thinned(log)  # anybody may knock here

Fact = TypeVar("Fact")


def notified(desk: Desk, burst: Burst, headers: Mapping[str, str], body: bytes) -> str:
    """Takes a payment notification in, and gives its trace (`infra.log.tracing`): the same for each delivery.

    Raises NotificationRefused (not WeChat's) or PaymentDiffers.
    """
    notice = _open(desk.gateway.open_payment, headers, body)
    _expect(notice.event_type == "TRANSACTION.SUCCESS", notice.event_type)
    trace = trace_of(notice.id)
    with tracing(trace):
        _take_payment(burst, notice)
    return trace


def refund_notified(desk: Desk, headers: Mapping[str, str], body: bytes) -> str:
    """Takes a refund notification in, likewise. Raises NotificationRefused or PaymentDiffers."""
    notice = _open(desk.gateway.open_refund, headers, body)
    _expect(notice.event_type.startswith("REFUND."), notice.event_type)
    trace = trace_of(notice.id)
    with tracing(trace):
        _take_refund(desk, notice)
    return trace


def _take_payment(burst: Burst, notice: Notice[Payment]) -> None:
    settled = burst.take(notice)
    report(settled)
    _require_good(settled, notice.id)


def _take_refund(desk: Desk, notice: Notice[RefundFact]) -> None:
    settled = desk.write_together(partial(_finish_refund, desk, notice))
    report_refund(settled)
    _require_good(settled, notice.id)


def _finish_refund(desk: Desk, notice: Notice[RefundFact], writing: Together) -> RefundSettled:
    now = desk.now()
    settled = finish_refund(writing.conn, notice.fact, desk.gateway.merchant, now)
    writing.must(kept(notice, "refund", settled, now))
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
