"""The façade: what is found, in what order, with which reason, and when the answer is no."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from nlp import Answer, Document, Librarian, Limits, evaluate
from nlp.intent import INTENTS

LABELLED = Path(__file__).with_name("labelled.jsonl")


def ids(answer: Answer) -> list[str]:
    return [hit.id for hit in answer.hits]


# -- on the sample catalogue

# `heldout` was written without a look at the concepts, and nothing was tuned on it: the honest figure.
FLOORS = {
    "keyword": 0.95,
    "chatter": 0.94,
    "paraphrase": 0.88,
    "limits": 0.93,
    "typo": 0.9,
    "heldout": 0.6,
    "all": 0.88,
}


@pytest.fixture(scope="module")
def table(sample: Librarian) -> dict[str, evaluate.Figures]:
    results = evaluate.run(lambda query: ids(sample.search(query)), evaluate.load(LABELLED))
    return evaluate.by_kind(results)


@pytest.mark.parametrize("kind", FLOORS)
def test_the_right_course_stands_high(table: dict[str, evaluate.Figures], kind: str) -> None:
    assert table[kind].ndcg >= FLOORS[kind]


def test_what_is_off_topic_is_refused_and_little_else(table: dict[str, evaluate.Figures]) -> None:
    assert table["offtopic"].refused >= 0.95
    assert table["heldout-offtopic"].refused >= 0.92
    assert table["all"].refused <= 0.03


def test_the_labelled_courses_are_in_the_catalogue(sample_documents: list[Document]) -> None:
    known = {document.id for document in sample_documents}
    assert {course for each in evaluate.load(LABELLED) for course in each.relevant} <= known


@pytest.mark.parametrize(
    "question",
    ["今天天气", "讲个笑话", "你好", "asdfgh", "想学做菜", "红烧肉怎么做", "附近的酒店", "", "😀", "。。。"],
)
def test_nothing_fits_what_is_not_about_courses(sample: Librarian, question: str) -> None:
    assert sample.search(question) == Answer()


@pytest.mark.parametrize(
    ("question", "course"),
    [
        ("爬虫", "python-crawler"),
        ("怎么让程序自己检查自己对不对", "pytest-testing"),
        ("想自动把网页上的表格存成 Excel", "python-crawler"),
        ("数据库查询很慢怎么办", "mysql-index"),
        ("求职", "programmer-interview"),
        ("想学爬虫，零基础", "python-crawler"),
    ],
)
def test_a_need_finds_its_course(sample: Librarian, question: str, course: str) -> None:
    assert sample.search(question).hits[0].id == course


def test_a_course_is_found_by_its_own_title(sample: Librarian, sample_documents: list[Document]) -> None:
    for document in sample_documents:
        assert sample.search(document.title).hits[0].id == document.id
        assert sample.called(document.title)[0].id == document.id


def test_a_course_has_others_like_it_and_never_itself(
    sample: Librarian, sample_documents: list[Document]
) -> None:
    for document in sample_documents:
        assert document.id not in [hit.id for hit in sample.similar(document.id)]
    assert sample.similar("python-crawler")[0].id == "crawler-advanced"


# -- limits


@pytest.mark.parametrize(
    ("question", "allowed"),
    [("爬虫 200以内", {"crawler"}), ("爬虫 200到300", {"crawler-pro"}), ("免费的java课", {"java"})],
)
def test_a_price_is_kept(small: Librarian, question: str, allowed: set[str]) -> None:
    assert set(ids(small.search(question))) == allowed


def test_when_no_price_fits_the_answer_says_so_and_shows_the_nearest(small: Librarian) -> None:
    answer = small.search("50以内的爬虫课")
    assert ids(answer) == []
    assert answer.nearest[0].id == "crawler"
    assert "50 元以内" in answer.note
    assert "99 元" in answer.nearest[0].reason


@pytest.mark.parametrize(
    ("said", "first"), [("零基础", "crawler"), ("高级", "crawler-pro"), ("便宜点的", "crawler")]
)
def test_a_level_and_cheapness_lean_without_throwing_out(small: Librarian, said: str, first: str) -> None:
    assert ids(small.search(f"{said}爬虫课")) in ([first], [first, *({"crawler", "crawler-pro"} - {first})])


def test_limits_alone_look_around(small: Librarian) -> None:
    answer = small.search("免费的")
    assert ids(answer) == ["java"]
    assert "免费" in answer.hits[0].reason
    assert small.read("100到130").limits == Limits(min_price_fen=10000, max_price_fen=13000)
    assert ids(small.search("100到130")) == ["mysql"]
    assert small.search("免费的", exclude=["java"]).note


def test_a_wish_to_look_around_shows_courses_of_many_kinds(small: Librarian) -> None:
    first_two = ids(small.search("推荐几门课", limit=2))
    assert len(first_two) == 2
    assert {"crawler", "crawler-pro"} != set(first_two)


def test_what_is_excluded_is_not_offered(small: Librarian) -> None:
    assert ids(small.search("爬虫", exclude=["crawler", "no-such-course"])) == ["crawler-pro"]


# -- reasons


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("爬虫", "爬虫"),
        ("paichong", "爬虫"),
        ("零基础学机器学习", "零基础"),
        ("200以内的爬虫", "99 元"),
        ("免费的Java", "免费"),
        ("语句要跑好几秒", "数据库优化"),
    ],
)
def test_the_reason_names_what_matched(small: Librarian, question: str, told: str) -> None:
    assert told in small.search(question).hits[0].reason


def test_the_reason_quotes_the_follower_for_a_concept_that_was_meant(sample: Librarian) -> None:
    assert sample.search("自动抓网页").hits[0].reason.startswith("你说的「抓网页」就是爬虫")


def test_a_reason_is_one_line_and_never_empty(sample: Librarian) -> None:
    for each in evaluate.load(LABELLED):
        for hit in sample.search(each.query).hits:
            assert hit.reason, (each.query, hit)
            assert "\n" not in hit.reason
            assert len(hit.reason) <= 80
            assert 0 <= hit.score <= 1


def test_a_catalogue_of_another_field_makes_its_words_topics(small: Librarian) -> None:
    """钢琴 is everyday talk for a programming school, and a course of a music school."""
    assert ids(small.search("想学钢琴")) == ["piano"]


def test_a_topic_that_no_course_is_about_is_refused_though_its_words_are_common(sample: Librarian) -> None:
    for question in ("鸿蒙开发", "区块链", "单片机开发入门", "C++ 游戏开发"):
        assert sample.search(question).hits == ()


def test_a_rebuild_takes_over_what_did_not_change(sample_documents: list[Document]) -> None:
    before = Librarian.build(sample_documents)
    changed = [*sample_documents[:-1], replace(sample_documents[-1], title="古琴入门", tags=("古琴",))]
    after = Librarian.build(changed, previous=before)
    fresh = Librarian.build(changed)
    for question in ("古琴", "爬虫", "数据库查询很慢怎么办"):
        assert after.search(question) == fresh.search(question)


# -- bad input

STRANGE = {
    "empty": "",
    "one character": "课",
    "long": "爬虫怎么学" * 400,
    "one letter": "a" * 2000,
    "emoji": "😀🎉👍" * 50,
    "control": "\x00\x01\x1b[31m爬虫\x7f\r\n",
    "html": "<script>alert('爬虫')</script><img src=x onerror=1>",
    "sql": "'; DROP TABLE courses; -- 1=1",
    "english": "How do I scrape tables from a web page into Excel?",
    "japanese": "プログラミングを勉強したいです",
    "korean": "파이썬 배우고 싶어요",
    "surrogates": "\ud83d爬虫",
    "right to left": "مرحبا\u202e爬虫",
    "brackets": "((((" * 500,
    "digits": "9" * 2000,
    "mixed": "第第第第买买买买200以内以内免费" * 100,
}


@pytest.mark.parametrize("kind", STRANGE)
def test_strange_messages_get_a_sensible_answer(small: Librarian, kind: str) -> None:
    text = STRANGE[kind]
    assert small.read(text).intent in INTENTS
    json.dumps([hit.reason for hit in small.search(text).hits])


CATALOGUES: dict[str, list[Document]] = {
    "none": [],
    "one": [Document("a", "Python 爬虫")],
    "empty texts": [Document("a", ""), Document("b", "")],
    "identical": [Document(f"c{number}", "Python 爬虫", "抓网页", "正文") for number in range(300)],
    "only signs": [Document("a", "！！！", "😀", "<br>")],
}


@pytest.mark.parametrize("kind", CATALOGUES)
@pytest.mark.parametrize("question", ["爬虫", "今天天气", "推荐", "200以内", ""])
def test_strange_catalogues_are_searched(kind: str, question: str) -> None:
    librarian = Librarian.build(CATALOGUES[kind])
    answer = librarian.search(question)
    assert len(answer.hits) <= min(10, len(CATALOGUES[kind]))
    if question == "爬虫" and kind in ("one", "identical"):
        assert answer.hits[0].id in ("a", "c0")


def test_many_threads_get_the_same_answer(small: Librarian) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(small.search, ["怎么抓网页上的数据"] * 100))
    assert all(answer == answers[0] for answer in answers)


# -- evaluation


def test_the_gain_of_a_ranking_is_by_the_formula() -> None:
    relevant = {"a": 3.0, "b": 1.0}
    assert evaluate.ndcg(["a", "b"], relevant) == 1
    assert evaluate.ndcg(["x"], relevant) == 0
    assert evaluate.ndcg(["b", "a"], relevant) == pytest.approx(
        (1 + 7 / 1.58496) / (7 + 1 / 1.58496), rel=1e-4
    )
    assert (evaluate.ndcg([], {}), evaluate.ndcg(["a"], {})) == (1, 0)


def test_figures_are_told_apart_by_kind() -> None:
    queries = [evaluate.Labelled("甲", "k", {"a": 1}), evaluate.Labelled("乙", "off", {})]
    table = evaluate.by_kind(evaluate.run(lambda query: ["x", "a"] if query == "甲" else [], queries))
    assert (table["k"].mrr, table["k"].recall, table["off"].refused) == (0.5, 1, 1)
    assert table["all"].queries == 1


def test_a_bad_line_of_labels_is_named(tmp_path: Path) -> None:
    path = tmp_path / "queries.jsonl"
    path.write_text('{"query": "a", "kind": "k", "relevant": {}}\n{"query": 1}\n', encoding="utf-8")
    with pytest.raises(evaluate.BadQueries, match=r"queries\.jsonl:2"):
        evaluate.load(path)
