from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from payments.errors import NotificationRefused, PaymentDiffers
from payments.tables import notifications
from tests.unit.payments.counter import Counter


def inbox(counter: Counter) -> list[Any]:
    with counter.db.reading() as conn:
        return list(conn.execute(select(notifications).order_by(notifications.c.id)))


@pytest.fixture
def commits() -> Iterator[list[str]]:
    """Each commit of any database, from here on."""
    seen: list[str] = []

    def note(_conn: object) -> None:
        seen.append("commit")

    event.listen(Engine, "commit", note)
    yield seen
    event.remove(Engine, "commit", note)


def test_keeping_and_settling_is_one_commit(counter: Counter, commits: list[str]) -> None:
    _, out_trade_no = counter.paid()
    commits.clear()
    counter.tell(out_trade_no)
    assert len(commits) == 1
    assert [kept.status for kept in inbox(counter)] == ["done"]


def test_what_could_not_be_settled_is_not_kept_and_settles_when_it_is_repeated(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, out_trade_no = counter.paid()
    delivery = counter.gateway.payment_notice(out_trade_no)
    with monkeypatch.context() as broken, pytest.raises(ZeroDivisionError):
        broken.setattr("payments.settle.fulfil", lambda *_args: 1 // 0)
        counter.till.notified(*delivery)
    assert (inbox(counter), counter.status(order)) == ([], "awaiting_payment")
    counter.till.notified(*delivery)
    assert counter.status(order) == "fulfilled"


def test_a_notification_is_kept_raw_once_and_marked_done(counter: Counter) -> None:
    _, out_trade_no = counter.paid()
    headers, body = counter.gateway.payment_notice(out_trade_no)
    for _ in range(3):
        counter.till.notified(headers, body)
    (kept,) = inbox(counter)
    assert (kept.status, kept.kind, kept.body, kept.deliveries) == ("done", "payment", body.decode(), 3)


def test_a_lying_notification_is_kept_as_evidence(counter: Counter) -> None:
    _, out_trade_no = counter.paid()
    with pytest.raises(PaymentDiffers):
        counter.tell(out_trade_no, total_fen=1)
    (kept,) = inbox(counter)
    assert (kept.status, kept.last_error) == ("refused", "1 fen instead of 9900")


def test_a_refused_notification_is_looked_at_again_when_it_is_repeated(counter: Counter) -> None:
    _, out_trade_no = counter.paid()
    delivery = counter.gateway.payment_notice(out_trade_no, total_fen=1)
    for _ in range(2):
        with pytest.raises(PaymentDiffers):
            counter.till.notified(*delivery)
    (kept,) = inbox(counter)
    assert kept.deliveries == 2


def test_what_is_not_signed_leaves_no_row(counter: Counter) -> None:
    _, out_trade_no = counter.paid()
    _, body = counter.gateway.payment_notice(out_trade_no)
    with pytest.raises(NotificationRefused):
        counter.till.notified({}, body)
    assert inbox(counter) == []


def test_a_refund_notification_is_kept_too(counter: Counter) -> None:
    order, _ = counter.bought()
    counter.refunded(order.order_no)
    assert [(kept.kind, kept.status) for kept in inbox(counter)] == [("payment", "done"), ("refund", "done")]


def test_a_settled_notification_is_forgotten_after_its_time_and_evidence_is_not(counter: Counter) -> None:
    _, out_trade_no = counter.paid()
    with pytest.raises(PaymentDiffers):
        counter.tell(out_trade_no, total_fen=1)
    counter.tell(out_trade_no)
    counter.clock.advance(99 * 24 * 3600)
    counter.till.sweep()
    assert len(inbox(counter)) == 2
    counter.clock.advance(2 * 24 * 3600)
    counter.till.sweep()
    assert [kept.status for kept in inbox(counter)] == ["refused"]
