"""What is offered as a question: little speaks for it, or nobody teaches what was asked for."""

from __future__ import annotations

import pytest

from nlp import Librarian


def test_what_nobody_teaches_is_asked_back(sample: Librarian) -> None:
    answer = sample.search("比特币")
    assert answer.unsure or not answer.hits


@pytest.mark.parametrize("text", ["想学爬虫，零基础", "数据库查询很慢怎么办", "机器学习"])
def test_what_is_taught_is_simply_shown(sample: Librarian, text: str) -> None:
    answer = sample.search(text)
    assert answer.hits
    assert not answer.unsure


def test_an_unsure_answer_has_courses_as_any_other(sample: Librarian) -> None:
    answer = sample.search("爬虫，要英文授课")
    assert answer.unsure and answer.hits
