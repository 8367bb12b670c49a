"""The worker's round through the till every minute: ask, close, refund, expire, forget. Bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from infra.log import get_logger
from payments import attempt as attempts_of
from payments import grant as grants_of
from payments.ask import ask_due
from payments.attempt import Attempt
from payments.close import close, due_orders
from payments.desk import Desk
from payments.forget import forget_notifications
from payments.gateway import GatewayRefused, GatewayUnavailable
from payments.submit_refund import due_refunds, push

log = get_logger("payments")

PER_RUN = 50
SILENCES_BEFORE_STOPPING = 3  # the gateway is down: no use in waiting for fifty timeouts


def sweep(desk: Desk, limit: int = PER_RUN) -> int:
    """Does up to ``limit`` due steps of each kind; returns how many were tried."""
    tried = silences = 0
    for step in _steps(desk, limit):
        tried += 1
        try:
            step()
        except GatewayRefused as refusal:
            log.warning("sweep_step_refused", cause=str(refusal))
        except GatewayUnavailable as error:
            silences += 1
            log.warning("sweep_step_unanswered", cause=str(error))
            if silences >= SILENCES_BEFORE_STOPPING:
                break
    return tried


def _steps(desk: Desk, limit: int) -> Iterator[Callable[[], object]]:
    """Each kind is looked up when its turn comes: asking may have settled what would have been closed."""
    yield partial(_expire_grants, desk, limit)
    yield partial(forget_notifications, desk, limit)
    yield from (partial(push, desk, waiting) for waiting in due_refunds(desk, limit))
    yield from (partial(ask_due, desk, attempt) for attempt in _due_attempts(desk, limit))
    yield from (partial(close, desk, order_no) for order_no in due_orders(desk, limit))


def _due_attempts(desk: Desk, limit: int) -> list[Attempt]:
    with desk.db.reading() as conn:
        return attempts_of.due(conn, desk.now(), limit)


def _expire_grants(desk: Desk, limit: int) -> None:
    with desk.db.transaction() as conn:
        grants_of.expire_due(conn, desk.now(), limit)
