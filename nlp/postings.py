"""An inverted index as flat arrays: which rows have a term, and what it is worth there.

A question adds up the postings of all of its terms by row in one pass (`sums.py`): a numpy call a term costs
more than the adding, up to some thousand rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csc_array

from nlp.sums import Numbers, Scores, Sums

__all__ = ["Columns", "Cosine", "Numbers", "Postings", "Scores", "from_rows", "inverted"]


class Postings(NamedTuple):
    """By column: `rows[starts[c]:starts[c + 1]]` are the rows that have term c, in order; `values` what it is
    worth there, `places` the fields it stands in, a bit a field (empty where there are no fields)."""

    starts: npt.NDArray[np.int64]
    rows: Numbers
    values: Scores
    places: npt.NDArray[np.uint8]


class Columns:
    """Terms by rows, and what a question adds up from them."""

    def __init__(self, columns: Mapping[str, int], postings: Postings, size: int) -> None:
        """`columns`: the number of each term; numbers beyond these postings are terms of other catalogues."""
        self.size, self.postings, self._columns = size, postings, columns
        self._starts = postings.starts.data  # gives plain ints, which slice faster than numpy's
        self._sums = Sums(postings.starts, postings.rows, postings.values)
        self.frequency = np.diff(postings.starts)
        self._idf = np.log(1 + (size - self.frequency + 0.5) / (self.frequency + 0.5)).astype(np.float32)
        self._rarity = self._idf.data  # gives plain floats
        self._idf_unseen = float(np.log(1 + (size + 0.5) / 0.5))

    def __contains__(self, term: str) -> bool:
        return self.column(term) is not None

    @property
    def columns(self) -> list[str]:
        """The term of each column."""
        return list(self._columns)[: len(self._idf)]

    @property
    def vocabulary(self) -> Iterable[str]:
        """Every term that some row has."""
        return (term for term in self._columns if term in self)

    def column(self, term: str) -> int | None:
        """The number of a term that some row has."""
        column = self._columns.get(term)
        if column is None or column >= len(self._idf) or self._starts[column] == self._starts[column + 1]:
            return None
        return column

    def idf(self, term: str) -> float:
        """The weight of a term; one that no row has weighs most."""
        column = self.column(term)
        return self._idf_unseen if column is None else self._rarity[column]

    def scores(self, query: Mapping[str, float]) -> Scores:
        """For every row, the sum of weight times rarity times worth over the terms of a question."""
        rarity = self._rarity
        chosen = ((column, query[term] * rarity[column]) for term, column in self.columns_of(query))
        return self._sums.of(chosen, self.size)

    def columns_of(self, terms: Iterable[str]) -> list[tuple[str, int]]:
        """Those of these terms that some row has, each with its number."""
        return [(term, at) for term in terms if (at := self.column(term)) is not None]

    def rows(self, term: str, places: int = 0) -> Numbers:
        """The rows that have a term, in any of these places (bits) where some are given."""
        column = self.column(term)
        if column is None:
            return np.zeros(0, dtype=np.int32)
        span = slice(self._starts[column], self._starts[column + 1])
        rows = self.postings.rows[span]
        return rows[(self.postings.places[span] & places) != 0] if places else rows

    def places(self, term: str, row: int) -> int:
        """The places (bits) of a row that have a term; 0 for none."""
        rows = self.rows(term)
        at = int(np.searchsorted(rows, row))
        if at == len(rows) or int(rows[at]) != row:
            return 0
        return int(self.postings.places[self._starts[self._columns[term]] + at])

    def has(self, term: str, row: int) -> bool:
        """Whether a row has the term."""
        rows = self.rows(term)
        at = int(np.searchsorted(rows, row))
        return at < len(rows) and int(rows[at]) == row


class Cosine(Columns):
    """Short texts against a short question: the cosine of their terms, each counted once by its rarity."""

    def __init__(self, columns: Mapping[str, int], postings: Postings, size: int) -> None:
        """`postings`: what worth they have does not matter."""
        super().__init__(columns, postings, size)
        # Each row to unit length: worth becomes idf / ‖row‖, and a question multiplies by its own idf.
        values = np.repeat(self._idf, self.frequency)
        squares = np.bincount(postings.rows, values**2, size)
        worth = (values / np.sqrt(squares)[postings.rows]).astype(np.float32)
        self._sums = Sums(postings.starts, postings.rows, worth)

    @classmethod
    def of(cls, texts: Sequence[Iterable[str]]) -> "Cosine":
        """Of texts that were cut."""
        return cls(*from_rows([dict.fromkeys(text, 1.0) for text in texts]), len(texts))

    def length(self, terms: Iterable[str]) -> float:
        """Of a question, by the rarity of its terms."""
        return float(np.sqrt(sum(self.idf(term) ** 2 for term in terms)))

    def similarities(self, terms: Iterable[str]) -> Scores:
        """The cosine, 0 to 1, of every text with these terms. A term that no text has makes all of them
        less."""
        query = dict.fromkeys(terms, 1.0)
        length = self.length(query)
        return self.scores(query) / np.float32(length) if length else np.zeros(self.size, dtype=np.float32)


def from_rows(rows: Sequence[Mapping[str, float]]) -> tuple[dict[str, int], Postings]:
    """Columns and postings of rows that say what each of their terms is worth."""
    columns: dict[str, int] = {}
    column_of = [columns.setdefault(term, len(columns)) for row in rows for term in row]
    row_of = np.repeat(np.arange(len(rows), dtype=np.int32), [len(row) for row in rows])
    values = np.array([value for row in rows for value in row.values()], dtype=np.float32)
    return columns, inverted(row_of, np.array(column_of, dtype=np.int32), values, (len(rows), len(columns)))


def inverted(
    rows: Numbers,
    columns: Numbers,
    values: Scores,
    shape: tuple[int, int],
    places: npt.NDArray[np.uint8] | None = None,
) -> Postings:
    """Postings of triples; what is worth something several times in a row there is added up. `places`: the
    bit of each triple."""
    table = csc_array((values, (rows, columns)), shape=shape)
    bits = np.zeros(0, dtype=np.uint8)
    if places is not None:
        bits = csc_array((places, (rows, columns)), shape=shape).data
    return Postings(table.indptr.astype(np.int64), table.indices.astype(np.int32), table.data, bits)
