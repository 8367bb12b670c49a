"""Words beside the subject (who, how, when, what one thinks) are no reason; and wishes are understood."""

import pytest

from nlp import Document, Librarian
from nlp.aside import is_aside
from nlp.words import is_function


@pytest.mark.parametrize("word", ["老板", "同事", "最好", "接着", "一起", "乱七八糟", "卖得", "先学", "很多"])
def test_people_and_manner_and_opinion_stand_beside_the_subject(word: str) -> None:
    assert is_aside(word)


@pytest.mark.parametrize(
    "word", ["网页", "并发", "收钱", "数据", "python", "操作系统", "客户", "编程", "自动"]
)
def test_a_thing_to_be_learnt_is_not_beside_the_subject(word: str) -> None:
    assert not is_aside(word)


def test_word_classes_are_those_of_general_chinese() -> None:
    assert is_function("最好") and is_function("同时") and not is_function("网页")


@pytest.mark.parametrize(
    ("text", "silly"),
    [
        ("老板让我做个数据看板，从哪学起", "老板"),
        ("满屏any被同事嘲笑", "同事"),
        ("最好能马上用到工作里的编程课", "最好"),
        ("想转行做程序员", "程序员"),
        ("35岁了还能转码吗", "「35」"),
    ],
)
def test_no_reason_is_made_of_what_stands_beside_the_subject(
    sample: Librarian, text: str, silly: str
) -> None:
    answer = sample.search(text)
    told = [hit.reason for hit in answer.hits[:3]]
    assert told
    assert not [line for line in told if f"讲到了「{silly}" in line or f"提到了「{silly}" in line]
    assert not [line for line in told if f"会讲到「{silly}" in line or f"就是讲「{silly}" in line]


def test_what_a_shop_teaches_is_a_reason_there() -> None:
    """一起 joins in general Chinese; in the title of a course it is what the course is called."""
    shelf = Librarian.build(
        [
            Document("duet", "一起弹：四手联弹", "两个人坐在一架钢琴前", "", ("钢琴", "四手联弹")),
            Document("soup", "慢慢煲汤", "天冷了想喝点热乎的", "", ("煲汤",)),
        ]
    )
    assert "「四手联弹」" in shelf.search("想学四手联弹").hits[0].reason


def test_a_torn_part_of_a_word_is_no_reason(sample: Librarian) -> None:
    """提示词 is not what a course on types means by 提示."""
    assert not [hit for hit in sample.search("怎么写提示词").hits if "「提示」" in hit.reason]


@pytest.mark.parametrize(
    ("text", "wanted", "within"),
    [
        ("有没有讲怎么提高工作效率的", {"excel-automation", "prompt-writing"}, 2),
        ("代码老是写得乱七八糟", {"git-teamwork", "pytest-testing"}, 3),
        ("怎么让网站快一点", {"redis-practice", "mysql-index", "system-design"}, 3),
        ("老板让我做个数据看板，从哪学起", {"data-visualization", "pandas-analysis"}, 2),
        ("想转行做程序员", {"python-start"}, 2),
        ("怎么写提示词", {"prompt-writing"}, 1),
        ("我孩子10岁想学编程", {"python-start"}, 1),
        ("做个智能客服", {"llm-apps"}, 2),
    ],
)
def test_a_wish_that_names_no_subject_is_understood(
    sample: Librarian, text: str, wanted: set[str], within: int
) -> None:
    assert wanted <= {hit.id for hit in sample.search(text).hits[:within]}


def test_where_only_likelihood_speaks_for_a_course_the_likely_subject_is_told(sample: Librarian) -> None:
    told = [hit.reason for hit in sample.search("哪些客户可能会流失").hits]
    assert any("可能和你说的有关" in line for line in told)
