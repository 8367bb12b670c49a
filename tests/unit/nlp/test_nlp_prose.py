"""What technical prose is shy of: everyday talk told at length is refused, a need told at length is not."""

import pytest

from nlp import Librarian
from nlp.prose import leaning


def test_words_lean_towards_technical_prose_or_away_from_it() -> None:
    assert leaning("代码") > 1 > 0 > leaning("衣服")
    assert leaning("没有人数过的词") == 0


@pytest.mark.parametrize(
    "text",
    [
        "我跟我妈吵架了，现在不知道该怎么跟她开口",
        "冬天手脚总是冰凉，喝什么汤能暖和一点",
        "我奶奶八十大寿，在家里办还是去饭店办好",
        "楼下小区停车位太少了，每天回来都找不到地方",
        "皮肤又干又痒，用什么牌子的身体乳好",
    ],
)
def test_everyday_talk_told_at_length_gets_no_course(sample: Librarian, text: str) -> None:
    assert sample.search(text).hits == ()


def test_a_need_told_at_length_gets_one(sample: Librarian) -> None:
    assert sample.search("每天都要把几十张表里的数字抄到一张总表里，抄得眼睛都花了").hits
