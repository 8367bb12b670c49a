"""WeChat Pay is slow, or the queue is: whoever does not need it is served as ever."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import TypeVar

import requests

from tests.flows.courses import CRAWLER, MYSQL, PANDAS
from tests.flows.follower import Follower
from tests.flows.town import Town
from tests.waiting import until

T = TypeVar("T")

TAPS = 8
SOON_S = 2.0


def timed(call: Callable[[], T]) -> T:
    began = time.monotonic()
    answer = call()
    assert time.monotonic() - began < SOON_S
    return answer


@contextmanager
def hanging_prepays(town: Town, customers: int) -> Iterator[list[Future[requests.Response]]]:
    """The first customer taps again and again, each other one once; WeChat Pay says nothing to any."""
    waiting = [town.new_follower().log_in() for _ in range(customers)]
    orders = [(follower, follower.order_of(CRAWLER)) for follower in waiting]
    town.faults(pay_timeout=True)
    gateway = town.rooms.pools.gateway
    with ThreadPoolExecutor(customers + TAPS) as taps:
        hung = [taps.submit(tap, *order) for order in [orders[0]] * TAPS + orders[1:]]
        until(lambda: gateway.busy == customers, "the prepays to hang")
        yield hung


def tap(follower: Follower, order_no: str) -> requests.Response:
    return follower.post(f"/pay/{order_no}/prepay")


@contextmanager
def full_gateway(town: Town) -> Iterator[None]:
    """No place is left to ask WeChat Pay."""
    gateway, free = town.rooms.pools.gateway, Event()
    for _ in range(24):
        gateway.submit(free.wait, 20.0)
    try:
        yield
    finally:
        free.set()
        until(lambda: gateway.busy == 0, "the places to be free again")


def test_while_prepays_hang_pages_notifications_and_checks_answer(town: Town, anna: Follower) -> None:
    bought = anna.log_in().order_of(CRAWLER)
    told = town.notifications(anna.pay(bought)["out_trade_no"])[0]
    with hanging_prepays(town, 12) as hung:
        for path in ("/courses", "/me", f"/pay/{bought}", f"/pay/{bought}/status", "/healthz", "/readyz"):
            assert timed(lambda path=path: anna.get(path)).status_code == 200, path  # type: ignore[misc]
        assert timed(lambda: town.notify_again(told["id"]))
        assert not any(prepay.done() for prepay in hung)
    answers = [prepay.result() for prepay in hung]
    assert {answer.status_code for answer in answers} == {503}
    assert all("没有扣你的钱" in answer.json()["message"] for answer in answers)


def test_parallel_taps_on_one_order_make_one_call(town: Town) -> None:
    with hanging_prepays(town, 1) as hung:
        assert town.rooms.pools.gateway.busy == 1
    assert len({prepay.result().text for prepay in hung}) == 1


def test_a_prepay_that_finds_no_place_is_answered_at_once(town: Town, anna: Follower) -> None:
    order_no = anna.log_in().order_of(CRAWLER)
    with full_gateway(town):
        refused = timed(lambda: tap(anna, order_no))
    assert refused.status_code == 503 and "过一会儿再点一次" in refused.json()["message"]
    assert tap(anna, order_no).status_code == 200


def test_a_poll_that_finds_no_place_gets_the_state_without_asking(town: Town, anna: Follower) -> None:
    order_no = anna.log_in().order_of(CRAWLER)
    town.faults(drop=1)
    assert anna.pay(order_no)["status"] == "success"
    with full_gateway(town):
        assert timed(lambda: anna.status(order_no, ask=True))["status"] == "awaiting_payment"
    assert anna.status(order_no, ask=True)["paid"]


def test_a_queue_that_is_held_delays_no_answer(town: Town, anna: Follower) -> None:
    """The worker's wake-up is lost or late; WeChat Pay, the page and the chat have their answers."""
    told, asked = anna.log_in().order_of(CRAWLER), anna.order_of(PANDAS)
    chatted = anna.order_of(MYSQL)
    anna.post(f"/pay/{told}/prepay")
    with held_queue(town):
        assert timed(lambda: anna.pay(told))["notified"]
        assert timed(lambda: anna.get("/healthz")).status_code == 200
        town.faults(drop=1)
        anna.pay(asked)
        assert timed(lambda: anna.status(asked, ask=True))["paid"]
        town.faults(drop=1)
        anna.pay(chatted)
        assert "已开通" in timed(lambda: anna.say(chatted))
    assert anna.await_push(told)


@contextmanager
def held_queue(town: Town) -> Iterator[None]:
    jobs = sqlite3.connect(town.settings.site.data_dir / "jobs.db", isolation_level=None, timeout=10)
    jobs.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        jobs.execute("ROLLBACK")
        jobs.close()
