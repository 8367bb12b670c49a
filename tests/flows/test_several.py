"""Several questions in one message."""

from __future__ import annotations

import re

import pytest

from tests.flows.follower import Follower

LISTED = re.compile(r"^(\d)\. (.*)$", re.MULTILINE)


def test_both_questions_are_answered_and_the_numbers_go_through(anna: Follower) -> None:
    reply = anna.say("想学爬虫，另外有没有讲git的")
    numbers, titles = zip(*LISTED.findall(reply), strict=True)
    assert numbers == ("1", "2", "3")
    assert any("爬虫" in title for title in titles) and "Git 免费课" in titles
    assert len(reply.encode()) <= 2048
    for number, title in zip(numbers, titles, strict=True):
        assert f"《{title}》" in anna.say(number)


def test_what_has_no_course_is_said_beside_what_has(anna: Follower) -> None:
    reply = anna.say("爬虫怎么学？有没有讲kubernetes的？")
    assert "爬虫小课" in reply
    assert "「有没有讲kubernetes的」：这个暂时没有" in reply


@pytest.mark.parametrize("words", ["想学爬虫，另外便宜一点的", "想学爬虫，还有爬虫进阶", "爬虫和git学哪个"])
def test_one_question_in_two_breaths_stays_one(anna: Follower, words: str) -> None:
    assert "一样一样来" not in anna.say(words)


def test_three_questions_get_a_course_each(anna: Follower) -> None:
    reply = anna.say("爬虫怎么学？git怎么用？还有mysql索引怎么建？")
    titles = [title for _, title in LISTED.findall(reply)]
    assert len(titles) == 3
    assert "Git 免费课" in titles and "MySQL 索引小课" in titles
