"""The operator at the till."""

from __future__ import annotations

import pytest

from tests.flows.courses import CRAWLER
from tests.flows.follower import Follower
from tests.flows.town import Town
from tests.unit.commands.conftest import Keban


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
    assert outcome.status == 2 and "db upgrade" in outcome.err
