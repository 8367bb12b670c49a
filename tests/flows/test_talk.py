"""What followers say beside questions: who are you, invoices, prices, trouble, anger, despair, the end of a
list. Each gets an answer of its own, and none a random course."""

from __future__ import annotations

import re

import pytest

from tests.flows.courses import CRAWLER
from tests.flows.follower import Follower
from tests.flows.town import Town

NUMBERED = re.compile(r"^\d\. ", re.MULTILINE)
# What belongs in each answer, and in no other's.
SAID = {
    "你是谁": "我是课伴",
    "你是真人吗": "不是真人",
    "有优惠吗": "没有优惠券",
    "能便宜点吗": "没有优惠券",
    "能开发票吗": "发票要老师来开",
    "付款失败了怎么办": "去付款",
    "买的课找不到了": "我马上去问微信支付",
    "你们是骗子": "对不起",
    "人工": "留言",
    "谢谢": "不客气",
}


def tapped(reply: str) -> list[str]:
    return re.findall(r'msgmenucontent=[^"]*">([^<]*)</a>', reply)


@pytest.mark.parametrize(("words", "part"), SAID.items())
def test_what_is_no_question_gets_its_own_answer_and_no_course(anna: Follower, words: str, part: str) -> None:
    reply = anna.say(words)
    assert part in reply
    assert not NUMBERED.search(reply)


@pytest.mark.parametrize("words", ["有优惠吗", "付款失败了怎么办", "你们是骗子", "你是谁", "人工"])
def test_whatever_an_answer_offers_to_tap_is_answered(anna: Follower, words: str) -> None:
    offered = tapped(anna.say(words))
    assert offered
    lost = anna.say("今天天气")
    assert all(anna.say(tap) not in ("", lost) for tap in offered)


@pytest.mark.parametrize("words", ["我不想活了", "付了钱没开通，我想死", "活着好累，想学 Python 也学不会"])
def test_despair_is_answered_before_anything_else_with_real_help_and_no_emoji(
    town: Town, anna: Follower, words: str
) -> None:
    reply = anna.say(words)
    assert all(number in reply for number in ("12356", "120", "110"))
    assert not NUMBERED.search(reply) and not re.search("[\U0001f000-\U0001ffff\u2600-\u27bf]", reply)
    kept = [event.data for event in town.rooms.shop.members.events.of(anna.openid)]
    assert words not in str(kept)


def test_despair_is_heard_in_a_voice_message_too(anna: Follower) -> None:
    told = anna.send(type="voice", recognition="我不想活了")
    assert "12356" in told["reply"]["content"]


def test_whatever_can_be_typed_can_be_spoken(anna: Follower) -> None:
    for words in ("帮助", "我的订单", "推荐"):
        assert anna.send(type="voice", recognition=words)["reply"]["content"] == anna.say(words), words


def test_an_invoice_names_the_orders_that_were_paid_and_takes_the_details(anna: Follower) -> None:
    assert "付款以后" in anna.say("能开发票吗")
    order_no = anna.buy(CRAWLER)
    reply = anna.say("发票怎么开")
    assert order_no in reply and CRAWLER in reply
    details = anna.say(f"订单号 {order_no}，抬头 阿文信息系统有限公司，税号 91310000MA1K35XX7P")
    assert "阿文信息系统有限公司" in details and "91310000MA1K35XX7P" in details


def test_an_order_number_alone_is_still_an_order(anna: Follower) -> None:
    order_no = anna.buy(CRAWLER)
    assert "已开通" in anna.say(order_no)


def test_the_free_courses_that_a_discount_points_to_are_free(anna: Follower) -> None:
    assert "有没有免费的课" in tapped(anna.say("有优惠吗"))
    free = anna.say("有没有免费的课")
    assert "Git 免费课" in free and "¥" not in free


def test_the_end_of_the_recommendation_leads_to_the_shelf(anna: Follower) -> None:
    anna.say("推荐")
    replies = [anna.say("更多") for _ in range(5)]
    assert NUMBERED.search(replies[0])
    assert f'<a href="{anna.service}/courses">' in replies[-1] and "换个说法" not in replies[-1]


def test_the_end_of_an_answer_leads_to_other_words_and_the_shelf(anna: Follower) -> None:
    anna.say("爬虫")
    replies = [anna.say("更多") for _ in range(5)]
    assert f'<a href="{anna.service}/courses">' in replies[-1] and "换个说法" in replies[-1]


def test_the_list_of_a_name_that_fits_several_can_be_tapped_like_any_other(anna: Follower) -> None:
    reply = anna.say("购买 爬虫")
    assert tapped(reply) == ["1", "2", "3", "买 1", "更多"]
    assert len(NUMBERED.findall(anna.say("更多"))) == 1


def test_what_only_comes_near_can_be_tapped_too(anna: Follower) -> None:
    reply = anna.say("100 以内的 MySQL 课")
    assert NUMBERED.search(reply) and "1" in tapped(reply) and "买 1" in tapped(reply)


@pytest.mark.parametrize(
    ("words", "opening", "prices"),
    [
        ("最贵的课", "从最贵的说起", ["199", "129", "99"]),
        ("最便宜的课", "从最便宜的说起", ["免费", "49", "59.90"]),
        ("60 以内", "按你说的", ["59.90", "免费", "49"]),
    ],
)
def test_courses_are_looked_up_by_price_alone(
    anna: Follower, words: str, opening: str, prices: list[str]
) -> None:
    reply = anna.say(words)
    shown = re.findall(r"^ *(?:¥([\d.]+)|(免费)) ·", reply, re.MULTILINE)
    assert reply.startswith(opening)
    assert [yuan or free for yuan, free in shown] == prices


def test_a_price_that_no_course_keeps_to_is_told(anna: Follower) -> None:
    reply = anna.say("500 元以上的课")
    assert not NUMBERED.search(reply) and "推荐" in reply
