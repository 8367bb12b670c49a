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
        ("想做小程序", "那安卓呢", "安卓"),
        ("服务器被黑了", "那数据库呢", "数据库"),
        ("redis缓存", "那mysql呢", "mysql"),
        ("爬虫，100以内的", "那pandas呢", "pandas 100元以内的"),
        ("想学linux，零基础的", "也想学docker", "想学docker 零基础"),
        ("怎么用python抓网页", "那Java呢", "怎么用 java 抓网页"),
        ("前端，不要vue", "那vue呢", "vue"),
        ("大模型，有免费的吗", "那爬虫有免费的吗", "爬虫有免费的吗"),
        ("想学后端", "用python的", "想学后端 用python的"),
        ("想学go", "和java比呢", "想学go 和java比呢"),
        ("想做网站", "我不会编程", "想做网站 零基础"),
        ("想转行做程序员", "我什么都不会", "想转行做程序员 我什么都不会"),
        ("想学机器学习", "数学不好能学吗", "想学机器学习 数学不好能学吗"),
        ("后端", "不要java", "后端，不要java"),
        ("学python", "学完这个能做什么", "学python，学完这个能做什么"),
    ],
)
def test_what_goes_on_is_read_with_what_came_before(
    sample: Librarian, before: str, said: str, together: str
) -> None:
    assert _spaced(sample.read(said, [before]).text) == _spaced(together)


@pytest.mark.parametrize(
    "said",
    ["机器学习", "今天天气", "你好", "怎么训练模型", "买 1", "想学Docker部署", "有没有讲怎么提高工作效率的"],
)
def test_what_stands_alone_is_read_alone(sample: Librarian, said: str) -> None:
    assert sample.read(said, ["想学爬虫"]) == sample.read(said)


@pytest.mark.parametrize(
    "said", ["unity做游戏", "想在家学咖啡拉花", "怎么修自行车", "有没有吉他课", "solidworks 建模"]
)
def test_a_subject_of_its_own_that_nobody_teaches_is_not_answered_with_the_last_list(
    sample: Librarian, said: str
) -> None:
    assert sample.read(said, ["想学爬虫，零基础"]).text in (said, f"{said}，零基础")
    assert "python-crawler" not in [hit.id for hit in sample.search(sample.read(said, ["想学爬虫"])).hits]


def test_only_the_last_questions_are_looked_at(sample: Librarian) -> None:
    before = ["机器学习"] * 50 + ["想学爬虫", "便宜一点的"]
    assert "爬虫" in sample.read("零基础的", before).text


def test_the_first_question_has_none_before_it(sample: Librarian) -> None:
    assert sample.read("便宜一点的", []) == sample.read("便宜一点的")


def test_a_changed_subject_finds_the_new_one(sample: Librarian) -> None:
    found = sample.search(sample.read("那mysql呢", ["想学爬虫"]))
    assert found.hits[0].id == "mysql-index"


def test_a_limit_that_nothing_kept_is_not_carried_to_the_next_subject(sample: Librarian) -> None:
    nothing_free = sample.read("有没有免费的", ["想学前端"])
    assert not sample.search(nothing_free).hits
    assert not sample.read("那Java呢", [nothing_free.text]).limits.has_price
    assert not sample.read("进阶的", [nothing_free.text]).limits.has_price
    assert sample.read("那数据库呢", ["服务器被黑了，英文的课有吗"]).limits.language == ""


def test_a_limit_that_was_kept_is_carried_to_the_next_subject(sample: Librarian) -> None:
    assert sample.read("那Java呢", ["python，有没有免费的"]).limits.free


def test_a_question_with_a_subject_of_its_own_begins_anew_but_for_a_beginner(sample: Librarian) -> None:
    before = ["想学爬虫，零基础，100以内，不要java"]
    anew = sample.read("想学Docker部署", before)
    assert (anew.text, anew.limits.level) == ("想学Docker部署，零基础", "beginner")
    assert anew.limits.max_price_fen is None and not anew.without
    assert sample.read("有没有进阶的docker课", before).limits.level == "intermediate"
    assert sample.read("想学Docker部署", ["爬虫，有没有更深的"]).limits.level == ""


@pytest.mark.parametrize("said", ["除了Java还有别的后端吗", "还有Redis的吗", "要面试用的"])
def test_who_asks_for_a_subject_with_still_begins_anew_too(sample: Librarian, said: str) -> None:
    assert sample.read(said, ["java，有没有免费的，不要go"]) == sample.read(said)


def test_a_refusal_goes_with_its_subject(sample: Librarian) -> None:
    refused = sample.read("除了Java还有别的后端吗", ["想学前端"])
    assert refused.without == ("java",)
    assert not sample.read("要面试用的", [refused.text]).without
    assert sample.read("便宜点的", [refused.text]).without == ("java",)


@pytest.mark.parametrize(
    ("said", "goes_on"),
    [
        ("便宜点的", True),
        ("太难了", True),
        ("我什么都不会", True),
        ("那Java呢", False),
        ("想学docker", False),
        ("换一批", False),
    ],
)
def test_only_what_is_about_the_same_subject_goes_on(sample: Librarian, said: str, goes_on: bool) -> None:
    assert sample.goes_on(said) is goes_on


def _spaced(text: str) -> str:
    return " ".join(text.replace("，", " ").split())
