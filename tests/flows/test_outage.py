"""A store that is gone or hangs: followers are told so in time, and all is well by itself afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from sqlalchemy import make_url

from handlers.sentences import Sentences
from tests.conftest import POSTGRES_URL, need, own_database, server_answers
from tests.flows.courses import CRAWLER, write_courses
from tests.flows.town import Town, new_openid, open_town
from tests.flows.wire import Told, Wire, wire_to
from tests.process import Running, running
from tests.servers import OwnRedis, Proxy, own_redis, proxy
from tests.waiting import until

pytestmark = [pytest.mark.postgres, pytest.mark.redis]

IN_TIME_S = 4.5  # WeChat waits for five
AT_ONCE_S = 2.0
TOGETHER = 24  # more than there are workers
READY = {"database": "ok", "store": "ok"}

say = Sentences()
BUSY = say("error.busy")
FORGETFUL = say("error.forgetful")
BUY = f"购买 {CRAWLER}"
UNKNOWN = say("list.owned_unknown")


@dataclass
class House:
    """A service and a worker as processes, with a Redis and a way to PostgreSQL that can be broken."""

    town: Town
    service: Running
    wire: Wire
    redis: OwnRedis
    database: Proxy

    def ask(self, text: str = "想学爬虫") -> Told:
        """By somebody new."""
        told = self.wire.say(text, new_openid())
        assert (told.status, told.seconds < IN_TIME_S) == (200, True), told
        return told

    def ask_together(self, text: str = "想学爬虫") -> list[Told]:
        with ThreadPoolExecutor(TOGETHER) as pool:
            return list(pool.map(self.ask, [text] * TOGETHER))

    def checks(self) -> dict[str, str]:
        """What /readyz says of the stores."""
        answer = requests.get(f"{self.town.url}/readyz", timeout=10)
        assert answer.elapsed.total_seconds() < AT_ONCE_S
        told = answer.json()
        assert answer.status_code == (200 if told["status"] == "ok" else 503)
        found: dict[str, str] = told["checks"]
        return found

    def await_health(self) -> None:
        until(lambda: self.checks() == READY, "all stores")
        until(lambda: is_list(self.ask()), "a list of courses")

    def events(self, event: str) -> list[dict[str, Any]]:
        """Lines of the log."""
        lines = [json.loads(line) for line in self.service.printed.splitlines() if line.startswith("{")]
        return [line for line in lines if line["event"] == event]


def is_list(told: Told) -> bool:
    return CRAWLER in told.said and UNKNOWN not in told.said


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, platform_keys: dict[str, Any]) -> Iterator[House]:
    need("postgresql", server_answers(POSTGRES_URL))
    folder = tmp_path_factory.mktemp("house")
    with own_database(POSTGRES_URL) as database_url, own_redis(folder) as redis:
        url = make_url(database_url)
        with proxy(str(url.host), url.port or 5432) as between:
            through = url.set(host="127.0.0.1", port=between.port).render_as_string(hide_password=False)
            courses = write_courses(folder / "courses")
            with open_town(
                folder,
                platform_keys,
                courses,
                database_url=through,
                redis_url=redis.url,
                in_process=False,
            ) as town:
                words = ("--config", str(town.config))
                with (
                    running(folder / "serve.log", *words, "serve") as service,
                    running(folder / "worker.log", *words, "worker"),
                ):
                    service.await_answer(f"{town.url}/healthz")
                    yield House(town, service, wire_to(town.settings), redis, between)


@pytest.fixture
def house(built: House) -> Iterator[House]:
    built.await_health()
    yield built
    built.database.mend()
    built.redis.mend()


def test_without_redis_what_needs_none_is_told_and_nothing_else_is_done(house: House) -> None:
    house.redis.kill()
    request = house.wire.wechat.text(BUY, openid=new_openid())
    told = house.wire.deliver(request)
    assert (told.status, told.said) == (200, BUSY)
    assert told.seconds < AT_ONCE_S
    assert {one.said for one in house.ask_together(BUY)} == {BUSY}
    for text in ("我的订单", "退款", "1", "更多", "人工", "我付了没开通", "发票"):
        assert house.ask(text).said == BUSY, text
    assert all(is_list(one) and FORGETFUL in one.said for one in house.ask_together())
    for text in ("帮助", "你好", f"{CRAWLER}多少钱", "推荐", "今天天气怎么样"):
        assert house.ask(text).said.endswith(FORGETFUL), text
    assert "¥" in house.ask(f"{CRAWLER}多少钱").said
    assert house.checks() == {"database": "ok", "store": "failed"}
    assert requests.get(f"{house.town.url}/courses", timeout=10).status_code == 200
    until(lambda: house.events("recall_unavailable"), "a line in the log")
    house.redis.start()
    house.await_health()
    # It was not worked on, so what WeChat delivers again is.
    assert "/pay/" in house.wire.deliver(request).said
    assert FORGETFUL not in house.ask().said


def test_a_redis_that_hangs_costs_one_wait_and_not_one_for_each_follower(house: House) -> None:
    house.redis.hang()
    assert {one.said for one in house.ask_together(BUY)} == {BUSY}
    later = house.ask_together("帮助")
    assert all("买 1" in one.said and FORGETFUL in one.said for one in later)
    assert sum(one.seconds < AT_ONCE_S for one in later) > TOGETHER / 2
    assert house.checks() == {"database": "ok", "store": "failed"}
    until(lambda: house.events("store_is_silent"), "a line in the log")
    house.redis.go_on()
    house.await_health()
    assert house.events("store_answers_again")


def test_without_the_database_what_is_known_is_told(house: House) -> None:
    house.database.cut()
    listed = house.ask().said
    assert CRAWLER in listed and UNKNOWN in listed
    assert "买 1" in house.ask("帮助").said
    assert house.ask(f"购买 {CRAWLER}").said == BUSY
    assert house.ask("我的课程").said == BUSY
    assert house.checks() == {"database": "failed", "store": "ok"}
    figures = requests.get(f"{house.town.url}/metrics", timeout=10).text
    assert "keban_outbox_age_seconds NaN" in figures
    assert "keban_queue_waiting 0.0" in figures
    assert not house.events("handler_broke")
    house.database.mend()
    house.await_health()
    assert "/pay/" in house.ask(f"购买 {CRAWLER}").said


def test_a_database_that_hangs_costs_one_wait_and_not_one_for_each_follower(house: House) -> None:
    house.database.hang()
    assert all(UNKNOWN in one.said or one.said == BUSY for one in house.ask_together())
    # The first have found out; nobody else waits for it.
    later = house.ask_together("帮助")
    assert all("买 1" in one.said for one in later)
    assert sum(one.seconds < AT_ONCE_S for one in later) > TOGETHER / 2
    assert house.ask(f"购买 {CRAWLER}").said == BUSY
    assert house.checks() == {"database": "failed", "store": "ok"}
    until(lambda: house.events("store_is_silent"), "a line in the log")
    house.database.mend()
    house.await_health()
    assert "/pay/" in house.ask(f"购买 {CRAWLER}").said


def test_a_database_that_comes_back_at_another_machine_is_found_at_once(house: House) -> None:
    """The old connections never say anything again: each would cost a wait."""
    house.ask_together()
    house.database.hang()
    house.ask()
    house.database.cut()
    house.database.mend()
    house.await_health()
    assert all(is_list(one) for one in house.ask_together())


def test_after_all_this_a_payment_is_taken_and_its_receipt_comes(house: House) -> None:
    house.redis.kill()
    house.database.cut()
    assert house.ask("我的课程").said == BUSY
    house.redis.start()
    house.database.mend()
    house.await_health()
    anna = house.town.new_follower().log_in()
    order_no = anna.order_of(CRAWLER)
    assert anna.pay(order_no)["status"] == "success"
    anna.await_push(order_no)
    assert not house.events("answer_broke") and not house.events("request_broke")
