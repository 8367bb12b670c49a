"""「人工」 hands over to a person and comes back; nobody talks into silence, and money stays with the bot."""

from __future__ import annotations

import pytest

from handlers.chat.person import TOGETHER_S, WAITING_MESSAGES, WAITING_S, Talk
from tests.flows.courses import CRAWLER
from tests.flows.follower import ORDER_LINK, Follower
from tests.flows.town import Town

HANDED_OVER = "[已转接人工客服]"


def asked(town: Town) -> Follower:
    """A follower who has asked for a person."""
    anna = town.new_follower()
    assert "人工客服" in anna.say("人工")
    return anna


def together(town: Town) -> Follower:
    """One with whom a person talks."""
    anna = asked(town)
    anna.send(type="kf_create_session")
    return anna


def test_what_will_happen_is_said_first_and_then_the_words_go_to_a_person(town: Town) -> None:
    anna = town.new_follower()
    told = anna.say("人工")
    assert "留言" in told and "课伴" in told
    assert anna.say("我的证书上名字写错了") == HANDED_OVER


@pytest.mark.parametrize("kind", ["image", "voice", "video", "shortvideo", "location", "link"])
def test_whatever_is_sent_goes_to_the_person(town: Town, kind: str) -> None:
    assert together(town).send(type=kind)["reply"]["content"] == HANDED_OVER


def test_with_a_person_a_question_about_courses_is_the_persons(town: Town) -> None:
    anna = together(town)
    for words in ("想学爬虫", "1", "更多", "谢谢", "我要退款，课太难了", "人工"):
        assert anna.say(words) == HANDED_OVER, words


def test_when_the_person_closes_the_talk_the_bot_answers_again(town: Town) -> None:
    anna = together(town)
    anna.send(type="kf_close_session")
    assert CRAWLER in anna.say("想学爬虫")


@pytest.mark.parametrize("words", ["课伴", "「课伴」", "机器人", "转机器人", "退出人工", "课伴在吗？"])
def test_the_follower_comes_back_by_a_word(town: Town, words: str) -> None:
    anna = together(town)
    assert "我回来了" in anna.say(words)
    assert CRAWLER in anna.say("想学爬虫")


def test_the_word_can_be_spoken(town: Town) -> None:
    assert "我回来了" in together(town).send(type="voice", recognition="课伴。")["reply"]["content"]


def test_where_nobody_takes_over_the_follower_is_told_and_answered_again(town: Town) -> None:
    anna = asked(town)
    assert [anna.say(f"第{number}句") for number in range(WAITING_MESSAGES)] == [
        HANDED_OVER
    ] * WAITING_MESSAGES
    assert "还没有人接" in anna.say("有人吗")
    assert CRAWLER in anna.say("想学爬虫")


def test_once_a_person_is_there_more_words_than_that_go_to_them(town: Town) -> None:
    anna = together(town)
    said = [anna.say(f"第{number}句") for number in range(WAITING_MESSAGES + 2)]
    assert set(said) == {HANDED_OVER}


def test_a_person_may_begin_by_themselves(town: Town) -> None:
    anna = town.new_follower()
    anna.send(type="kf_create_session")
    assert anna.say("想学爬虫") == HANDED_OVER


def test_from_one_person_to_another_nothing_changes(town: Town) -> None:
    anna = together(town)
    anna.send(type="kf_switch_session")
    assert anna.say("你好") == HANDED_OVER


def test_money_stays_with_the_bot(town: Town) -> None:
    anna = town.new_follower()
    anna.say("想学爬虫")
    anna.say("人工")
    anna.send(type="kf_create_session")
    assert ORDER_LINK.search(anna.say("买 1"))
    assert CRAWLER in anna.say("我的订单")
    assert "订单" in anna.say("退款") and "核对" in anna.say("我付了没开通")
    assert anna.say("课程太难了") == HANDED_OVER


def test_taps_and_menu_buttons_are_the_bots(town: Town) -> None:
    anna = town.new_follower()
    anna.say("想学爬虫")
    anna.say("人工")
    tapped = anna.send(type="text", content="1", bizmsgmenuid="1")["reply"]["content"]
    assert CRAWLER in tapped
    assert "我是课伴" in anna.tap_menu("HELP")
    assert anna.say("我的证书上名字写错了") == HANDED_OVER


def test_despair_is_answered_at_once_even_with_a_person(town: Town) -> None:
    anna = together(town)
    assert "12356" in anna.say("我不想活了")
    assert "12356" in anna.send(type="voice", recognition="我不想活了")["reply"]["content"]


def test_the_name_alone_is_a_hello(anna: Follower) -> None:
    assert "你好" in anna.say("课伴")


@pytest.mark.parametrize(
    ("talk", "lasts_s"), [(Talk(False, 1000), WAITING_S), (Talk(True, 1000), TOGETHER_S)]
)
def test_a_talk_with_a_person_ends_by_itself(talk: Talk, lasts_s: int) -> None:
    assert not talk.over(1000 + lasts_s)
    assert talk.over(1001 + lasts_s)


def test_who_leaves_and_follows_again_talks_to_the_bot(town: Town) -> None:
    anna = together(town)
    anna.unfollow()
    anna.follow()
    assert CRAWLER in anna.say("想学爬虫")
