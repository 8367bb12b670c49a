"""The courses of a catalogue cut up: how often each term stands in each field, as flat arrays.

Kept from one build to the next, so that only what changed is cut again. Arrays, because a counter a field and
course takes ten times the memory.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from nlp.postings import Numbers

MOST_COUNTED = 65_535


class Counted(NamedTuple):
    """`terms` are numbers, field by field and document by document; `counts` how often each stands there;
    `ends[d, f]` is where field f of document d ends."""

    terms: Numbers
    counts: npt.NDArray[np.uint16]
    ends: npt.NDArray[np.int64]

    def of(self, row: int) -> "Counted":
        """One document of these."""
        start, end = int(self.ends[row - 1, -1]) if row else 0, int(self.ends[row, -1])
        return Counted(self.terms[start:end], self.counts[start:end], self.ends[row : row + 1] - start)

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """How many different terms each field of each document has."""
        flat = np.diff(self.ends.ravel(), prepend=0)
        return flat.reshape(self.ends.shape)


def count(fields: Iterable[Iterable[str]], columns: dict[str, int]) -> Counted:
    """One document, its fields in order; new terms get the next numbers in `columns`."""
    counters = [Counter(field) for field in fields]
    ends = np.cumsum([len(counter) for counter in counters], dtype=np.int64)
    terms = [columns.setdefault(term, len(columns)) for counter in counters for term in counter]
    counts = [min(times, MOST_COUNTED) for counter in counters for times in counter.values()]
    return Counted(np.array(terms, dtype=np.int32), np.array(counts, dtype=np.uint16), ends[np.newaxis])


def together(documents: Sequence[Counted], fields: int) -> Counted:
    """Several, one after another."""
    if not documents:
        return Counted(
            np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.uint16), np.zeros((0, fields), dtype=np.int64)
        )
    sizes = np.array([len(each.terms) for each in documents])
    before = np.cumsum(sizes) - sizes
    return Counted(
        np.concatenate([each.terms for each in documents]),
        np.concatenate([each.counts for each in documents]),
        np.concatenate([each.ends for each in documents]) + before[:, np.newaxis],
    )
