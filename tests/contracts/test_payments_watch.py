"""What an operator is told of, and what he does by hand, on SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from infra.clock import ManualClock
from infra.database import Database
from infra.outbox import outbox as parcels
from payments import alerts, operator
from payments.alert_tables import alerts as table
from payments.bill_tables import bills
from payments.errors import NotificationRefused, PaymentDiffers, TermOver
from payments.grant import running_of
from payments.operator import NothingToDismiss, NothingToEnd
from payments.reconcile import reconcile
from payments.refund import DAYS_OF_TRYING, QUICK_TRIES
from payments.tables import grants, orders
from payments.verification import MANY, Tally, flush
from payments.watch import MOST_TOLD, watch
from tests.unit.payments.counter import CRAWLER, LIN, MEI, Counter
from tests.unit.payments.test_till_care import bought_twice, calls_care, days, paid_twice, refusing
from tests.unit.payments.test_till_close import desk

ANNA = "oAnna_operator_000000000001"
BY: Any = {"reason": "客服答应的", "actor": "operator:anna"}


@pytest.fixture
def counter(database: Database, clock: ManualClock) -> Counter:
    return Counter.opened(database, clock)


def look(counter: Counter) -> list[tuple[str, str, str]]:
    """What is news to the operator; the worker has delivered all that waited."""
    with counter.db.transaction() as conn:
        conn.execute(update(parcels).values(status="done"))
    return seen(counter)


def seen(counter: Counter) -> list[tuple[str, str, str]]:
    return [(one.what, one.matter.word, one.matter.about) for one in watch(desk(counter), [ANNA])]


def told(counter: Counter) -> list[dict[str, Any]]:
    with counter.db.reading() as conn:
        return list(conn.execute(select(parcels.c.payload).where(parcels.c.topic == "alert")).scalars())


def not_opened(counter: Counter) -> str:
    order, _ = counter.bought()
    with counter.db.transaction() as conn:
        conn.execute(delete(grants))
    return order.order_no


def test_a_till_without_trouble_says_nothing(counter: Counter) -> None:
    counter.bought()
    order, _ = counter.bought(MEI)
    counter.refunded(order.order_no)
    counter.prepared(offer=replace(CRAWLER, item_id="go-web"))
    counter.clock.advance(61)
    assert look(counter) == [] and told(counter) == []


def test_what_was_paid_and_is_not_open_after_a_minute_is_told_once(counter: Counter) -> None:
    order_no = not_opened(counter)
    assert look(counter) == []
    counter.clock.advance(60)
    assert look(counter) == [("begins", "unopened", order_no)]
    counter.clock.advance(60)
    assert look(counter) == []
    (message,) = told(counter)
    assert message["openid"] == ANNA
    assert message["news"] == [{"what": "begins", "word": "unopened", "about": order_no, "figure": 9900}]
    assert LIN not in str(message["news"])


def test_a_day_later_it_is_told_again_and_at_the_end_once(counter: Counter) -> None:
    order_no = not_opened(counter)
    counter.clock.advance(60)
    look(counter)
    counter.clock.advance(86_400)
    assert look(counter) == [("stands", "unopened", order_no)]
    operator.give(desk(counter), LIN, ("course", CRAWLER.item_id), "forever", **BY)
    reconcile(desk(counter), date(2026, 1, 5), repairs=("grant",))
    assert look(counter) == [("over", "unopened", order_no)]
    counter.clock.advance(60)
    assert look(counter) == []


def test_what_ended_and_comes_back_begins_anew(counter: Counter) -> None:
    order_no = not_opened(counter)
    counter.clock.advance(60)
    look(counter)
    with counter.db.transaction() as conn:
        conn.execute(update(orders).values(is_gift=True))
    assert look(counter) == [("over", "unopened", order_no)]
    with counter.db.transaction() as conn:
        conn.execute(update(orders).values(is_gift=False))
    assert look(counter) == [("begins", "unopened", order_no)]


def test_surplus_money_is_told_until_it_is_back(counter: Counter) -> None:
    order, _ = paid_twice(counter)
    assert look(counter) == [("begins", "surplus", order.order_no)]
    counter.till.sweep()
    (out_refund_no,) = counter.gateway.refunds
    counter.gateway.refund_ends(out_refund_no)
    counter.tell_refund(out_refund_no)
    assert look(counter) == [("over", "surplus", order.order_no)]


def test_a_difference_is_told_by_its_day(counter: Counter) -> None:
    counter.bought()
    counter.gateway.tamper = lambda moved: []
    counter.clock.advance(86_400)
    reconcile(desk(counter), date(2026, 1, 5))
    assert look(counter) == [("begins", "difference", "2026-01-05")]
    counter.gateway.tamper = lambda moved: moved
    reconcile(desk(counter), date(2026, 1, 5))
    assert look(counter) == [("over", "difference", "2026-01-05")]


def test_a_bill_that_was_given_up_is_told(counter: Counter) -> None:
    counter.bought()
    counter.clock.advance(86_400)
    reconcile(desk(counter), date(2026, 1, 5))
    with counter.db.transaction() as conn:
        conn.execute(update(bills).values(status="failed"))
    assert look(counter) == [("begins", "unread", "2026-01-05")]
    counter.clock.advance(90 * 86_400)
    assert look(counter) == [("over", "unread", "2026-01-05")], "WeChat does not have it any more"


def test_notifications_that_were_refused_are_told_for_a_day(counter: Counter) -> None:
    _, out_trade_no = counter.paid()
    with pytest.raises(PaymentDiffers):
        counter.tell(out_trade_no, total_fen=1)
    assert look(counter) == [("begins", "refused", "notifications")]
    counter.tell(out_trade_no)
    counter.clock.advance(26 * 3600)
    assert look(counter) == [("over", "refused", "notifications")]


def test_receipts_that_do_not_go_are_told(counter: Counter) -> None:
    counter.bought()
    counter.clock.advance(120)
    assert seen(counter) == [("begins", "overdue", "outbox")]
    assert look(counter) == [("over", "overdue", "outbox")]


def test_signatures_that_fail_are_counted_and_written_down_once(counter: Counter) -> None:
    """A flood touches the store once a minute, and single failures not at all."""
    tally = Tally()
    for _ in range(MANY - 1):
        tally.add()
    assert flush(desk(counter), tally) == 0 and look(counter) == []
    for _ in range(10_000):
        tally.add()
    assert flush(desk(counter), tally) == 10_000 + MANY - 1
    assert flush(desk(counter), tally) == 0
    assert look(counter) == [("begins", "verification", "signatures")]
    counter.clock.advance(1_000)
    assert look(counter) == []
    counter.clock.advance(1_000)
    assert look(counter) == [("over", "verification", "signatures")]


def test_a_forged_notification_is_counted_without_a_write(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    tally = Tally()
    monkeypatch.setattr("payments.notify.FAILED", tally)
    monkeypatch.setattr(counter.db, "transaction", lambda **_: pytest.fail("a forged one reached the store"))
    monkeypatch.setattr(counter.db, "reading", lambda: pytest.fail("a forged one reached the store"))
    for _ in range(MANY):
        with pytest.raises(NotificationRefused):
            counter.till.notified({"Signed": "by nobody"}, b"{}")
    assert tally.take(1) == MANY


def test_one_message_holds_all_and_says_how_many_more(counter: Counter) -> None:
    for number in range(MOST_TOLD + 2):
        counter.bought(f"oSomebody_{number:018d}")
    with counter.db.transaction() as conn:
        conn.execute(delete(grants))
        conn.execute(delete(parcels))
    counter.clock.advance(60)
    assert len(look(counter)) == MOST_TOLD + 2
    (message,) = told(counter)
    assert (len(message["news"]), message["more"]) == (MOST_TOLD, 2)


def test_without_operators_it_stands_in_the_table_and_the_figures(counter: Counter) -> None:
    not_opened(counter)
    counter.clock.advance(60)
    assert len(watch(desk(counter))) == 1 and told(counter) == []
    with counter.db.reading() as conn:
        found = alerts.counts(conn)
        assert conn.execute(select(table.c.told_at)).scalar_one() == counter.clock.now()
    assert found == {"unopened": 1, "surplus": 0, "difference": 0, "backlog": 0, "verification": 0}


def test_an_operator_grants_and_takes_away(counter: Counter) -> None:
    made = operator.give(desk(counter), LIN, ("course", CRAWLER.item_id), "30d", **BY)
    (entry,) = operator.notes(desk(counter), [LIN])
    assert made.source == f"operator:{entry.id}"
    assert (entry.action, entry.actor, entry.reason) == ("grant", "operator:anna", "客服答应的")
    assert counter.till.may_read(LIN, CRAWLER.item_id)
    (ended,) = operator.take_away(desk(counter), LIN, item=("course", CRAWLER.item_id), **BY)
    assert ended.source == made.source and not counter.till.may_read(LIN, CRAWLER.item_id)
    with pytest.raises(NothingToEnd):
        operator.take_away(desk(counter), LIN, item=("course", CRAWLER.item_id), **BY)
    assert [entry.action for entry in operator.notes(desk(counter), [LIN])] == ["grant", "revoke"]


def test_taking_an_orders_access_away_leaves_what_else_opens_the_course(counter: Counter) -> None:
    order, _ = counter.bought()
    operator.give(desk(counter), LIN, ("course", CRAWLER.item_id), "forever", **BY)
    (ended,) = operator.take_away(desk(counter), LIN, order_no=order.order_no, **BY)
    assert ended.source == f"order:{order.order_no}"
    with counter.db.reading() as conn:
        assert len(running_of(conn, LIN, counter.clock.now())) == 1
    with pytest.raises(NothingToEnd):
        operator.take_away(desk(counter), MEI, order_no=order.order_no, **BY)


def test_a_term_that_has_passed_is_not_granted(counter: Counter) -> None:
    with pytest.raises(TermOver):
        operator.give(desk(counter), LIN, ("course", CRAWLER.item_id), "2025-12-31", **BY)
    assert operator.notes(desk(counter), [LIN]) == []


def test_a_mark_is_taken_off_with_a_reason(counter: Counter) -> None:
    order, out_trade_no = counter.paid()
    with pytest.raises(PaymentDiffers):
        counter.tell(out_trade_no, total_fen=1)
    assert calls_care(counter, order)
    operator.dismiss(desk(counter), order.order_no, **BY)
    assert not calls_care(counter, order)
    assert [entry.action for entry in operator.notes(desk(counter), [order.order_no])] == ["dismiss"]
    with pytest.raises(NothingToDismiss):
        operator.dismiss(desk(counter), order.order_no, **BY)


def test_money_that_opened_nothing_can_be_dismissed_too(counter: Counter) -> None:
    order = bought_twice(counter)
    refusing(counter)
    days(counter, QUICK_TRIES + DAYS_OF_TRYING)
    assert calls_care(counter, order)
    operator.dismiss(desk(counter), order.order_no, **BY)
    assert not calls_care(counter, order)
    assert ("begins", "surplus", order.order_no) not in look(counter)


def test_a_difference_is_ended_with_a_reason(counter: Counter) -> None:
    counter.bought()
    counter.gateway.tamper = lambda moved: []
    counter.clock.advance(86_400)
    (found,) = reconcile(desk(counter), date(2026, 1, 5)).left
    operator.dismiss_difference(desk(counter), found.id, **BY)
    assert reconcile(desk(counter), date(2026, 1, 5)).left == []
    with pytest.raises(NothingToDismiss):
        operator.dismiss_difference(desk(counter), found.id, **BY)
