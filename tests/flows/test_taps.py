"""What can be tapped in a message means what stood there, however much has been said since."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest

from tests.flows.courses import CRAWLER
from tests.flows.follower import Follower
from tests.flows.town import Town


def tap(follower: Follower, reply: str, words: str) -> str:
    """Taps these words in an earlier reply, as WeChat does: its text and its id come as a message."""
    found = re.search(rf'msgmenucontent=([^&"]*)&(?:amp;)?msgmenuid=([^"]*)">{re.escape(words)}</a>', reply)
    assert found, reply
    content, tap_id = map(unquote, found.groups())
    answer = follower.send(type="text", content=content, bizmsgmenuid=tap_id)["reply"]
    return str(answer["content"]) if answer else ""


@pytest.fixture
def old_list(anna: Follower) -> str:
    """A list with the crawler course first; another list has come since, and begins with another course."""
    listed = anna.say("爬虫小课")
    assert f"1. {CRAWLER}" in listed
    newer = anna.say("git")
    assert f"1. {CRAWLER}" not in newer and "1. " in newer
    return listed


def test_a_number_in_an_old_list_leads_to_its_course(anna: Follower, old_list: str) -> None:
    assert f"《{CRAWLER}》" in tap(anna, old_list, "1")


def test_buying_from_an_old_list_orders_what_stood_there(town: Town, anna: Follower, old_list: str) -> None:
    assert CRAWLER in tap(anna, old_list, "买 1")
    assert [order.title for order in town.rooms.shop.till.orders_of(anna.openid)] == [CRAWLER]


def test_buying_from_an_old_card_orders_its_course(town: Town, anna: Follower, old_list: str) -> None:
    card = tap(anna, old_list, "1")
    anna.say("git")
    assert CRAWLER in tap(anna, card, "买 1")
    assert [order.title for order in town.rooms.shop.till.orders_of(anna.openid)] == [CRAWLER]


def test_a_number_that_is_typed_means_the_newest_list(anna: Follower, old_list: str) -> None:
    assert f"《{CRAWLER}》" not in anna.say("1")


@pytest.mark.parametrize("tap_id", ["course:nobody", "course:", "1", "x" * 100])
def test_a_strange_id_is_as_good_as_none(anna: Follower, old_list: str, tap_id: str) -> None:
    answer = anna.send(type="text", content="1", bizmsgmenuid=tap_id)["reply"]
    assert answer is not None and f"《{CRAWLER}》" not in answer["content"]


def test_what_was_looked_at_before_a_new_list_is_not_meant_any_more(
    town: Town, anna: Follower, old_list: str
) -> None:
    tap(anna, old_list, "1")
    anna.say("git")
    assert CRAWLER not in anna.say("买这个")
    assert town.rooms.shop.till.orders_of(anna.openid) == []
