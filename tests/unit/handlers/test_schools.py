"""Two shops that have nothing to do with programming: a school of cooking with concepts of its own, and a
school of the piano without any. Each asked as its followers would."""

from __future__ import annotations

from pathlib import Path

import pytest

from content.check import read_folder
from content.concepts import check_concepts, own_concepts
from handlers.library import concept_of, document_of
from nlp import Librarian, is_known_concept

SCHOOLS = Path(__file__).resolve().parents[2] / "schools"


def librarian_of(school: str) -> Librarian:
    courses, problems = read_folder(SCHOOLS / school)
    files, doubts = check_concepts(SCHOOLS / school, is_known_concept)
    assert problems == doubts == []
    concepts = [concept_of(own) for own in own_concepts(files)]
    return Librarian.build(map(document_of, courses), concepts=concepts)


@pytest.fixture(scope="module")
def cooking() -> Librarian:
    return librarian_of("cooking")


@pytest.fixture(scope="module")
def piano() -> Librarian:
    return librarian_of("piano")


def found(librarian: Librarian, question: str) -> list[str]:
    reading = librarian.read(question)
    return [hit.id for hit in librarian.search(reading).hits]


@pytest.mark.parametrize(
    ("question", "course"),
    [
        ("煲汤", "soup-slow"),
        ("保汤", "soup-slow"),
        ("炖汤用什么锅", "soup-slow"),
        ("家里来客人做点啥", "home-feast"),
        ("一大家子过年的饭怎么安排", "home-feast"),
        ("面团发不起来怎么办", "bread-first"),
        ("孩子过生日", "cake-party"),
        ("切东西老是切到手", "knife-wok"),
        ("中午带饭", "lunchbox"),
        ("想减肥不想饿着", "lunchbox"),
        ("新买了个烤箱", "bread-first"),
    ],
)
def test_a_school_of_cooking_understands_its_followers(
    cooking: Librarian, question: str, course: str
) -> None:
    assert found(cooking, question)[:1] == [course]


def test_the_reason_names_the_schools_own_concept(cooking: Librarian) -> None:
    assert "就是宴客菜" in cooking.search("家里来客人做点啥").hits[0].reason


def test_a_slip_of_the_schools_own_concept_is_told_as_one(cooking: Librarian) -> None:
    assert "应该是「煲汤」" in cooking.search("保汤").hits[0].reason


@pytest.mark.parametrize("question", ["想学爬虫", "学Python", "想做ppt", "今天天气", "修手机", "写请假条"])
def test_a_school_of_cooking_teaches_nothing_else(cooking: Librarian, question: str) -> None:
    assert found(cooking, question) == []


@pytest.mark.parametrize(
    ("question", "course"),
    [
        ("想学钢琴", "piano-zero"),
        ("五线谱看不懂", "sheet-reading"),
        ("孩子不肯练琴", "child-practice"),
        ("边弹边唱", "chord-pop"),
        ("和弦", "chord-pop"),
        ("手指没力气怎么练", "hand-skill"),
        ("左右手配合不好", "hand-skill"),
    ],
)
def test_a_school_without_concepts_is_found_by_plain_words(
    piano: Librarian, question: str, course: str
) -> None:
    assert found(piano, question)[:1] == [course]


@pytest.mark.parametrize("question", ["想学爬虫", "怎么做网站", "今天天气"])
def test_a_school_of_the_piano_teaches_nothing_else(piano: Librarian, question: str) -> None:
    assert found(piano, question) == []


@pytest.mark.parametrize(
    ("before", "said", "first"),
    [
        ("想学煲汤，有没有视频的", "那面包呢", "bread-first"),
        ("家里来客人做点啥，便宜点的", "那蛋糕呢", "cake-party"),
        ("想学做菜，免费的", "那煲汤呢", "soup-slow"),
        ("切菜总切到手", "那带饭呢", "lunchbox"),
        ("想做便当，我什么都不会", "想学做面包", "bread-first"),
        ("面包", "除了面包还有什么", "cake-party"),
    ],
)
def test_a_school_of_cooking_is_talked_with_over_several_messages(
    cooking: Librarian, before: str, said: str, first: str
) -> None:
    assert cooking.search(cooking.read(said, [before])).hits[0].id == first
