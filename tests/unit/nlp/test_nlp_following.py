"""A message that goes on from the one before it, and one that stands alone."""

import pytest

from nlp import Librarian


@pytest.mark.parametrize(
    ("before", "said", "together"),
    [
        ("想学爬虫", "便宜一点的", "想学爬虫，便宜一点的"),
        ("爬虫 200以内", "50以内的", "爬虫，50以内的"),
        ("零基础学前端", "有没有进阶的", "学前端，有没有进阶的"),
        ("python 后端", "那Java呢", "java 后端"),
        ("想做小程序", "那安卓呢", "想做 安卓"),
        ("后端", "不要java", "后端，不要java"),
        ("学python", "学完这个能做什么", "学python，学完这个能做什么"),
    ],
)
def test_what_goes_on_is_read_with_what_came_before(
    sample: Librarian, before: str, said: str, together: str
) -> None:
    assert _spaced(sample.read(said, [before]).text) == _spaced(together)


@pytest.mark.parametrize("said", ["机器学习", "今天天气", "你好", "怎么训练模型", "买 1", "想学Docker部署"])
def test_what_stands_alone_is_read_alone(sample: Librarian, said: str) -> None:
    assert sample.read(said, ["想学爬虫"]) == sample.read(said)


@pytest.mark.parametrize(
    "said", ["unity做游戏", "想在家学咖啡拉花", "怎么修自行车", "有没有吉他课", "solidworks 建模"]
)
def test_a_subject_of_its_own_that_nobody_teaches_is_not_answered_with_the_last_list(
    sample: Librarian, said: str
) -> None:
    assert sample.read(said, ["想学爬虫，零基础"]).text == said
    assert "python-crawler" not in [hit.id for hit in sample.search(sample.read(said, ["想学爬虫"])).hits]


def test_only_the_last_questions_are_looked_at(sample: Librarian) -> None:
    before = ["机器学习"] * 50 + ["想学爬虫", "便宜一点的"]
    assert "爬虫" in sample.read("零基础的", before).text


def test_the_first_question_has_none_before_it(sample: Librarian) -> None:
    assert sample.read("便宜一点的", []) == sample.read("便宜一点的")


def test_a_changed_subject_finds_the_new_one(sample: Librarian) -> None:
    found = sample.search(sample.read("那mysql呢", ["想学爬虫"]))
    assert found.hits[0].id == "mysql-index"


def _spaced(text: str) -> str:
    return " ".join(text.replace("，", " ").split())
