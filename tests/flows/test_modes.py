"""Other settings of the same service: each of WeChat's modes, a shop without WeChat Pay, other servers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
import requests

from handlers.buying import NotOpen, offer_of
from handlers.sentences import Sentences
from payments.offer import Offer
from tests.flows.courses import CANARY, CRAWLER, GIT, write_courses
from tests.flows.town import Town, open_town

REAL_COURSES = Path(__file__).resolve().parents[2] / "content" / "courses"
LESSON = "/courses/crawler-one/work"
NOT_OPEN = Sentences()(NotOpen.say)


def assert_the_story_runs(town: Town) -> None:
    """From the follow to the open lesson, and back to the money."""
    anna, bert = town.new_follower(), town.new_follower()
    assert CRAWLER in anna.say("想学爬虫，零基础")
    assert f"《{CRAWLER}》" in anna.say("1")
    order_no = anna.log_in().order()
    assert anna.pay(order_no)["status"] == "success"
    anna.await_push(order_no)
    assert CANARY in anna.get(LESSON).text
    assert CANARY not in bert.get(LESSON).text
    assert CRAWLER in anna.say("我的课程")
    anna.say("退款")
    anna.say("退款 1")
    anna.await_push("已经原路退回")
    assert CANARY not in anna.get(LESSON).text


@pytest.mark.parametrize("mode", ["safe", "compatible", "plain"])
def test_each_mode_answers(tmp_path: Path, platform_keys: dict[str, Any], mode: str) -> None:
    with open_town(tmp_path, platform_keys, write_courses(tmp_path / "courses"), mode=mode) as town:
        anna = town.new_follower()
        assert CRAWLER in anna.say("想学爬虫")
        assert f"《{CRAWLER}》" in anna.say("1")
        assert requests.post(f"{town.platform.url}/api/verify", timeout=10).json()["ok"]


def test_without_wechat_pay_free_courses_open_and_others_say_why_not(
    tmp_path: Path, platform_keys: dict[str, Any]
) -> None:
    with open_town(tmp_path, platform_keys, write_courses(tmp_path / "courses"), pay=False) as town:
        anna = town.new_follower()
        assert "还没有开通微信支付" in anna.say(f"购买 {CRAWLER}")
        assert "已经给你开通" in anna.say(f"购买 {GIT}")
        page = anna.log_in().post("/courses/crawler-one/buy")
        assert page.status_code == 409
        assert "还没有开通微信支付" in page.text and "看看全部课程" in page.text
        assert [order.title for order in town.rooms.shop.till.orders_of(anna.openid)] == [GIT]


def test_without_wechat_pay_nobody_is_led_to_a_payment_that_would_fail(
    tmp_path: Path, platform_keys: dict[str, Any]
) -> None:
    with open_town(tmp_path, platform_keys, write_courses(tmp_path / "courses"), pay=False) as town:
        anna, course = town.new_follower().log_in(), town.rooms.shop.shelf.catalogue().by_slug("crawler-one")
        assert course is not None
        order_no = town.rooms.shop.till.order(
            anna.openid, offer_of(course, town.rooms.shop.shelf.catalogue())
        ).order_no
        for path in ("/courses/crawler-one", "/courses/crawler-one/work", f"/pay/{order_no}"):
            page = anna.get(path).text
            assert NOT_OPEN in page and "确认支付" not in page and 'crawler-one/buy"' not in page, path
        assert 'git-free/buy"' in anna.get("/courses/git-free").text
        listed = anna.say("爬虫小课")
        assert "看详情" in listed and "买 1" not in listed
        assert NOT_OPEN in anna.say("1") and NOT_OPEN in anna.say(order_no)
        listed = anna.say("我的订单")
        assert order_no in listed and "/pay/" not in listed


def test_without_wechat_pay_who_owns_a_course_is_led_into_it(
    tmp_path: Path, platform_keys: dict[str, Any]
) -> None:
    with open_town(tmp_path, platform_keys, write_courses(tmp_path / "courses"), pay=False) as town:
        anna = town.new_follower().log_in()
        town.rooms.shop.till.order(anna.openid, Offer(item_id="crawler-one", title=CRAWLER, price_fen=0))
        assert "你已经有了" in anna.say(f"购买 {CRAWLER}")
        assert NOT_OPEN not in anna.get("/courses/crawler-one").text


def test_an_empty_shelf_is_said_kindly(tmp_path: Path, platform_keys: dict[str, Any]) -> None:
    (tmp_path / "courses").mkdir()
    with open_town(tmp_path, platform_keys, tmp_path / "courses") as town:
        anna = town.follower()
        assert "书架还是空的" in anna.follow()
        assert "书架还是空的" in anna.say("想学爬虫")
        assert "书架还是空的" in anna.get("/courses").text


def test_without_its_store_the_service_does_nothing_of_ones_own_and_is_not_ready(
    tmp_path: Path, platform_keys: dict[str, Any]
) -> None:
    nobody = "redis://127.0.0.1:1/0"
    courses = write_courses(tmp_path / "courses")
    with open_town(tmp_path, platform_keys, courses, redis_url=nobody, consume=False) as town:
        assert "请过几秒再试一次" in town.follower().say("我的订单")
        ready = requests.get(f"{town.url}/readyz", timeout=10)
        assert (ready.status_code, ready.json()["checks"]) == (503, {"database": "ok", "store": "failed"})
        assert requests.get(f"{town.url}/healthz", timeout=10).status_code == 200


@pytest.fixture
def redis_keys(redis_url: str) -> Iterator[str]:
    """The address of Redis; afterwards nothing of the test is left in it."""
    yield redis_url
    client = redis.Redis.from_url(redis_url)
    for key in client.scan_iter("*keban-test-*"):
        client.delete(key)


@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_story_runs_on_postgresql_and_redis(
    tmp_path: Path, platform_keys: dict[str, Any], database_url: str, redis_keys: str
) -> None:
    courses = write_courses(tmp_path / "courses")
    with open_town(tmp_path, platform_keys, courses, database_url=database_url, redis_url=redis_keys) as town:
        assert_the_story_runs(town)


@pytest.mark.mysql
@pytest.mark.parametrize("database_url", ["mysql"], indirect=True)
def test_the_story_runs_on_mariadb(tmp_path: Path, platform_keys: dict[str, Any], database_url: str) -> None:
    courses = write_courses(tmp_path / "courses")
    with open_town(tmp_path, platform_keys, courses, database_url=database_url) as town:
        assert_the_story_runs(town)


def test_the_story_runs_on_the_sample_catalogue(tmp_path: Path, platform_keys: dict[str, Any]) -> None:
    with open_town(tmp_path, platform_keys, REAL_COURSES) as town:
        anna = town.follower()
        assert "3. " in anna.follow()
        found = anna.say("想学爬虫，零基础")
        assert "1. Python 爬虫从零到一" in found and "2. " in found and "3. " in found
        assert "/courses/python-crawler/" in anna.say("1")
        free = anna.get("/courses/python-crawler/practice-site")
        assert free.status_code == 200 and "highlight" in free.text
        assert "购买后继续读" in anna.get("/courses/python-crawler/steady-requests").text
        order_no = anna.log_in().order()
        assert anna.pay(order_no)["status"] == "success"
        assert "继续学习" in anna.await_push(order_no)
        assert "购买后继续读" not in anna.get("/courses/python-crawler/steady-requests").text
        assert "购买后继续读" in town.new_follower().get("/courses/python-crawler/steady-requests").text
        assert "1. " not in anna.say("今天天气")
