"""A few courses of other trades among courses of ours: their own words outrank what concepts guess."""

import numpy as np
import pytest

from nlp import Document, Librarian
from nlp.judge import trusted

FOREIGN = [
    Document("latte", "拿铁拉花入门", "从打奶泡到第一颗心", "奶泡、融合、出图", ("咖啡", "拉花")),
    Document("yoga", "每天十五分钟瑜伽", "一张垫子，拉伸肩颈和腰背", "猫牛式", ("瑜伽", "拉伸")),
    Document("bread", "家用烤箱做面包", "揉面、发酵，烤出软软的吐司", "中种、汤种", ("面包", "烘焙")),
    Document("law", "租房合同看得懂", "押金、违约、转租", "逐条讲合同", ("法律", "租房")),
    Document("calli", "硬笔书法三十天", "横平竖直，把字写得好看", "笔画、结构", ("书法", "练字")),
    Document("baby", "新手爸妈带娃课", "喂养、哄睡，一岁以内的事", "夜醒怎么办", ("育儿", "辅食")),
    Document("guitar", "零基础吉他弹唱", "四个和弦弹会十首歌", "扫弦节奏", ("吉他", "弹唱")),
]


@pytest.fixture(scope="module")
def mixed(sample_documents: list[Document]) -> Librarian:
    return Librarian.build([*sample_documents, *FOREIGN])


@pytest.mark.parametrize(
    ("question", "course"),
    [
        ("想在家学咖啡拉花", "latte"),
        ("想自己在家练瑜伽", "yoga"),
        ("想用烤箱烤面包", "bread"),
        ("面包发酵总是失败", "bread"),
        ("租房合同要注意什么", "law"),
        ("字写得难看想练字", "calli"),
    ],
)
def test_a_subject_of_another_trade_outranks_a_guess(mixed: Librarian, question: str, course: str) -> None:
    assert mixed.search(question).hits[0].id == course


@pytest.mark.parametrize(("question", "course"), [("下班后想学吉他", "guitar"), ("宝宝辅食怎么做", "baby")])
def test_everyday_words_around_such_a_subject_are_no_small_talk(
    mixed: Librarian, question: str, course: str
) -> None:
    assert mixed.search(question).hits[0].id == course


@pytest.mark.parametrize("question", ["晚饭吃什么", "附近哪里有咖啡店", "感冒了吃什么药"])
def test_small_talk_is_still_refused(mixed: Librarian, question: str) -> None:
    assert not mixed.search(question).hits


def test_what_concepts_mean_is_found_beside_courses_of_other_trades(mixed: Librarian) -> None:
    assert mixed.search("想把网页上的表格存下来").hits[0].id == "python-crawler"


def test_a_guess_that_is_hardly_likely_has_little_of_a_vote() -> None:
    unlikely, likely = np.array([0.0, 0.03], dtype=np.float32), np.array([0.0, 0.4], dtype=np.float32)
    assert trusted(unlikely, 0.0) == pytest.approx(0.3)
    assert trusted(likely, 0.0) == 1.0
    assert trusted(likely, 0.5) == 0.25
