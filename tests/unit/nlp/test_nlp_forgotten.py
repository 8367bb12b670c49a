"""A librarian that nobody refers to any more is gone, with all that it knew, without the garbage collector:
a service lets that look at what is new only."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from nlp import Document, Librarian


@pytest.fixture(autouse=True)
def no_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


def use(librarian: Librarian, documents: list[Document]) -> None:
    for question in ("想学爬虫，零基础", "便宜一点的", "今天天气不错"):
        librarian.search(question)
        librarian.read(question, before=["想学爬虫"])
    librarian.like([documents[0].id])


def test_a_librarian_goes_with_its_last_user(sample_documents: list[Document]) -> None:
    librarian = Librarian.build(sample_documents)
    use(librarian, sample_documents)
    watched = weakref.ref(librarian._catalogue)
    del librarian
    assert watched() is None


def test_the_next_librarian_does_not_keep_the_one_before(sample_documents: list[Document]) -> None:
    before = Librarian.build(sample_documents)
    use(before, sample_documents)
    after = Librarian.build(sample_documents[1:], previous=before)
    watched = weakref.ref(before._catalogue)
    del before
    assert watched() is None
    use(after, sample_documents[1:])
