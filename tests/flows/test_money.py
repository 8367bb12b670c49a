"""Bad days of the till: the gateway's news lie, come twice, in the wrong order or not at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.clock import ManualClock
from payments.order_file import OrderFile
from payments.till import Till
from tests.flows.courses import CANARY, CRAWLER
from tests.flows.follower import Follower
from tests.flows.town import Town
from tests.waiting import until

LESSON = "/courses/crawler-one/work"
PRICE_FEN = 9900


def paid_on(follower: Follower) -> tuple[str, dict[str, Any]]:
    """An order that is paid at the platform; what the platform says of it."""
    order_no = follower.log_in().order_of(CRAWLER)
    paid = follower.pay(order_no)
    assert paid["status"] == "success", paid
    return order_no, paid


def books(town: Town, order_no: str) -> OrderFile:
    return town.rooms.shop.till.show(order_no)


def is_open_for(follower: Follower) -> bool:
    return CANARY in follower.get(LESSON).text


def assert_credited_once(town: Town, follower: Follower, order_no: str) -> None:
    file = books(town, order_no)
    assert file.order.status == "fulfilled"
    assert file.balance_fen == PRICE_FEN
    assert len(file.grants) == 1
    follower.await_push(order_no)
    assert len(follower.pushed(order_no)) == 1


def test_a_notification_that_lies_about_the_amount_opens_nothing(town: Town, anna: Follower) -> None:
    town.faults(lie_amount=True)
    order_no, paid = paid_on(anna)
    assert not paid["notified"]
    assert not is_open_for(anna)
    assert (books(town, order_no).balance_fen, books(town, order_no).grants) == (0, [])


def test_after_a_lie_the_truth_still_opens_the_course(town: Town, anna: Follower) -> None:
    town.faults(lie_amount=True)
    order_no, _ = paid_on(anna)
    assert anna.status(order_no, ask=True)["paid"]
    assert is_open_for(anna)
    assert_credited_once(town, anna, order_no)


@pytest.mark.parametrize("fault", ["wrong_key", "stale_timestamp"])
def test_a_notification_with_a_bad_signature_is_refused_until_a_good_one_comes(
    town: Town, anna: Follower, fault: str
) -> None:
    town.faults(**{fault: True})
    order_no, paid = paid_on(anna)
    assert town.notifications(paid["out_trade_no"])[0]["tries"][0]["status"] == 401
    assert not is_open_for(anna)
    town.faults()
    anna.until_status(order_no, lambda state: bool(state["paid"]))
    assert_credited_once(town, anna, order_no)


def test_a_notification_without_any_signature_is_refused(town: Town, anna: Follower) -> None:
    answer = anna.post("/pay/notify", json={"id": "x", "event_type": "TRANSACTION.SUCCESS", "resource": {}})
    assert answer.status_code == 401
    assert "Traceback" not in answer.text


def test_whatever_comes_to_the_notification_address_is_answered_in_json(anna: Follower) -> None:
    for answer in (anna.get("/pay/notify"), anna.post("/pay/refund-notify", data=b"\xff\xfe{")):
        assert answer.status_code >= 400
        assert answer.json()["code"] == "FAIL"


def test_the_signature_probe_of_wechat_pay_is_refused_and_the_real_one_taken(
    town: Town, anna: Follower
) -> None:
    town.faults(sign_test=1)
    order_no, paid = paid_on(anna)
    assert paid["notified"]
    assert_credited_once(town, anna, order_no)


def test_a_notification_that_comes_twice_at_once_credits_once(town: Town, anna: Follower) -> None:
    town.faults(duplicate=1)
    order_no, _ = paid_on(anna)
    assert_credited_once(town, anna, order_no)


def test_a_notification_that_comes_again_later_credits_once(town: Town, anna: Follower) -> None:
    order_no, paid = paid_on(anna)
    told = town.notifications(paid["out_trade_no"])[0]
    assert all(town.notify_again(told["id"]) for _ in range(3))
    assert_credited_once(town, anna, order_no)


def test_notifications_in_the_wrong_order_open_both_courses(
    town: Town, anna: Follower, bert: Follower
) -> None:
    town.faults(reorder=1)
    first, _ = paid_on(anna)
    second, _ = paid_on(bert)
    anna.until_status(first, lambda state: bool(state["paid"]))
    assert_credited_once(town, anna, first)
    assert_credited_once(town, bert, second)


def test_a_payment_that_is_told_after_its_refund_does_not_open_the_course_again(
    town: Town, anna: Follower
) -> None:
    town.faults(reorder=1)
    order_no, paid = paid_on(anna)
    assert anna.status(order_no, ask=True)["paid"]
    anna.say("退款")
    anna.say("退款 1")
    anna.await_push("已经原路退回")
    until(lambda: town.notifications(paid["out_trade_no"])[0]["tries"], "the held notification")
    assert books(town, order_no).order.status == "refunded"
    assert not is_open_for(anna)


def test_the_page_asks_the_gateway_when_no_notification_comes(town: Town, anna: Follower) -> None:
    town.faults(drop=1)
    order_no, _ = paid_on(anna)
    assert not anna.status(order_no)["paid"]
    assert anna.status(order_no, ask=True)["paid"]
    assert is_open_for(anna)
    assert_credited_once(town, anna, order_no)


def test_the_worker_asks_the_gateway_when_nobody_looks(town: Town, anna: Follower) -> None:
    town.faults(drop=1)
    order_no, _ = paid_on(anna)
    assert till_in_an_hour(town).sweep() >= 1
    assert is_open_for(anna)
    assert books(town, order_no).balance_fen == PRICE_FEN


def test_a_failed_question_is_not_taken_for_unpaid(town: Town, anna: Follower) -> None:
    town.faults(drop=1, query_error=True)
    order_no, _ = paid_on(anna)
    assert not anna.status(order_no, ask=True)["paid"]
    till_in_an_hour(town).sweep()
    assert books(town, order_no).order.status == "awaiting_payment"
    town.faults()
    till_in_an_hour(town, hours=2).sweep()
    assert is_open_for(anna)


def test_an_order_past_its_time_is_closed_and_bought_anew(town: Town, anna: Follower) -> None:
    order_no = anna.log_in().order_of(CRAWLER)
    till_in_an_hour(town, hours=3).sweep()
    assert "订单已经关闭" in anna.get(f"/pay/{order_no}").text
    refused = anna.post(f"/pay/{order_no}/prepay")
    assert refused.status_code == 409 and "关闭" in refused.json()["message"]
    assert anna.order_of(CRAWLER) != order_no


def test_a_double_tap_on_pay_makes_one_attempt(town: Town, anna: Follower) -> None:
    order_no = anna.log_in().order_of(CRAWLER)
    with ThreadPoolExecutor(6) as taps:
        answers = list(taps.map(lambda _: anna.post(f"/pay/{order_no}/prepay"), range(6)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["package"] for answer in answers}) == 1
    assert len(books(town, order_no).attempts) == 1


def test_a_double_tap_on_buy_makes_one_order(town: Town, anna: Follower) -> None:
    with ThreadPoolExecutor(4) as taps:
        list(taps.map(lambda _: anna.say(f"购买 {CRAWLER}"), range(4)))
    assert len(town.rooms.shop.till.orders_of(anna.openid)) == 1


def test_a_paid_order_is_not_paid_twice(anna: Follower) -> None:
    order_no, _ = paid_on(anna)
    again = anna.post(f"/pay/{order_no}/prepay")
    assert again.status_code == 409
    assert again.json() == {"code": "AlreadyPaid", "message": "这笔订单已经付过了，课程已经打开。"}


def test_when_the_bank_refuses_nothing_is_open_and_one_may_try_again(town: Town, anna: Follower) -> None:
    town.faults(refuse=1)
    order_no = anna.log_in().order_of(CRAWLER)
    assert anna.pay(order_no)["status"] == "refused"
    assert not is_open_for(anna)
    assert anna.pay(order_no)["status"] == "success"
    assert is_open_for(anna)


def test_when_the_gateway_fails_the_follower_reads_a_sentence_and_taps_again(
    town: Town, anna: Follower
) -> None:
    order_no = anna.log_in().order_of(CRAWLER)
    town.faults(prepay_error=1)
    failed = anna.post(f"/pay/{order_no}/prepay")
    assert failed.status_code == 503
    assert "没有扣你的钱" in failed.json()["message"]
    assert anna.post(f"/pay/{order_no}/prepay").status_code == 200


def test_a_notification_is_not_acknowledged_before_it_is_stored(town: Town, anna: Follower) -> None:
    """Somebody else holds the database: WeChat Pay must be told to come again, and is welcome then."""
    town.faults(delay_s=0.3)
    order_no, paid = paid_on(anna)
    with town.rooms.db.transaction():
        tries = until(lambda: town.notifications(paid["out_trade_no"])[0]["tries"], "the first try")
        assert tries[0]["status"] not in (200, 204)
    town.faults()
    anna.until_status(order_no, lambda state: bool(state["paid"]))
    assert_credited_once(town, anna, order_no)


def test_a_receipt_survives_an_access_token_that_was_taken_away(town: Town, anna: Follower) -> None:
    town.faults(token_invalid=1)
    order_no, _ = paid_on(anna)
    anna.await_push(order_no)
    assert len(anna.pushed(order_no)) == 1


def test_who_left_gets_no_receipt_but_keeps_the_course(town: Town, anna: Follower) -> None:
    order_no = anna.log_in().order_of(CRAWLER)
    anna.unfollow()
    assert anna.pay(order_no)["status"] == "success"
    assert is_open_for(anna)
    until(lambda: not waiting_for(town, order_no), "the outbox to let go")
    assert anna.pushed(order_no) == []


def waiting_for(town: Town, order_no: str) -> list[str]:
    return [parcel.key for parcel in town.rooms.outbox.waiting() if order_no in parcel.key]


def till_in_an_hour(town: Town, *, hours: int = 1) -> Till:
    """The worker's till at a later time, on the very same books."""
    later = ManualClock(datetime.now(UTC) + timedelta(hours=hours))
    base = town.url
    return Till(
        town.rooms.db,
        town.rooms.gateway,
        later,
        notify_url=f"{base}/pay/notify",
        refund_notify_url=f"{base}/pay/refund-notify",
    )
