"""How far each course of a catalogue is about each concept, as one sparse table."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from nlp.names import Names, in_prose
from nlp.postings import Numbers, Scores
from nlp.sums import Sums, product

# How far a course is about a concept, by the place that names it. Text counts by how often, up to a limit.
ABOUT = {"title": 1.0, "tags": 0.9, "summary": 0.65}
ABOUT_IN_TEXT, CHARS_A_MENTION = 0.35, 1000

SUBJECT_FROM = 0.3  # a summary that names it in passing, or a text that keeps naming it
EMPHASIS = 0.5  # what a course loses that only touches a concept
LIKELIEST = 12  # concepts that are looked at for the best one
SHARE_OF_A_SUBJECT = 0.4  # of all mentions, from which a concept is the subject

Flags = npt.NDArray[np.bool_]


class About(NamedTuple):
    """What courses are about, one course after another: concepts, how far (0 to 1), whether title or tags
    name them; `ends[d]` is where course d ends."""

    concepts: Numbers
    degrees: Scores
    in_head: Flags
    ends: npt.NDArray[np.int64]

    def of(self, row: int) -> "About":
        """One course of these."""
        start, end = int(self.ends[row - 1]) if row else 0, int(self.ends[row])
        one = np.array([end - start], dtype=np.int64)
        return About(self.concepts[start:end], self.degrees[start:end], self.in_head[start:end], one)


def about(fields: Mapping[str, str], names: Names) -> About:
    """How far a course (its `plain` fields) is about each concept: by the best place that names it, and by
    its share of all that is named. A course on asyncio names 并发 more than one that touches it."""
    mentioned = {name: names.mentions(text) for name, text in fields.items()}
    mentioned["body"] = in_prose(mentioned.get("body", {}), names)
    counts = Counter(place for found in mentioned.values() for place, said in found.items() for _ in said)
    often, total = max(1.0, len(fields.get("body", "")) / CHARS_A_MENTION), counts.total()
    in_text = {
        place: ABOUT_IN_TEXT * min(len(said) / often, 1.0) for place, said in mentioned["body"].items()
    }
    at_head = {place: _head(place, mentioned) * _emphasis(count / total) for place, count in counts.items()}
    degrees = [max(in_text.get(place, 0.0), degree) for place, degree in at_head.items()]
    head = {*mentioned.get("title", ()), *mentioned.get("tags", ())}
    return About(
        np.array([*at_head], dtype=np.int32),
        np.array(degrees, dtype=np.float32),
        np.array([place in head for place in at_head], dtype=np.bool_),
        np.array([len(at_head)], dtype=np.int64),
    )


def together(courses: Sequence[About]) -> About:
    """Several, one after another."""
    if not courses:
        none, ends = np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int64)
        return About(none, none.astype(np.float32), none.astype(np.bool_), ends)
    return About(
        np.concatenate([each.concepts for each in courses]),
        np.concatenate([each.degrees for each in courses]),
        np.concatenate([each.in_head for each in courses]),
        np.cumsum([len(each.concepts) for each in courses], dtype=np.int64),
    )


class Table:
    """Concepts by courses: how far each course is about each concept."""

    def __init__(self, courses: About, concepts: int) -> None:
        self.courses, self.size = courses, len(courses.ends)
        row_of = np.repeat(np.arange(self.size), np.diff(courses.ends, prepend=0))
        order = np.argsort(courses.concepts, kind="stable")
        self._rows, self._degrees = row_of[order].astype(np.int32), courses.degrees[order]
        self._in_head = courses.in_head[order]
        self._lengths = np.bincount(courses.concepts, minlength=concepts)
        starts = np.cumsum(self._lengths) - self._lengths
        self._spans = [*map(slice, starts.tolist(), (starts + self._lengths).tolist())]
        self._sums = Sums(np.append(starts, len(order)), self._rows, self._degrees)
        self.touched = np.flatnonzero(self._lengths)  # those that any course has to do with
        spread = np.bincount(courses.concepts, courses.degrees, concepts)
        # A concept that few courses are about tells more.
        rarity = np.log(1 + (self.size - spread + 0.5) / (spread + 0.5)).astype(np.float32)
        self._rarity = rarity.data  # gives plain floats
        # What is likely are hundreds of concepts: one product with all of the table is less than to gather.
        ends = np.concatenate([[0], courses.ends])
        worth = courses.degrees * rarity[courses.concepts]
        self._worth = csr_array((worth, courses.concepts, ends), shape=(self.size, concepts))

    @property
    def subjects(self) -> frozenset[int]:
        """The concepts that some course is about, and not only mentions."""
        courses = self.courses
        return frozenset(np.unique(courses.concepts[courses.degrees >= SUBJECT_FROM]).tolist())

    def mentioning(self, concepts: frozenset[int]) -> float:
        """The share of the courses that mention any of these."""
        marked = np.zeros(len(self._lengths), dtype=np.bool_)
        marked[[*concepts]] = True
        return len(np.unique(self._rows[np.repeat(marked, self._lengths)])) / (self.size or 1)

    def likely(self, weights: Scores) -> Scores:
        """For every course how far it is about what is likely meant: a weight for every concept."""
        return product(self._worth, weights)

    def named(self, weights: Mapping[int, float]) -> Scores | None:
        """For every course how far it is about what is named, the few concepts of these weights; nothing
        where no course has to do with any."""
        spans, rarity = self._spans, self._rarity
        here = [
            (each, much * rarity[each])
            for each, much in weights.items()
            if spans[each].stop > spans[each].start
        ]
        return self._sums.of(here, self.size) if here else None

    def best(self, strengths: Mapping[int, float]) -> Scores:
        """For every course its best match among some concepts with their strengths, 0 to 1."""
        highest = np.zeros(self.size, dtype=np.float32)
        some = [
            (span, much) for each, much in strengths.items() if (span := self._spans[each]).stop > span.start
        ]
        if len(some) == 1:
            [(span, much)] = some
            highest[self._rows[span]] = self._degrees[span] * np.float32(much)
        elif some:
            rows = np.concatenate([self._rows[span] for span, _ in some])
            degrees = np.concatenate([self._degrees[span] for span, _ in some])
            lengths = [span.stop - span.start for span, _ in some]
            degrees *= np.array([much for _, much in some], dtype=np.float32).repeat(lengths)
            np.maximum.at(highest, rows, degrees)
        return highest

    def likeliest(self, weights: Scores) -> Scores:
        """For every course its best match among the few concepts that weigh most of those that any course has
        to do with, 0 to 1."""
        here = weights[self.touched]
        top = here.nonzero()[0]
        if len(top) > LIKELIEST:
            top = top[(-here[top]).argpartition(LIKELIEST)[:LIKELIEST]]
        chosen = zip(self.touched[top].tolist(), here[top].tolist(), strict=True)
        return np.sqrt(self.best(dict(chosen)))

    def degrees(self, row: int) -> dict[int, float]:
        """How far one course is about each of its concepts."""
        course = self.courses.of(row)
        return dict(zip(course.concepts.tolist(), course.degrees.tolist(), strict=True))

    def heads_of(self, row: int) -> frozenset[int]:
        """The concepts that title or tags of one course name."""
        course = self.courses.of(row)
        return frozenset(course.concepts[course.in_head].tolist())

    def in_head(self, concept: int, *, least: float = 0.0) -> Numbers:
        """The courses whose title or tags name a concept, and that are about it so far at least."""
        span = self._spans[concept]
        return self._rows[span][self._in_head[span] & (self._degrees[span] >= least)]


def _head(place: int, mentioned: Mapping[str, Mapping[int, Sequence[str]]]) -> float:
    named_in = (ABOUT[name] for name, found in mentioned.items() if name in ABOUT and place in found)
    return max(named_in, default=0.0)


def _emphasis(share: float) -> float:
    return 1 - EMPHASIS + EMPHASIS * min(share / SHARE_OF_A_SUBJECT, 1.0)
