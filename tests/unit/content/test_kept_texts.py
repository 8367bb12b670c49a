"""What was asked for last stays; the memory does not grow with the number of lessons."""

from __future__ import annotations

import sys

import pytest

from content.kept_texts import KeptTexts
from infra.errors import Unavailable

TEXT_BYTES = sys.getsizeof("一" * 1000)


class Book:
    """Counts how often each page is read."""

    def __init__(self) -> None:
        self.read: list[int] = []

    def page(self, number: int) -> str:
        self.read.append(number)
        return "一" * 999 + str(number % 10)


def look(kept: KeptTexts, book: Book, number: int) -> str:
    return kept.get(number, lambda: book.page(number))


def test_a_text_is_read_once() -> None:
    kept, book = KeptTexts(), Book()
    assert look(kept, book, 3) == look(kept, book, 3) and book.read == [3]


def test_only_so_many_bytes_stay_and_what_was_asked_for_last_among_them() -> None:
    kept, book = KeptTexts(most_bytes=3 * TEXT_BYTES), Book()
    for number in (1, 2, 3, 1, 4):
        look(kept, book, number)
    book.read.clear()
    for number in (1, 3, 4):
        look(kept, book, number)
    assert book.read == []
    look(kept, book, 2)
    assert book.read == [2]


def test_a_text_that_is_larger_than_all_is_given_and_not_kept() -> None:
    kept, book = KeptTexts(most_bytes=10), Book()
    look(kept, book, 1)
    assert look(kept, book, 1) and book.read == [1, 1]


def test_what_cannot_be_read_is_asked_again() -> None:
    kept, book = KeptTexts(), Book()

    def gone() -> str:
        raise Unavailable("gone")

    with pytest.raises(Unavailable):
        kept.get(1, gone)
    assert look(kept, book, 1)
