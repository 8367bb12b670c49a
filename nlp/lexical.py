"""Finding by words: BM25F over jieba's words and over character bigrams, as sparse columns.

BM25F after Robertson, Zaragoza, Taylor, "Simple BM25 extension to multiple weighted fields" (CIKM 2004):
a word's counts are weighted by field and evened out by the field's length before they saturate. What does not
depend on the question is computed once, so a question only adds up one sparse column a word.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csc_array

from nlp.words import Own, bigrams, words

Scores = npt.NDArray[np.float32]  # one score a document, in the order they were given

K1 = 0.9  # how soon a repeated word stops counting
WORD_SHARE, BIGRAM_SHARE = 0.6, 0.4


class Field(NamedTuple):
    """How much a word counts in a field, and how much the field's length is held against it (0 to 1)."""

    weight: float
    length_penalty: float


FIELDS: Mapping[str, Field] = {
    "title": Field(1.5, 0.375),
    "tags": Field(1.2, 0.375),
    "summary": Field(1.0, 0.5),
    "body": Field(0.5, 0.75),
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One document cut up: for each field, how often each word and each bigram stands in it."""

    words: Mapping[str, Counter[str]]
    bigrams: Mapping[str, Counter[str]]


def cut(fields: Mapping[str, str], own: Own | None = None) -> Sheet:
    """Cut `plain` texts by field. The slow part of building, and the part worth keeping between two
    builds."""
    return Sheet(
        {name: Counter(words(text, own)) for name, text in fields.items()},
        {name: Counter(bigrams(text)) for name, text in fields.items()},
    )


class Columns:
    """An inverted index: a sparse column a word, a row a document, and what a question adds up from it."""

    def __init__(self, rows: Sequence[Mapping[str, float]]) -> None:
        """`rows`: for each document, what each of its words is worth before its rarity is counted."""
        self.size = len(rows)
        self._column: dict[str, int] = {}
        matrix = self._matrix(rows)
        self._starts, self._rows, self._values = matrix.indptr, matrix.indices, matrix.data
        frequency = np.diff(self._starts)
        self._idf = np.log(1 + (self.size - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
        self._idf_unseen = float(np.log(1 + (self.size + 0.5) / 0.5))

    def __contains__(self, word: str) -> bool:
        return word in self._column

    @property
    def vocabulary(self) -> Iterable[str]:
        """Every word that some document has."""
        return self._column.keys()

    def idf(self, word: str) -> float:
        """The weight of a word; one that no document has weighs most."""
        column = self._column.get(word)
        return self._idf_unseen if column is None else float(self._idf[column])

    def scores(self, query: Mapping[str, float]) -> Scores:
        """For every document, the sum of weight times rarity times worth over the words of a question."""
        total = np.zeros(self.size, dtype=np.float32)
        for word, weight in query.items():
            column = self._column.get(word)
            if column is not None:
                start, end = self._starts[column], self._starts[column + 1]
                total[self._rows[start:end]] += (weight * self._idf[column]) * self._values[start:end]
        return total

    def has(self, word: str, row: int) -> bool:
        """Whether the document in that row has the word."""
        column = self._column.get(word)
        if column is None:
            return False
        rows = self._rows[self._starts[column] : self._starts[column + 1]]
        place = int(np.searchsorted(rows, row))
        return place < len(rows) and int(rows[place]) == row

    def _matrix(self, rows: Sequence[Mapping[str, float]]) -> csc_array:
        row_of: list[int] = []
        column_of: list[int] = []
        values: list[float] = []
        for number, row in enumerate(rows):
            for word, value in row.items():
                row_of.append(number)
                column_of.append(self._column.setdefault(word, len(self._column)))
                values.append(value)
        shape = (self.size, len(self._column))
        matrix = csc_array((np.array(values, dtype=np.float32), (row_of, column_of)), shape=shape)
        matrix.sort_indices()
        return matrix


class Bm25f(Columns):
    """Counts by field, evened out and saturated."""

    def __init__(self, counted: Sequence[Mapping[str, Counter[str]]], fields: Mapping[str, Field]) -> None:
        average = {name: _mean_length(counted, name) for name in fields}
        super().__init__([_impacts(sheet, fields, average) for sheet in counted])


class Cosine(Columns):
    """Short texts against a short question: the cosine of their words, each word counted once by its
    rarity."""

    def __init__(self, texts: Sequence[Iterable[str]]) -> None:
        super().__init__([dict.fromkeys(text, 1.0) for text in texts])
        # Each row to unit length: worth becomes idf / ‖row‖, and `scores` multiplies by the question's idf.
        self._values = self._values * np.repeat(self._idf, np.diff(self._starts))
        squares = np.zeros(self.size, dtype=np.float32)
        np.add.at(squares, self._rows, self._values**2)
        self._values = self._values / np.sqrt(squares)[self._rows]

    def similarities(self, words: Iterable[str]) -> Scores:
        """The cosine, 0 to 1, of every text with these words. A word that no text has makes all of them
        less."""
        query = dict.fromkeys(words, 1.0)
        length = float(np.sqrt(sum(self.idf(word) ** 2 for word in query)))
        return self.scores(query) / length if length else np.zeros(self.size, dtype=np.float32)


class Lexical:
    """LEX: 0.6 BM25F on words + 0.4 BM25F on character bigrams, each against its best document."""

    def __init__(self, sheets: Sequence[Sheet], fields: Mapping[str, Field] = FIELDS) -> None:
        self.words = Bm25f([sheet.words for sheet in sheets], fields)
        self.bigrams = Bm25f([sheet.bigrams for sheet in sheets], fields)

    def scores(self, query: Mapping[str, float], text: str) -> Scores:
        """0 to 1 for every document, by a question's weighted words and its freed text."""
        by_word = self.words.scores(query)
        by_bigram = self.bigrams.scores(Counter(bigrams(text)))
        return WORD_SHARE * against_best(by_word) + BIGRAM_SHARE * against_best(by_bigram)


def against_best(scores: Scores) -> Scores:
    """Divide by the best score, so that scores of different make can be added; all zero stays zero."""
    best = scores.max(initial=0.0)
    return scores / best if best > 0 else scores


def _mean_length(counted: Sequence[Mapping[str, Counter[str]]], name: str) -> float:
    lengths = [sheet[name].total() for sheet in counted if name in sheet]
    return max(sum(lengths) / len(lengths), 1.0) if lengths else 1.0


def _impacts(
    sheet: Mapping[str, Counter[str]], fields: Mapping[str, Field], average: Mapping[str, float]
) -> dict[str, float]:
    """Each word's counts over all fields: weighted, divided by the field's relative length, saturated."""
    total: dict[str, float] = {}
    for name, field in fields.items():
        counts = sheet.get(name)
        if not counts:
            continue
        length = 1 - field.length_penalty + field.length_penalty * counts.total() / average[name]
        share = field.weight / length
        for word, count in counts.items():
            total[word] = total.get(word, 0.0) + count * share
    return {word: evened * (K1 + 1) / (K1 + evened) for word, evened in total.items()}
