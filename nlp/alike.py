"""Courses like one or several others, for course pages and for recommendations: "因为你学了…".

No question is asked here, so nothing is refused: what has most in common comes first, by what the courses are
about and by their titles and tags. What shares no subject, tag or telling word is not alike at all.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from nlp import words
from nlp.about import SUBJECT_FROM
from nlp.chatter import free
from nlp.concepts import Concepts
from nlp.document import Document
from nlp.reason import GENERIC
from nlp.refuse import is_common
from nlp.remembered import remembered

SUBJECTS, TITLES = 0.6, 0.4  # shares of what courses are about and of title and tags in their likeness
SUBJECT_OF = 0.5  # how far a course is about what it teaches, and not only touches
ALIKE_FROM = 0.05
KEPT = 20  # for each course that was asked for
REMEMBERED = 2_048  # courses whose likes are kept, a few KB each
OFTEN = 0.5  # share of the courses from which a common tag or subject tells nothing
MANY = 10  # courses of a catalogue from which that is counted

Item = TypeVar("Item")
Degrees = Mapping[int, float]  # concept → how far a course is about it, 0 to 1


@dataclass(frozen=True, slots=True)
class Like:
    """A course that is like another: `score` 0 to 1, `because` the id of that other one, `reason` what they
    share, in Chinese."""

    id: str
    title: str
    score: float
    reason: str
    because: str


class Alike:
    """The likenesses within one catalogue; worked out when they are first asked for, then kept."""

    def __init__(
        self, documents: Sequence[Document], about: Callable[[int], Degrees], known: Concepts
    ) -> None:
        """`about`: what the course in a row is about."""
        self._documents, self._about_row, self._known = documents, about, known
        self._row = {document.id: row for row, document in enumerate(documents)}
        self._of = remembered(self._work_out, REMEMBERED)

    def like(self, ids: Iterable[str], *, limit: int = 3, exclude: Iterable[str] = ()) -> tuple[Like, ...]:
        """Courses like any of these (ids), best first, without these and those in `exclude`. An id that is
        not in the catalogue counts for nothing: what somebody learnt may be withdrawn."""
        given = [each for each in dict.fromkeys(ids) if each in self._row]
        left_out = {*given, *exclude}
        best: dict[str, Like] = {}
        for each in given:
            for like in self._of(each):
                so_far = best.get(like.id)
                if like.id not in left_out and (so_far is None or so_far.score < like.score):
                    best[like.id] = like
        return tuple(sorted(best.values(), key=lambda like: -like.score)[:limit])

    def _work_out(self, id: str) -> tuple[Like, ...]:
        row = self._row[id]
        likeness = self._likeness(row)
        order = np.argsort(-likeness, kind="stable")[: KEPT + 1].tolist()
        told = (
            self._like(row, other, float(likeness[other]))
            for other in order
            if other != row and likeness[other] >= ALIKE_FROM
        )
        return tuple(like for like in told if like.reason)

    def _likeness(self, row: int) -> npt.NDArray[np.float32]:
        """For every course, 0 to 1."""
        by_title = _cosines(self._titles, row)
        if not self._about[row]:  # title and tags say all
            return by_title
        return SUBJECTS * _cosines(self._subjects, row) + TITLES * by_title

    def _like(self, row: int, other: int, score: float) -> Like:
        document = self._documents[other]
        reason = self._shared_subject(row, other) or self._shared_word(row, other)
        return Like(document.id, document.title, round(min(score, 1.0), 4), reason, self._documents[row].id)

    def _shared_subject(self, row: int, other: int) -> str:
        """The concept that both are most about."""
        theirs = self._about[other]
        both = {place: min(degree, theirs.get(place, 0.0)) for place, degree in self._about[row].items()}
        telling = [place for place, degree in both.items() if degree >= SUBJECT_FROM]
        best = max(
            (place for place in telling if place not in self._everywhere), key=both.__getitem__, default=None
        )
        if best is None:
            return ""
        verb = "都讲" if both[best] >= SUBJECT_OF else "都讲到"
        return f"{verb}「{self._known.concepts[best].names[0]}」"

    def _shared_word(self, row: int, other: int) -> str:
        """The tag that both have, as it was written, or else the longest word of both titles and tags."""
        mine, theirs = self._documents[row], self._documents[other]
        for tag in mine.tags:
            if tag in theirs.tags and tag not in self._common_tags:
                return f"都讲「{tag}」"
        shared = _heads(mine) & _heads(theirs) - GENERIC - {words.plain(tag) for tag in self._common_tags}
        whole = words.whole(sorted(word for word in shared if len(word) > 1 and not is_common(word)))
        return f"都讲「{max(whole, key=len)}」" if whole else ""

    @cached_property
    def _about(self) -> Sequence[Degrees]:
        return [self._about_row(row) for row in range(len(self._documents))]

    @cached_property
    def _subjects(self) -> csr_array:
        return _unit_rows(self._about)

    @cached_property
    def _titles(self) -> csr_array:
        # Bigrams: nearly as good as words here, and cut in no time for ten thousand courses.
        return _unit_rows([dict.fromkeys(words.bigrams(_head(each)), 1.0) for each in self._documents])

    @cached_property
    def _everywhere(self) -> AbstractSet[int]:
        """The concepts that most courses of a catalogue are about: they make no two of them alike."""
        return _often(
            [[place for place, degree in about.items() if degree >= SUBJECT_FROM] for about in self._about]
        )

    @cached_property
    def _common_tags(self) -> AbstractSet[str]:
        return _often([document.tags for document in self._documents])


def _head(document: Document) -> str:
    return words.plain(" , ".join((document.title, *document.tags)))


def _heads(document: Document) -> AbstractSet[str]:
    return set(free(_head(document)).words)


def _unit_rows(listed: Sequence[Mapping[Item, float]]) -> csr_array:
    """Rows of unit length; what few of them have weighs more."""
    column: dict[Item, int] = {}
    columns = np.array(
        [column.setdefault(item, len(column)) for each in listed for item in each], dtype=np.int64
    )
    degrees = np.array([degree for each in listed for degree in each.values()], dtype=np.float64)
    rows = np.repeat(np.arange(len(listed)), [len(each) for each in listed])
    spread = np.bincount(columns, degrees, minlength=len(column))
    rarity = np.log(1 + (len(listed) + 0.5) / (spread + 0.5))
    worth = degrees * rarity[columns]
    length = np.sqrt(np.bincount(rows, worth**2, minlength=len(listed)))
    values = (worth / length[rows]).astype(np.float32)
    return csr_array((values, (rows, columns)), shape=(len(listed), len(column)))


def _cosines(rows: csr_array, row: int) -> npt.NDArray[np.float32]:
    return np.asarray((rows @ rows[[row]].T).toarray().ravel(), dtype=np.float32)


def _often(listed: Sequence[Sequence[Item]]) -> AbstractSet[Item]:
    """What stands in more than the OFTEN share of many lists."""
    if len(listed) < MANY:
        return frozenset()
    counts = Counter(item for each in listed for item in set(each))
    return frozenset(item for item, count in counts.items() if count > OFTEN * len(listed))
