"""One search against bm25s alone on the same texts, by the size of the catalogue; start and rebuild.

Both cut the question with our words (jieba); bm25s has of each course the same words in one field, and gives
ten. Ours reads the question, scores words, bigrams and concepts, and judges; hits carry their reasons when
somebody reads them. Every question is asked once, so that nothing is answered from memory. A large catalogue
is the 1,000 made-up courses again and again: what grows is what a search has to add up.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import fmean, quantiles
from typing import Any, NamedTuple

from benchmarks import catalogue, questions
from benchmarks.limit import Limit
from content.check import read_folder
from handlers.library import document_of
from nlp import Document, Librarian, words

SIZES = (1_000, 10_000, 100_000)
HITS = 10


class Times(NamedTuple):
    """CPU milliseconds a question: ours in all and without the reading; theirs in all and without the cut."""

    ours: list[float]
    our_search: list[float]
    theirs: list[float]
    their_search: list[float]


def run() -> list[Limit]:
    """Prints every figure."""
    courses, _ = read_folder(catalogue.folder())
    documents = [document_of(course) for course in courses]
    began = time.process_time()
    first = Librarian.build(documents)
    print(f"built from nothing: {time.process_time() - began:.2f} s CPU for {len(documents)} courses")
    cut = [words.words(words.plain(_text(each))) for each in documents]
    limits = [_rebuilt(documents, first)]
    means = []
    for size in SIZES:
        many, librarian = _many(documents, first, size)
        times = _times(librarian, _bm25s(cut * (size // len(cut))))
        limits += _told(size, times)
        means.append(fmean(times.ours))
        del many, librarian
    growth = means[2] / means[1]
    print(f"ten times the courses take {growth:.1f} times as long (10,000 to 100,000)")
    return [*limits, Limit("growth from 10,000 to 100,000 courses", growth, at_most=10.0), _start(documents)]


def _text(document: Document) -> str:
    return "\n".join((document.title, " , ".join(document.tags), document.summary, document.body))


def _many(documents: list[Document], first: Librarian, size: int) -> tuple[list[Document], Librarian]:
    copies = range(size // len(documents))
    many = [replace(each, id=f"{each.id}-{copy}") for copy in copies for each in documents]
    return many, Librarian.build(many, previous=first)


def _bm25s(cut: list[list[str]]) -> Callable[[list[str]], Any]:
    import bm25s

    index = bm25s.BM25()
    index.index(cut, show_progress=False)
    return lambda question: index.retrieve([question], k=HITS, show_progress=False)


def _times(librarian: Librarian, find: Callable[[list[str]], Any]) -> Times:
    librarian.search("热身")
    find(["爬虫"])
    times = Times([], [], [], [])
    for question in questions.QUESTIONS:
        began = time.thread_time_ns()
        reading = librarian.read(question)
        read = time.thread_time_ns()
        librarian.search(reading, limit=HITS)
        done = time.thread_time_ns()
        asked = words.words(words.plain(question))
        cut = time.thread_time_ns()
        find(asked)
        found = time.thread_time_ns()
        for into, took in zip(times, (done - began, done - read, found - done, found - cut), strict=True):
            into.append(took / 1e6)
    return times


def _told(size: int, times: Times) -> list[Limit]:
    p99 = quantiles(times.ours, n=100)[-1]
    ratio = fmean(times.ours) / fmean(times.theirs)
    scoring = fmean(times.our_search) / fmean(times.their_search)
    print(
        f"{size:>7} courses: ours {fmean(times.ours):.3f} ms (p99 {p99:.3f}),"
        f" of that searching {fmean(times.our_search):.3f};"
        f" bm25s {fmean(times.theirs):.3f} (p99 {quantiles(times.theirs, n=100)[-1]:.3f}),"
        f" of that scoring {fmean(times.their_search):.3f};"
        f" {ratio:.2f} times in all, {scoring:.2f} times without reading and cutting"
    )
    slowest = [Limit("p99 of one search at 1,000 courses, ms", p99, at_most=2.0)] if size == SIZES[0] else []
    return [*slowest, Limit(f"one search at {size} courses, against bm25s", ratio, at_most=3.0)]


def _rebuilt(documents: list[Document], before: Librarian) -> Limit:
    changed = [*documents[:-1], replace(documents[-1], title="古琴入门", body="古琴")]
    began = time.process_time()
    after = Librarian.build(changed, previous=before)
    took = time.process_time() - began
    if not after.search("古琴").hits:
        raise RuntimeError("what changed is not found")
    print(f"one of {len(documents)} courses changed: searchable after {took:.2f} s CPU")
    return Limit("one changed course searchable, s", took, at_most=1.0)


_READY = """
import pickle, sys, time
from pathlib import Path
courses, cache = pickle.loads(Path(sys.argv[1]).read_bytes()), Path(sys.argv[2])
began = time.process_time()
from nlp import Document, Librarian
documents = [Document(*each) for each in courses]
Librarian.build(documents, cache=cache).search("爬虫")
print(time.process_time() - began)
"""


def _start(documents: list[Document]) -> Limit:
    """A process of its own, with the artifacts of 10,000 different courses there."""
    many = [
        replace(each, id=f"{each.id}-{copy}", summary=f"{each.summary}（第 {copy} 期）", body="")
        for copy in range(10)
        for each in documents
    ]
    fields = ("id", "title", "summary", "body", "tags", "level", "price_fen", "teacher")
    with tempfile.TemporaryDirectory(prefix="keban-ready-") as temporary:
        cache, courses = Path(temporary) / "nlp", Path(temporary) / "courses"
        Librarian.build(many, cache=cache)
        courses.write_bytes(pickle.dumps([tuple(getattr(each, name) for name in fields) for each in many]))
        command = [sys.executable, "-c", _READY, str(courses), str(cache)]
        took = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    print(f"start with ready artifacts, {len(many)} courses: {took:.2f} s CPU, with the imports")
    return Limit("start with ready artifacts for 10,000 courses, s", took, at_most=1.5)
