"""The shelf in memory: filters that combine, what each choice would leave, three orders, pages of twenty."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from content.course import Catalogue, Course
from handlers.web.shelf_index import PAGE_COURSES, ShelfIndex, ShelfIndexes, Wish

LEVELS = ("beginner", "intermediate", "advanced")
PRICES_FEN = (0, 49_00, 50_00, 99_00, 150_00, 399_00)


def course(number: int) -> Course:
    return Course(
        id=f"c{number:04}",
        slug=f"c{number:04}",
        title=f"第 {number} 门",
        summary="",
        price_fen=PRICES_FEN[number % 6],
        price_original_fen=None,
        level=LEVELS[number % 3],
        tags=("even",) if number % 2 == 0 else ("odd", "rare") if number == 1 else ("odd",),
        teacher="",
        access="forever",
        refund="none",
        page_html="",
        search_text="",
        lessons=(),
        version=1,
        published_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number),
    )


@pytest.fixture
def index() -> ShelfIndex:
    return ShelfIndex(Catalogue(1, tuple(course(number) for number in range(60))))


def numbers(index: ShelfIndex, wish: Wish, hits: list[str] | None = None) -> list[int]:
    return [int(one.id[1:]) for one in index.find(wish, hits).courses]


def test_filters_combine(index: ShelfIndex) -> None:
    found = index.find(Wish(tag="even", level="beginner", price="free"))
    assert found.count == 10
    assert all(one.price_fen == 0 and one.level == "beginner" for one in found.courses)
    assert index.find(Wish(tag="odd", level="beginner", price="free")).count == 0


def test_a_ceiling_takes_in_what_is_cheaper_and_what_is_free(index: ShelfIndex) -> None:
    within = [index.find(Wish(price="50", page=page)) for page in (1, 2)]
    assert {one.price_fen for found in within for one in found.courses} == {0, 49_00, 50_00}
    assert {one.price_fen for one in index.find(Wish(price="above")).courses} == {399_00}


def test_each_choice_says_how_many_it_would_leave(index: ShelfIndex) -> None:
    counts = index.find(Wish(tag="even", level="beginner")).counts
    for level in LEVELS:
        assert counts["level"].get(level, 0) == index.find(Wish(tag="even", level=level)).count
    for price in ("free", "50", "100", "200", "above"):
        wish = Wish(tag="even", level="beginner", price=price)
        assert counts["price"].get(price, 0) == index.find(wish).count


def test_the_three_orders(index: ShelfIndex) -> None:
    newest = numbers(index, Wish(sort="new"))
    assert newest == list(range(59, 39, -1))
    cheap = [one.price_fen for one in index.find(Wish(sort="price")).courses]
    assert cheap == sorted(cheap)
    assert {one.level for one in index.find(Wish()).courses} == {"beginner"}


def test_pages_of_twenty_hold_each_course_once(index: ShelfIndex) -> None:
    seen = [number for page in (1, 2, 3) for number in numbers(index, Wish(page=page))]
    assert len(seen) == len(set(seen)) == 60
    assert len(numbers(index, Wish(page=1))) == PAGE_COURSES


def test_a_page_beyond_the_last_is_the_last(index: ShelfIndex) -> None:
    assert index.find(Wish(page=99)).page == 3
    assert index.find(Wish(tag="rare", page=99)).page == 1


def test_what_was_asked_for_keeps_the_librarians_order_and_the_filters(index: ShelfIndex) -> None:
    hits = ["c0007", "c0002", "gone", "c0004"]
    assert numbers(index, Wish(question="x"), hits) == [7, 2, 4]
    assert numbers(index, Wish(question="x", tag="even"), hits) == [2, 4]
    assert numbers(index, Wish(question="x", sort="new"), hits) == [7, 4, 2]


def test_the_chosen_tag_comes_first_and_rare_ones_are_not_offered(index: ShelfIndex) -> None:
    assert index.common_tags("") == ("even", "odd")
    assert index.common_tags("rare")[0] == "rare"
    assert index.common_tags("unknown") == ("even", "odd")


def test_an_address_keeps_the_wish_and_begins_at_the_first_page() -> None:
    wish = Wish(question="爬 虫", tag="a&b", level="beginner", page=3)
    assert wish.address(price="50") == "/courses?q=%E7%88%AC+%E8%99%AB&tag=a%26b&level=beginner&price=50"
    assert wish.address(page=4).endswith("&page=4")
    assert Wish(tag="x").address(tag="") == "/courses"


def test_the_index_is_made_once_for_a_catalogue() -> None:
    indexes, catalogue = ShelfIndexes(), Catalogue(1, (course(1),))
    index = indexes.of(catalogue)
    assert indexes.of(catalogue) is index
    assert indexes.of(Catalogue(1, (course(1), course(2)))) is not index, "courses fall off between versions"


def test_part_of_a_title_finds_its_courses_in_the_shelfs_order(index: ShelfIndex) -> None:
    assert index.titled(" 第 7 ") == ("c0007",)
    assert len(index.titled("第")) == 60 and index.titled("") == () and index.titled("钢琴") == ()
