"""What people ask before they buy: about the course they look at, about the shop, and about their money."""

from __future__ import annotations

import re

import pytest

from tests.flows.courses import CRAWLER, GIT, PANDAS
from tests.flows.follower import Follower
from tests.flows.town import Town

NUMBERED = re.compile(r"^\d\. ", re.MULTILINE)
LOST = "帮不上忙"

# What is asked about the course whose card was shown, and what is true of it.
FACTS = {
    "多少钱": "¥99",
    "price?": "¥99",
    "这门课多久能学完": "分钟",
    "怎么学": "/courses/crawler-one/start",
    "这个课适合我吗": "零基础能跟上",
    "有试听吗": "/courses/crawler-one/start",
    "老师是谁": "阿文 主讲",
    "有效期多久": "开通后一直能看",
    "能退吗": "7 天内不满意可以退",
    "有几节": "共 3 节",
    "你好，请问这门课讲什么": "把网页抓下来存成表格",
    "这个怎么样": "/courses/crawler-one/start",
}
# What is asked about the shop, and what belongs in the answer.
SHOP = {
    "你好，请问怎么买课": "付款的链接",
    "怎么买": "付款的链接",
    "怎么付款": "微信支付",
    "能不能用支付宝": "支付宝、花呗这些用不了",
    "老师在吗，我想咨询一下": "直接说",
    "课程有效期多久": "有效期",
    "可以分期吗": "不能分期",
    "可以下载吗": "不用下载",
    "在哪里看课": "我的课程",
    "换微信号了课还在吗": "下单的微信号",
    "有没有学习群": "没有学习群",
    "你会什么": "帮你找到合适的课",
    "辛苦了，拜拜": "不客气",
    "送给朋友可以吗": "兑换码",
    "这些课是视频吗": "文字和代码",
    "学了有证书吗": "没有证书",
    "有视频吗还是只有文字": "文字和代码",
    "学完能找到工作吗": "不敢打包票",
    "电脑上能看吗": "电脑版微信",
    "有答疑吗": "没有一对一",
    "会更新吗": "跟着更新",
}


def tapped(reply: str) -> list[str]:
    return re.findall(r'msgmenucontent=[^"]*">([^<]*)</a>', reply)


@pytest.fixture(scope="module")
def looking(town: Town) -> Follower:
    """Somebody who looks at the card of the crawler course, first of a list."""
    follower = town.new_follower()
    follower.say("爬虫")
    assert f"《{CRAWLER}》" in follower.say("1")
    return follower


@pytest.mark.parametrize(("words", "fact"), FACTS.items())
def test_what_is_asked_after_a_card_is_answered_about_that_course(
    looking: Follower, words: str, fact: str
) -> None:
    reply = looking.say(words)
    assert fact in reply and f"《{CRAWLER}》" in reply
    assert not NUMBERED.search(reply) and f"购买 {CRAWLER}" in tapped(reply)


def test_a_question_about_the_course_leaves_the_list_as_it_is(anna: Follower) -> None:
    second = re.search(r"^2\. (.+)$", anna.say("爬虫"), re.MULTILINE)
    assert second
    anna.say("1")
    anna.say("多少钱")
    assert f"《{second[1]}》" in anna.say("2")


def test_without_a_card_the_courses_of_the_list_are_told(anna: Follower) -> None:
    listed = re.findall(r"^\d\. (.+)$", anna.say("爬虫"), re.MULTILINE)
    for words, fact in (("老师是谁", "阿文 主讲"), ("哪个好", "入门"), ("能退吗", "7 天内不满意可以退")):
        reply = anna.say(words)
        assert re.findall(r"^\d\. (.+)$", reply, re.MULTILINE) == listed and fact in reply


def test_a_question_about_all_courses_is_not_answered_about_one(anna: Follower) -> None:
    anna.say("爬虫")
    anna.say("1")
    assert len(NUMBERED.findall(anna.say("这几门都多少钱"))) == 3


