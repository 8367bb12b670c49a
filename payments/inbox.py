"""The inbox of notifications: each is kept as it came, once, with what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from infra.statement import Change, row_or
from payments.finish_refund import RefundSettled
from payments.gateway import Notice
from payments.settled import Settled
from payments.tables import notifications


def kept(notice: Notice[Any], kind: str, settled: Settled | RefundSettled, now: datetime) -> Change:
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
