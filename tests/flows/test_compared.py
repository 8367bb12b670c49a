"""Courses of a list beside each other, and what costs less than the first of it."""

from __future__ import annotations

import re

import pytest

from tests.flows.follower import Follower

TITLES = re.compile(r"《([^》]*)》")
LISTED = re.compile(r"^\d\. (.*)$", re.MULTILINE)


def listed(reply: str) -> list[str]:
    return LISTED.findall(reply)


@pytest.mark.parametrize("words", ["第一个和第三个有什么区别", "1和3哪个好", "对比1和3"])
def test_two_courses_of_a_list_are_put_beside_each_other(anna: Follower, words: str) -> None:
    first, _, third = listed(anna.say("爬虫"))
    reply = anna.say(words)
    assert TITLES.findall(reply) == [first, third]
    assert "分钟" in reply and "便宜" in reply


def test_what_speaks_for_each_is_told_by_its_number(anna: Follower) -> None:
    prices = [float(price) for price in re.findall(r"¥([\d.]+)", anna.say("爬虫"))]
    told = anna.say("1和2哪个好")
    cheap, dear = (1, 2) if prices[0] < prices[1] else (2, 1)
    less = f"{abs(prices[0] - prices[1]):g}"
    line = next(line for line in told.splitlines() if line.startswith("不一样的地方"))
    assert f"第 {cheap} 门便宜 {less}" in line
    assert line.count(f"第 {cheap} 门") == 1 and line.count(f"第 {dear} 门") <= 1
    assert "「" not in line and f"第 {dear} 门便宜" not in line


def test_one_number_is_held_against_the_course_that_was_looked_at(anna: Follower) -> None:
    first, _, third = listed(anna.say("爬虫"))
    anna.say("3")
    assert TITLES.findall(anna.say("和第一个有什么区别")) == [third, first]


def test_one_number_with_nothing_looked_at_is_held_against_another_of_the_list(anna: Follower) -> None:
    first, second, _ = listed(anna.say("爬虫"))
    assert set(TITLES.findall(anna.say("和第一个有什么区别"))) == {first, second}


def test_a_course_is_not_compared_with_itself(anna: Follower) -> None:
    anna.say("爬虫")
    anna.say("1")
    assert "同一门课" in anna.say("和第一个有什么区别")
    assert "同一门课" in anna.say("1和1有什么区别")


def test_a_number_that_stood_nowhere_is_said_so(anna: Follower) -> None:
    anna.say("爬虫")
    assert "1 到 3" in anna.say("第一个和第九个有什么区别")


def test_cheaper_is_cheaper_than_the_first_that_was_shown(anna: Follower) -> None:
    first, *_ = listed(anna.say("爬虫"))
    reply = anna.say("便宜一点的")
    assert reply.startswith(f"比「{first}」（¥99）便宜的")
    prices = [float(price) for price in re.findall(r"^¥([\d.]+)", reply, re.MULTILINE)]
    assert prices and prices == sorted(prices) and prices[-1] < 99


def test_when_nothing_is_cheaper_that_is_said(anna: Follower) -> None:
    anna.say("爬虫")
    anna.say("便宜一点的")
    reply = anna.say("再便宜一点的")
    assert "没有比" in reply and "更便宜" in reply


def test_a_new_topic_is_no_going_on(anna: Follower) -> None:
    anna.say("爬虫")
    assert "比「" not in anna.say("便宜的 Pandas 课")


def test_who_asked_for_less_and_then_for_something_else_hears_about_that(anna: Follower) -> None:
    anna.say("爬虫")
    anna.say("便宜一点的")
    reply = anna.say("张三老师的课")
    assert "张三老师" in reply and "便宜的" not in reply and "本来就免费" not in reply