@pytest.mark.parametrize("words", [*FACTS, "哪个好"])
def test_without_any_course_it_is_said_where_the_answer_stands(town: Town, words: str) -> None:
    reply = town.follower().say(words)
    assert LOST not in reply and (NUMBERED.search(reply) or tapped(reply))


@pytest.mark.parametrize(("words", "part"), SHOP.items())
def test_what_buyers_ask_of_the_shop_has_an_answer(town: Town, words: str, part: str) -> None:
    reply = town.follower().say(words)
    assert part in reply and "¥" not in reply


def test_whatever_these_answers_offer_to_tap_is_answered(anna: Follower) -> None:
    offered = {tap for words in [*SHOP, *FACTS] for tap in tapped(anna.say(words))}
    assert {"人工", "帮助", "推荐"} <= offered | {"帮助"}
    for words in offered - {"人工"}:
        assert LOST not in anna.say(words), words


def test_whoever_is_not_understood_can_reach_help_and_a_person(anna: Follower) -> None:
    assert {"帮助", "人工"} <= {*tapped(anna.say("今天天气"))}


@pytest.mark.parametrize("words", ["有没有便宜点的，学生党没钱", "最便宜的课多少钱"])
def test_who_has_little_money_sees_what_costs_little(anna: Follower, words: str) -> None:
    assert anna.say(words).startswith("从最便宜的说起")


def test_the_courses_of_a_teacher_are_found_by_the_name(anna: Follower) -> None:
    reply = anna.say("阿文老师的课")
    assert len(NUMBERED.findall(reply)) == 3 and "阿文老师主讲" in reply
    assert "MySQL" in anna.say("阿文老师的数据库课")


# Money


@pytest.mark.parametrize("words", ["我付款了，但是没收到课", "收不到课程链接"])
def test_who_paid_and_got_nothing_is_looked_after(town: Town, anna: Follower, words: str) -> None:
    order_no = anna.log_in().order_of(CRAWLER)
    town.faults(drop=1)
    assert anna.pay(order_no)["status"] == "success"
    assert "已开通" in anna.say(words)


def test_who_fears_to_have_paid_twice_is_told_what_was_found(anna: Follower) -> None:
    order_no = anna.buy(CRAWLER)
    for words in (f"扣了两次钱，订单号{order_no}", "扣了我两次钱"):
        reply = anna.say(words)
        assert "没有找到重复的付款" in reply and order_no in reply


@pytest.mark.parametrize("words", ["refund", "I want a refund"])
def test_english_words_for_a_refund_are_understood(anna: Follower, words: str) -> None:
    order_no = anna.buy(CRAWLER)
    assert f"{CRAWLER}（¥99，" in anna.say(words) and order_no


@pytest.mark.parametrize("words", ["退款多久到账", "钱退到哪里", "退的钱什么时候到"])
def test_when_and_where_money_goes_back(anna: Follower, words: str) -> None:
    reply = anna.say(words)
    assert "原路退回" in reply and "1 到 3 个工作日" in reply


def test_why_money_cannot_go_back_is_said_of_each_order(anna: Follower) -> None:
    anna.buy(PANDAS)
    anna.buy(CRAWLER)
    reply = anna.say("为什么不能退")
    assert f"{PANDAS}（¥99）：售出后不退" in reply and f"{CRAWLER}（¥99）：现在可以退" in reply


def test_a_course_that_cannot_go_back_is_not_replaced_by_another(anna: Follower) -> None:
    anna.buy(PANDAS)
    anna.buy(CRAWLER)
    for words in ("退款Pandas", f"我想退款{PANDAS}", "Pandas小课不想学了，退款"):
        reply = anna.say(words)
        assert f"{PANDAS}（¥99）：售出后不退" in reply and CRAWLER not in reply
    offer = anna.say(f"退款 {CRAWLER}")
    assert f"{CRAWLER}（¥99，" in offer and PANDAS not in offer


def test_a_course_that_was_not_bought_is_not_refunded(anna: Follower) -> None:
    anna.buy(CRAWLER)
    assert "没有找到你付过款的《MySQL 索引小课》" in anna.say("退款MySQL索引小课")
    assert GIT not in anna.say("退款")
