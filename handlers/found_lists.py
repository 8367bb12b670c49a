"""What a search found, as a list of today's shelf: made once for a question that many ask."""

from __future__ import annotations

from collections.abc import Sequence

from content.course import Catalogue, Course
from nlp import Answer, Hit

PAGE = 3
CLOSE_TO_BEST = 0.5
MOST_KEPT = 1_024  # as many as a librarian remembers questions


class FoundList:
    """``courses`` in their order, ``ids`` of them all and ``shown`` of the first page.

    ``text`` is for who answers: the message as it is for all who own nothing of that page.
    """

    __slots__ = ("_answer", "_catalogue", "courses", "ids", "shown", "text")

    def __init__(self, answer: Answer, catalogue: Catalogue) -> None:
        self._answer, self._catalogue = answer, catalogue
        self.courses = courses_of(catalogue, _worth_showing(answer.hits))
        self.ids = tuple(course.id for course in self.courses)
        self.shown = list(self.ids[:PAGE])
        self.text = ""

    def is_of(self, answer: Answer, catalogue: Catalogue) -> bool:
        return self._answer is answer and self._catalogue is catalogue


class FoundLists:
    """Of one shop. Safe to share by threads: at worst a list is made twice."""

    def __init__(self) -> None:
        self._kept: dict[int, FoundList] = {}

    def of(self, answer: Answer, catalogue: Catalogue) -> FoundList:
        """An answer that the librarian remembers is the same object; what is kept here keeps it alive, so no
        other one gets its number."""
        kept = self._kept.get(id(answer))
        if kept is None or not kept.is_of(answer, catalogue):
            kept = FoundList(answer, catalogue)
            if len(self._kept) >= MOST_KEPT:
                self._kept = {}
            self._kept[id(answer)] = kept
        return kept


def courses_of(catalogue: Catalogue, hits: Sequence[Hit]) -> list[Course]:
    """The courses that were found, as far as they are still on the shelf."""
    found = (catalogue.by_id(hit.id) for hit in hits)
    return [course for course in found if course is not None and course.listed]


def _worth_showing(hits: Sequence[Hit]) -> list[Hit]:
    """The first page whatever it is, and of the rest only what comes close to the best."""
    return [hit for at, hit in enumerate(hits) if at < PAGE or hit.score >= CLOSE_TO_BEST * hits[0].score]
