"""The operator at the till."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from commands import orders
from infra.clock import ManualClock
from infra.settings import load
from infra.stores import open_database
from payments.errors import PaymentDiffers
from payments.order import Order
from payments.refund import DAYS_OF_TRYING, QUICK_TRIES
from tests.flows.courses import CRAWLER
from tests.flows.follower import Follower
from tests.flows.town import Town
from tests.unit.commands.conftest import Keban
from tests.unit.payments.counter import MEI, Counter
from tests.unit.payments.test_till_care import days, paid_twice, refusing, taking

WriteConfig = Callable[[dict[str, Any]], str]


@pytest.fixture
def anna(town: Town) -> Follower:
    return town.new_follower().log_in()


def test_without_orders_the_list_says_so(keban: Keban, config: str) -> None:
    keban("--config", config, "db", "upgrade")
    outcome = keban("--config", config, "orders", "list")
    assert (outcome.status, outcome.out) == (0, "还没有订单。\n")


def test_the_list_holds_number_state_price_and_title(keban: Keban, town: Town, anna: Follower) -> None:
    order_no = anna.buy(CRAWLER)
    out = keban("--config", str(town.config), "orders", "list").out
    line = next(line for line in out.splitlines() if order_no in line)
    assert "fulfilled" in line and "¥99" in line and CRAWLER in line


def test_an_order_is_shown_with_all_that_belongs_to_it(keban: Keban, town: Town, anna: Follower) -> None:
    order_no = anna.buy(CRAWLER)
    out = keban("--config", str(town.config), "orders", "show", order_no).out
    for part in (
        anna.openid,
        "ledger   ¥99",
        f"attempt  {order_no}",
        "success",
        "grant    crawler-one  active",
    ):
        assert part in out


def test_an_order_that_is_not_there_is_one(keban: Keban, town: Town) -> None:
    for words in (["orders", "show", "NOSUCHORDER"], ["refund", "NOSUCHORDER", "--reason", "x"]):
        outcome = keban("--config", str(town.config), *words)
        assert outcome.status == 1 and "NOSUCHORDER" in outcome.err


def test_a_whole_refund_takes_the_course_back_and_tells_the_follower(
    keban: Keban, town: Town, anna: Follower
) -> None:
    order_no = anna.buy(CRAWLER)
    outcome = keban("--config", str(town.config), "refund", order_no, "--reason", "客人不满意")
    assert outcome.status == 0 and "¥99" in outcome.out
    assert order_no in anna.await_push("已经原路退回")
    shown = keban("--config", str(town.config), "orders", "show", order_no).out
    assert "客人不满意" in shown and "ledger   ¥0" in shown and "revoked" in shown


def test_a_partial_refund_leaves_the_course_open(keban: Keban, town: Town, anna: Follower) -> None:
    order_no = anna.buy(CRAWLER)
    outcome = keban("--config", str(town.config), "refund", order_no, "--fen", "100", "--reason", "迟到")
    assert outcome.status == 0 and "¥1" in outcome.out
    anna.await_push("已经原路退回")
    assert (
        "grant    crawler-one  active" in keban("--config", str(town.config), "orders", "show", order_no).out
    )


def test_more_than_was_paid_is_refused(keban: Keban, town: Town, anna: Follower) -> None:
    order_no = anna.buy(CRAWLER)
    outcome = keban("--config", str(town.config), "refund", order_no, "--fen", "9901", "--reason", "x")
    assert outcome.status == 1
    assert town.rooms.shop.till.show(order_no).refunds == []


@pytest.mark.parametrize("fen", ["0", "-1"])
def test_an_amount_that_is_none_is_two_with_an_example(
    keban: Keban, town: Town, anna: Follower, fen: str
) -> None:
    outcome = keban("--config", str(town.config), "refund", "A1", f"--fen={fen}", "--reason", "x")
    assert outcome.status == 2 and "9900 is ¥99" in outcome.err


def test_before_the_tables_are_there_the_list_says_what_to_run(keban: Keban, config: str) -> None:
    outcome = keban("--config", config, "orders", "list")
    assert outcome.status == 2
    assert (
        "nothing is set up yet at sqlite:///" in outcome.err and "python manage.py db upgrade" in outcome.err
    )
    assert "for the demo's orders: KEBAN_DATABASE__URL=sqlite:///var/demo/keban.db" in outcome.err


def test_tables_of_another_version_are_not_taken_for_none(keban: Keban, config: str) -> None:
    keban("--config", config, "db", "upgrade")
    db = open_database(load(Path(config)))
    with db.transaction() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    db.close()
    outcome = keban("--config", config, "orders", "list")
    assert outcome.status == 2 and "the tables are not those of this version" in outcome.err
    assert "nothing is set up" not in outcome.err and "python manage.py db upgrade" in outcome.err


# Books with a history: written by a till beside the command, which then looks at the same database


@pytest.fixture
def counter(keban: Keban, config: str, clock: ManualClock) -> Iterator[Counter]:
    """A till on the database of ``config``, whose gateway does what a test wants."""
    keban("--config", config, "db", "upgrade")
    db = open_database(load(Path(config)))
    yield Counter.opened(db, clock)
    db.close()


def given_up(counter: Counter) -> tuple[Order, str]:
    """An order that was paid twice, and a month of refusals; with the payment that was one too many."""
    order, surplus = paid_twice(counter)
    refusing(counter)
    days(counter, QUICK_TRIES + DAYS_OF_TRYING)
    taking(counter)
    return order, surplus


def test_the_books_are_read_without_anything_of_wechat(
    keban: Keban, values: dict[str, Any], write_config: WriteConfig, counter: Counter
) -> None:
    order, _ = counter.bought()
    values["pay"]["private_key"] = "/no/such/key.pem"
    values["redis"] = {"url": "redis://127.0.0.1:1/0"}
    config = write_config({name: part for name, part in values.items() if name != "wechat"})
    listed = keban("--config", config, "orders", "list")
    assert (listed.status, listed.err) == (0, "") and order.order_no in listed.out
    shown = keban("--config", config, "orders", "show", order.order_no)
    assert (shown.status, shown.err) == (0, "") and "ledger   ¥99" in shown.out


def test_trouble_is_marked_while_it_lasts(keban: Keban, config: str, counter: Counter) -> None:
    order, out_trade_no = counter.paid()
    plain, _ = counter.bought(MEI)
    with pytest.raises(PaymentDiffers):
        counter.tell(out_trade_no, total_fen=1)
    listed = keban("--config", config, "orders", "list").out.splitlines()
    assert [line.split()[0] for line in listed if "!!" in line] == [order.order_no]
    assert any(plain.order_no in line for line in listed)
    shown = keban("--config", config, "orders", "show", order.order_no).out
    assert shown.splitlines()[0].endswith("!!") and "!! 1 fen instead of 9900" in shown
    counter.tell(out_trade_no)
    assert "!!" not in keban("--config", config, "orders", "list").out
    shown = keban("--config", config, "orders", "show", order.order_no).out
    assert "!!" not in shown and "resolved: 1 fen instead of 9900" in shown


def test_an_old_order_in_trouble_is_still_in_the_list(
    keban: Keban, config: str, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "MAX_ROWS", 1)
    order, out_trade_no = counter.paid()
    with pytest.raises(PaymentDiffers):
        counter.tell(out_trade_no, total_fen=1)
    counter.clock.advance(60)
    newest, _ = counter.bought(MEI)
    counter.clock.advance(-30)
    counter.order("oWu_follower_0000000000003c")
    lines = keban("--config", config, "orders", "list").out.splitlines()
    assert [line.split()[0] for line in lines] == [newest.order_no, order.order_no]


def test_a_payment_without_a_use_is_sent_back_when_nothing_else_is_left(
    keban: Keban, config: str, counter: Counter
) -> None:
    order, surplus = given_up(counter)
    counter.refunded(order.order_no)
    outcome = keban("--config", config, "refund", order.order_no, "--reason", "多付的一笔")
    assert outcome.status == 0, outcome.err
    assert f"{surplus}R02  created  ¥99  (of payment {surplus}, which the order had no use for" in outcome.out
    assert "WeChat Pay has not taken it yet" in outcome.out
    assert counter.till.show(order.order_no).refunds[-1].out_trade_no == surplus


def test_of_two_payments_none_is_chosen_until_it_is_named(
    keban: Keban, config: str, counter: Counter
) -> None:
    order, surplus = given_up(counter)
    outcome = keban("--config", config, "refund", order.order_no, "--reason", "多付的一笔")
    assert outcome.status == 2
    assert order.order_no in outcome.err and f"refund {surplus} leaves the course open" in outcome.err
    assert counter.books().pending == 0
    named = keban("--config", config, "refund", surplus, "--fen", "100", "--reason", "多付的一笔")
    assert named.status == 0 and "¥1  (of payment" in named.out
    (waiting,) = [one for one in counter.till.show(order.order_no).refunds if one.status == "created"]
    assert (waiting.out_trade_no, waiting.fen) == (surplus, 100)


def test_the_orders_own_payment_can_be_named_too(keban: Keban, config: str, counter: Counter) -> None:
    order, _ = given_up(counter)
    own = counter.till.show(order.order_no).own
    assert own is not None
    outcome = keban("--config", config, "refund", own.out_trade_no, "--reason", "客人不满意")
    assert outcome.status == 0 and f"{own.out_trade_no}R01" in outcome.out
    assert "no use" not in outcome.out


def test_a_refund_that_waits_is_tried_again_and_not_made_twice(
    keban: Keban, config: str, counter: Counter
) -> None:
    order, _ = counter.bought()
    counter.gateway.down = True
    waiting = counter.till.refund(order.order_no, None, "不想学了")
    days(counter, 3)
    outcome = keban("--config", config, "refund", order.order_no, "--reason", "余额充好了")
    assert outcome.status == 0
    assert f"{waiting.out_refund_no}  created  ¥99  (tried again" in outcome.out
    (left,) = counter.till.show(order.order_no).refunds
    assert left.tries == 1


def test_a_refund_that_goes_as_it_should_is_not_asked_for_twice(
    keban: Keban, config: str, counter: Counter
) -> None:
    order, _ = counter.bought()
    counter.till.refund(order.order_no, None, "不想学了")
    outcome = keban("--config", config, "refund", order.order_no, "--reason", "再来")
    assert outcome.status == 1 and "nothing to refund" in outcome.err
