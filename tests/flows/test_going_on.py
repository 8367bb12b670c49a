"""Talks of several messages: what changed is said, what is new begins anew, and nothing is told twice."""

from __future__ import annotations

import re

import pytest

from tests.flows.courses import CRAWLER, GIT, MYSQL
from tests.flows.follower import Follower

NUMBERED = re.compile(r"^\d\. (.+)$", re.MULTILINE)


def talk(follower: Follower, *said: str) -> str:
    """Says one after the other; the last reply."""
    return [follower.say(each) for each in said][-1]


def titles(reply: str) -> list[str]:
    return NUMBERED.findall(reply)


@pytest.mark.parametrize("said", ["有没有视频的", "要视频的", "有没有视频教程"])
def test_that_there_are_no_videos_is_said_before_the_list(anna: Follower, said: str) -> None:
    reply = talk(anna, "想学爬虫", said)
    assert reply.startswith("这里的课都是图文，没有视频") and titles(reply)[0] == CRAWLER


def test_a_wish_for_videos_without_a_subject_is_told_the_same(anna: Follower) -> None:
    reply = anna.say("有没有视频的")
    assert reply.startswith("这里的课都是图文，没有视频") and titles(reply)
    assert "没有视频" in anna.say("有视频课吗")


def test_who_asks_behind_a_list_whether_there_are_videos_sees_it_again(anna: Follower) -> None:
    listed = titles(anna.say("想学爬虫"))
    reply = anna.say("有视频课吗")
    assert "没有视频" in reply.splitlines()[0] and titles(reply) == listed
    assert listed[1] in anna.say("2")


def test_videos_among_what_is_free_are_answered_with_what_is_free(anna: Follower) -> None:
    reply = talk(anna, "免费的课", "有没有视频的")
    assert reply.startswith("这里的课都是图文，没有视频") and titles(reply) == [GIT]


def test_another_language_that_nothing_has_is_said_and_not_carried_on(anna: Follower) -> None:
    assert talk(anna, "想学爬虫", "有英文的吗").startswith("这里的课都是中文的")
    reply = anna.say("那数据库呢")
    assert titles(reply)[0] == MYSQL and "中文" not in reply and CRAWLER not in reply


@pytest.mark.parametrize("said", ["都不想要，换一批", "都不合适", "还有别的吗", "我不喜欢这些"])
def test_who_likes_none_of_them_sees_the_next_and_at_the_end_a_warm_word(anna: Follower, said: str) -> None:
    first = titles(anna.say("想学爬虫"))
    following = anna.say(said)
    assert titles(following) and not set(first) & set(titles(following))
    assert "都给你看过了" in anna.say(said)


def test_who_refuses_without_a_list_is_told_that_there_is_none(anna: Follower) -> None:
    anna.say("今天天气")
    assert "都不合适" not in anna.say("都不合适")


def test_a_wish_for_free_that_nothing_kept_ends_there(anna: Follower) -> None:
    assert "没有免费的" in talk(anna, "想学爬虫", "有没有免费的")
    assert titles(anna.say("那数据库呢"))[0] == MYSQL
    assert titles(anna.say("除了数据库还有讲Linux的吗"))[0] == "Linux 小课"


def test_too_hard_is_answered_with_what_is_easier(anna: Follower) -> None:
    reply = talk(anna, "爬虫进阶课", "太难了")
    assert reply.startswith("换成更容易上手的") and "爬虫进阶课" not in titles(reply)


def test_too_easy_is_answered_with_what_goes_deeper_and_the_truth_when_nothing_does(anna: Follower) -> None:
    reply = talk(anna, "想学爬虫", "太简单了")
    assert reply.startswith("换成讲得更深的") and titles(reply) == ["爬虫进阶课"]
    assert "没有比「爬虫进阶课」讲得更深的了" in anna.say("有更深入的吗")


def test_that_nothing_is_easier_is_said_with_what_is_as_easy(anna: Follower) -> None:
    reply = talk(anna, "想学爬虫", "太难了")
    assert reply.startswith(f"同一类里没有比「{CRAWLER}」更容易上手的了")
    assert titles(reply) and CRAWLER not in titles(reply)


def test_the_course_that_was_looked_at_is_what_is_too_hard(anna: Follower) -> None:
    anna.say("想学爬虫")
    listed = titles(anna.say("进阶的"))
    assert listed[0] == "爬虫进阶课"
    reply = talk(anna, "2", "太难了")
    assert f"没有比「{listed[1]}」更容易上手的了" in reply


def test_that_nothing_is_shorter_is_said(anna: Follower) -> None:
    reply = talk(anna, "想学爬虫", "太长了")
    assert "短的" in reply.splitlines()[0]


@pytest.mark.parametrize("said", ["我是零基础", "我什么都不会", "完全不会编程"])
def test_a_beginner_is_told_that_the_list_is_for_them(anna: Follower, said: str) -> None:
    reply = talk(anna, "想学爬虫", said)
    assert reply.startswith("按零基础来") and "爬虫进阶课" not in titles(reply)


def test_a_level_that_no_course_has_is_said(anna: Follower) -> None:
    assert talk(anna, "想学爬虫", "高级的").startswith("同一类里暂时没有专门的高级课")


def test_a_new_subject_is_not_held_against_the_course_before(anna: Follower) -> None:
    reply = talk(anna, "想学爬虫，零基础", "便宜的git课")
    assert titles(reply)[0] == GIT and "比「" not in reply
