"""Whose courses are asked for, and what is said of somebody who has none here."""

import pytest

from nlp import Document, Librarian


@pytest.fixture(scope="module")
def school() -> Librarian:
    return Librarian.build(
        [
            Document("crawler", "Python 爬虫", "把网页存成表格", teacher="林间"),
            Document("go", "Go 入门", "写一个服务", teacher="周老师"),
            Document("maths", "高数基础", "极限和导数", teacher="秦博士"),
        ]
    )


@pytest.mark.parametrize(
    "text", ["张三老师的课", "有张三老师的课吗", "有没有张三老师讲的", "想学张三老师的Python课"]
)
def test_of_somebody_who_does_not_teach_here_that_is_said(school: Librarian, text: str) -> None:
    answer = school.search(text)
    assert (answer.hits, answer.note) == ((), "没有找到张三老师的课")
    assert answer.nearest


def test_the_nearest_are_about_what_was_asked_for(school: Librarian) -> None:
    assert school.search("张三老师的Python课").nearest[0].id == "crawler"


def test_a_family_name_is_enough_for_the_one_teacher_who_has_it(school: Librarian) -> None:
    assert [hit.id for hit in school.search("秦老师的课").hits] == ["maths"]


@pytest.mark.parametrize("text", ["老师的课", "高数老师的课", "老师，想学爬虫"])
def test_not_whoever_stands_before_a_teacher_is_one(school: Librarian, text: str) -> None:
    assert school.read(text).stranger == ""


def test_that_somebody_does_not_teach_here_is_said_once(school: Librarian) -> None:
    reading = school.read("英文的课有吗", ["有没有张三老师的Python课"])
    assert (reading.stranger, reading.text) == ("", "python课，英文的课有吗")
