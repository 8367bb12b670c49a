"""Bad days at the address /wechat: strangers, repeats, floods, and answers that take too long."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.flows.courses import CRAWLER
from tests.flows.follower import Follower
from tests.flows.town import Town

MESSAGE = b"<xml><ToUserName>gh_x</ToUserName><FromUserName>oX</FromUserName></xml>"


def signed(town: Town, **more: str) -> dict[str, str]:
    """The query that WeChat's servers would send now."""
    stamp = {"timestamp": str(int(time.time())), "nonce": secrets.token_hex(4)}
    return {"signature": signature(town, **stamp), **stamp, **more}


def signature(town: Town, timestamp: str, nonce: str) -> str:
    token = town.settings.wechat.token.get_secret_value()
    return hashlib.sha1("".join(sorted((token, timestamp, nonce))).encode()).hexdigest()


def post(town: Town, body: bytes | Iterator[bytes], query: dict[str, str]) -> requests.Response:
    return requests.post(f"{town.url}/wechat", params=query, data=body, timeout=10)


def assert_turned_away(answer: requests.Response, status: int) -> None:
    assert answer.status_code == status
    assert answer.text == "refused"


def test_the_address_check_gets_its_echo_as_plain_text(town: Town) -> None:
    answer = requests.get(f"{town.url}/wechat", params=signed(town, echostr="<b>4711</b>"), timeout=10)
    assert answer.text == "<b>4711</b>"
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_the_platform_accepts_the_address(town: Town) -> None:
    assert requests.post(f"{town.platform.url}/api/verify", timeout=10).json() == {"ok": True}


def test_an_address_check_of_a_stranger_gets_no_echo(town: Town) -> None:
    query = signed(town, echostr="4711") | {"signature": "0" * 40}
    assert_turned_away(requests.get(f"{town.url}/wechat", params=query, timeout=10), 403)


@pytest.mark.parametrize("missing", ["signature", "timestamp", "nonce"])
def test_an_unsigned_message_is_refused(town: Town, missing: str) -> None:
    query = signed(town)
    del query[missing]
    assert post(town, MESSAGE, query).status_code in (400, 403)


def test_a_message_without_any_query_is_refused(town: Town) -> None:
    assert post(town, MESSAGE, {}).status_code in (400, 403)


def test_a_message_signed_with_another_token_is_refused(town: Town) -> None:
    assert_turned_away(post(town, MESSAGE, signed(town) | {"signature": "a" * 40}), 403)


def test_a_message_of_an_hour_ago_is_refused(town: Town) -> None:
    old = {"timestamp": str(int(time.time()) - 3600), "nonce": "1"}
    assert_turned_away(post(town, MESSAGE, {"signature": signature(town, **old), **old}), 403)


def test_a_plain_message_is_refused_in_safe_mode(town: Town) -> None:
    assert post(town, MESSAGE, signed(town)).status_code in (400, 403)


def test_an_oversized_message_is_refused_before_it_is_read(town: Town) -> None:
    assert_turned_away(post(town, b"x" * 100_000, signed(town)), 413)


def test_a_flood_of_unknown_length_is_cut_off(town: Town) -> None:
    flood = (b"x" * 8192 for _ in range(64))
    try:
        status = post(town, flood, signed(town)).status_code
    except requests.RequestException:
        return  # the connection was closed on the flood: that is the refusal
    assert status in (400, 413)


def test_a_method_that_nobody_uses_is_refused(town: Town) -> None:
    answer = requests.put(f"{town.url}/wechat", params=signed(town), data=MESSAGE, timeout=10)
    assert_turned_away(answer, 405)


@pytest.mark.parametrize("fault", ["message_wrong_key", "message_stale"])
def test_what_the_platform_signs_wrongly_is_refused_and_the_right_repeat_answered(
    town: Town, anna: Follower, fault: str
) -> None:
    town.faults(**{fault: 1})
    told = anna.send(type="text", content="帮助")
    assert told["tries"] == 2
    assert "买 1" in told["reply"]["content"]


def test_a_message_whose_answer_was_lost_gets_the_same_answer_and_is_worked_on_once(
    town: Town, anna: Follower
) -> None:
    town.faults(message_drop_answer=1)
    told = anna.send(type="text", content="想学爬虫")
    assert told["tries"] == 2
    assert CRAWLER in told["reply"]["content"]
    assert questions_of(town, anna) == ["想学爬虫"]


def test_a_message_that_comes_twice_at_once_is_worked_on_once(town: Town, anna: Follower) -> None:
    town.faults(message_duplicate=1)
    assert CRAWLER in anna.say("想学爬虫")
    assert questions_of(town, anna) == ["想学爬虫"]


def test_a_late_answer_comes_as_a_message_of_its_own(town: Town, anna: Follower) -> None:
    """Somebody else holds the database, so the order cannot be written in time."""
    with town.rooms.db.transaction():
        told = anna.send(type="text", content=f"购买 {CRAWLER}")
    assert (told["status"], told["reply"], told["tries"]) == (200, None, 1)
    late = anna.await_push(CRAWLER)
    order_no = town.rooms.shop.till.orders_of(anna.openid)[0].order_no
    assert order_no in late
    assert len(anna.pushed(order_no)) == 1


def test_hostile_texts_get_an_answer_and_no_fault(anna: Follower) -> None:
    for text in (
        "]]>",
        "<xml>&x;</xml>",
        "{title}",
        "%s%n",
        "'; DROP TABLE orders; --",
        "👩‍👩‍👧‍👦" * 50,
        "1" * 600,
    ):
        told = anna.send(type="text", content=text)
        assert told["status"] == 200 and "problem" not in told, text
        assert "出了点小问题" not in told["reply"]["content"], text


def questions_of(town: Town, follower: Follower) -> list[Any]:
    events = town.rooms.shop.members.events.of(follower.openid)
    return [event.data["text"] for event in events if event.kind == "ask"]
