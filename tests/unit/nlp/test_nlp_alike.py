"""Courses like others: what shares a subject, a tag or a telling word, whatever a search would refuse."""

from __future__ import annotations

import pytest

from nlp import Document, Librarian, Like

COURSES = [
    Document("bread", "第一次烤面包", "一只碗一台烤箱", tags=("烘焙", "面包")),
    Document("cake", "生日蛋糕", "戚风、奶油、裱花", tags=("烘焙", "蛋糕")),
    Document("toast", "吐司面包三十种", "早餐不重样", tags=("烘焙", "面包")),
    Document("crawler", "Python 爬虫从零到一", "把网页存成表格", tags=("爬虫", "Python")),
    Document("excel", "用 Python 整理 Excel", "办公自动化", tags=("Python", "Excel")),
    Document("knife", "刀工", "切丝切片不伤手"),
]


@pytest.fixture(scope="module")
def shop() -> Librarian:
    return Librarian.build(COURSES)


def ids(likes: tuple[Like, ...]) -> list[str]:
    return [like.id for like in likes]


def test_the_likest_comes_first_and_the_course_itself_never(shop: Librarian) -> None:
    assert ids(shop.similar("bread")) == ["toast", "cake"]
    assert ids(shop.similar("crawler")) == ["excel"]
    scores = [like.score for like in shop.similar("bread")]
    assert scores == sorted(scores, reverse=True) and 0 < scores[-1] <= scores[0] <= 1


def test_the_reason_is_what_both_teach(shop: Librarian) -> None:
    assert shop.similar("cake")[0].reason == "都讲「烘焙」"
    assert shop.similar("excel")[0].reason == "都讲「Python」"


def test_what_a_search_refuses_is_alike_all_the_same(shop: Librarian) -> None:
    """烘焙 is small talk to a shop of programming, and refused there."""
    assert shop.similar("cake")


def test_a_course_that_shares_nothing_is_like_none(shop: Librarian) -> None:
    assert shop.similar("knife") == ()


def test_an_unknown_course_is_like_none(shop: Librarian) -> None:
    assert shop.similar("gone") == ()
    assert Librarian.build([]).like(["gone"]) == ()


def test_several_courses_are_each_a_reason(shop: Librarian) -> None:
    likes = shop.like(["bread", "crawler", "gone"], limit=10)
    assert {like.id: like.because for like in likes} == {
        "toast": "bread",
        "cake": "bread",
        "excel": "crawler",
    }


def test_what_is_left_out_makes_room_for_the_next(shop: Librarian) -> None:
    assert ids(shop.like(["bread"], limit=1)) == ["toast"]
    assert ids(shop.like(["bread"], limit=1, exclude=["toast"])) == ["cake"]


def test_a_tag_that_most_courses_have_makes_no_two_alike() -> None:
    many = [
        Document(f"c{n}", f"第{n}讲：{name}", tags=("会员",))
        for n, name in enumerate("琴棋书画诗酒花茶山水云月")
    ]
    shop = Librarian.build(many)
    assert all(shop.similar(each.id) == () for each in many)


def test_a_thousand_equal_courses_cost_no_more_than_any(shop: Librarian) -> None:
    twins = Librarian.build(Document(f"t{n}", "Python 爬虫", tags=("爬虫",)) for n in range(1000))
    likes = twins.similar("t500")
    assert len(likes) == 3 and "t500" not in ids(likes)
