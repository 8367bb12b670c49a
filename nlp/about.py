"""How far each course of a catalogue is about each concept, as one sparse table."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from nlp.lexical import Scores
from nlp.names import Names, in_prose

# How far a course is about a concept, by the place that names it. Text counts by how often, up to a limit.
ABOUT = {"title": 1.0, "tags": 0.9, "summary": 0.65}
ABOUT_IN_TEXT, CHARS_A_MENTION = 0.35, 1000

SUBJECT_FROM = 0.3  # a summary that names it in passing, or a text that keeps naming it
EMPHASIS = 0.5  # what a course loses that only touches a concept
LIKELIEST = 12  # concepts that are looked at for the best one
SHARE_OF_A_SUBJECT = 0.4  # of all mentions, from which a concept is the subject


def about(fields: Mapping[str, str], names: Names) -> dict[int, float]:
    """How far a course (its `plain` fields) is about each concept, 0 to 1: by the best place that names it,
    and by its share of all that is named. A course on asyncio names 并发 more than one that touches it."""
    mentioned = {name: names.mentions(text) for name, text in fields.items()}
    mentioned["body"] = in_prose(mentioned.get("body", {}), names)
    counts = Counter(place for found in mentioned.values() for place, said in found.items() for _ in said)
    often = max(1.0, len(fields.get("body", "")) / CHARS_A_MENTION)
    in_text = {
        place: ABOUT_IN_TEXT * min(len(said) / often, 1.0) for place, said in mentioned["body"].items()
    }
    at_head = {
        place: _head(place, mentioned) * _emphasis(count / counts.total()) for place, count in counts.items()
    }
    return {place: max(in_text.get(place, 0.0), degree) for place, degree in at_head.items()}


class Table:
    """Concepts by courses: how far each course is about each concept."""

    def __init__(self, courses: Sequence[Mapping[int, float]], concepts: int) -> None:
        rows = [place for degrees in courses for place in degrees]
        columns = [number for number, degrees in enumerate(courses) for _ in degrees]
        values = [degree for degrees in courses for degree in degrees.values()]
        shape = (concepts, len(courses))
        self._table = csr_array((np.array(values, dtype=np.float32), (rows, columns)), shape=shape)
        self._table.sort_indices()
        spread = np.asarray(self._table.sum(axis=1), dtype=np.float32).ravel()
        # A concept that few courses are about tells more.
        self._rarity = np.log(1 + (len(courses) - spread + 0.5) / (spread + 0.5)).astype(np.float32)
        self._by_course = csr_array(self._table.T)
        self.touched = np.diff(self._table.indptr) > 0  # whether any course has to do with it

    def scores(self, wanted: Scores) -> Scores:
        """For every course how far it is about what is wanted: a weight for every concept."""
        return np.asarray(self._by_course @ (wanted * self._rarity), dtype=np.float32)

    def best(self, wanted: Iterable[tuple[int, float]]) -> Scores:
        """For every course its best match among some concepts with their strengths, 0 to 1."""
        highest = np.zeros(self._table.shape[1], dtype=np.float32)
        for concept, strength in wanted:
            courses, degrees = self._row(concept)
            highest[courses] = np.maximum(highest[courses], np.float32(strength) * degrees)
        return highest

    def likeliest(self, wanted: Scores) -> Scores:
        """For every course its best match among the few concepts that weigh most of those that any course has
        to do with, 0 to 1."""
        wanted = np.where(self.touched, wanted, np.float32(0))
        top = (
            np.argpartition(-wanted, LIKELIEST)[:LIKELIEST] if len(wanted) > LIKELIEST else range(len(wanted))
        )
        return np.sqrt(self.best((int(place), float(wanted[place])) for place in top))

    def _row(self, concept: int) -> tuple[Any, Any]:
        start, end = self._table.indptr[concept], self._table.indptr[concept + 1]
        return self._table.indices[start:end], self._table.data[start:end]


def _head(place: int, mentioned: Mapping[str, Mapping[int, Sequence[str]]]) -> float:
    named_in = (ABOUT[name] for name, found in mentioned.items() if name in ABOUT and place in found)
    return max(named_in, default=0.0)


def _emphasis(share: float) -> float:
    return 1 - EMPHASIS + EMPHASIS * min(share / SHARE_OF_A_SUBJECT, 1.0)
