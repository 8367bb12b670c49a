"""What may change an order that relevance leaves open, and what the chance says."""

import pytest

from nlp import Document, Librarian, Limits, ranking


def course(id: str, title: str = "", **more: object) -> Document:
    return Document(id, title or id, **more)  # type: ignore[arg-type] # any of its fields


def never(_row: int, _other: int) -> float:
    return 0.0


def test_rating_parts_equals_and_lifts_nothing_above_a_better_one() -> None:
    documents = [course("best"), course("tied", rating=4.8), course("worse", rating=5.0, learners=10_000)]
    worth = {0: 1.0, 1: 0.98, 2: 0.9}
    assert ranking.ranked([0, 1, 2], worth, documents, never) == [1, 0, 2]


def test_of_equals_the_fresher_and_then_the_better_known_comes_first() -> None:
    documents = [
        course("old", updated="2024-01-01"),
        course("new", updated="2026-01-01"),
        course("known", updated="2026-01-01", learners=9),
    ]
    assert ranking.ranked([0, 1, 2], {0: 1.0, 1: 1.0, 2: 1.0}, documents, never) == [2, 1, 0]
    plain = [course("a"), course("b")]
    assert ranking.ranked([1, 0], {1: 1.0, 0: 1.0}, plain, never) == [1, 0]


def test_three_near_copies_do_not_fill_the_first_page() -> None:
    documents = [course(str(number)) for number in range(5)]
    worth = {0: 1.0, 1: 0.9, 2: 0.8, 3: 0.7, 4: 0.2}
    copies = {0, 1, 2}
    alike = lambda row, other: 1.0 if {row, other} <= copies else 0.0  # noqa: E731 - two rows in, one number out
    assert ranking.ranked([0, 1, 2, 3, 4], worth, documents, alike) == [0, 1, 3, 2, 4]
    copies = {0, 1, 2, 3}
    assert ranking.ranked([0, 1, 2, 3, 4], worth, documents, alike) == [
        0,
        1,
        2,
        3,
        4,
    ]  # the last fits too badly


@pytest.mark.parametrize(
    ("said", "order"),
    [(Limits(cheap=True), [2, 0, 1, 3]), (Limits(dear=True), [1, 0, 2, 3]), (Limits(), [0, 1, 2, 3])],
)
def test_price_orders_the_good_ones_only(said: Limits, order: list[int]) -> None:
    documents = [course(str(price), price_fen=price) for price in (200, 300, 100, 1)]
    worth = {0: 1.0, 1: 0.9, 2: 0.7, 3: 0.3}
    assert ranking.by_price([0, 1, 2, 3], worth, documents, said) == order


def test_the_cheaper_of_two_good_courses_comes_first_and_scores_still_fall() -> None:
    librarian = Librarian.build(
        [
            course("dear", "Python 爬虫从零到一", tags=("爬虫",), price_fen=29900),
            course("cheap", "Python 爬虫实战", tags=("爬虫",), price_fen=4900),
            course("java", "Java 基础", tags=("Java",), price_fen=100),
        ]
    )
    assert librarian.search("Python 爬虫从零到一").hits[0].id == "dear"
    hits = librarian.search("便宜一点的爬虫课").hits
    assert [hit.id for hit in hits] == ["cheap", "dear"]
    assert hits[0].score >= hits[1].score


def test_the_first_page_shows_something_else_beside_copies() -> None:
    copies = [course(f"copy{number}", f"Python 爬虫入门 第{number}期", tags=("爬虫",)) for number in range(5)]
    librarian = Librarian.build([*copies, course("other", "网页数据采集：从请求到存表", tags=("爬虫",))])
    assert "other" in [hit.id for hit in librarian.search("爬虫").hits[:3]]


# -- the chance


def test_the_chance_is_told_whether_or_not_anything_is_offered(small: Librarian) -> None:
    sure, none = small.search("Python 爬虫"), small.search("今天天气怎么样")
    assert sure.chance > 0.8 and not sure.unsure
    assert none.chance < 0.5 and not none.hits


def test_what_is_offered_by_half_is_offered_as_a_question(sample: Librarian) -> None:
    """Between yes and no; and what nobody teaches is never offered as if it were."""
    assert sample.search("PHP Laravel 开发").unsure and sample.search("PHP Laravel 开发").hits
    asked = (
        "想在网上有一张自己的名片",
        "每天都要手动重复的事太多",
        "页面打开得太慢",
        "代码越写越乱",
        "爬虫",
        "天气",
    )
    for answer in map(sample.search, asked):
        assert answer.hits or not answer.unsure
        assert answer.unsure or not answer.hits or answer.chance >= 0.6


def test_who_types_the_name_of_a_chat_wants_to_use_it(sample: Librarian) -> None:
    ids = [hit.id for hit in sample.search("chatgpt").hits]
    assert ids.index("prompt-writing") < ids.index("llm-finetune")
