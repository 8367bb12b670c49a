"""Finding by words: BM25F over jieba's words and over character bigrams.

BM25F after Robertson, Zaragoza, Taylor, "Simple BM25 extension to multiple weighted fields" (CIKM 2004):
a word's counts are weighted by field and evened out by the field's length before they saturate. What does not
depend on the question is computed once, so a question only adds up sparse columns.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from nlp.counted import Counted
from nlp.postings import Columns, Postings, Scores, inverted
from nlp.sums import Sums, highest

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
TITLE, TAGS, SUMMARY, BODY = 1, 2, 4, 8  # the bits of the fields, in this order
HEAD = TITLE | TAGS


class Bm25f(Columns):
    """Counts by field, evened out and saturated."""

    def __init__(
        self,
        columns: Mapping[str, int],
        counted: Counted,
        fields: Mapping[str, Field] = FIELDS,
        *,
        place_worth: Scores | None = None,
    ) -> None:
        """`place_worth`: what a word counts for `cover` by the places (bits) it stands in."""
        size = len(counted.ends)
        super().__init__(columns, _impacts(counted, list(fields.values()), len(columns)), size)
        covered = self.postings.values if place_worth is None else place_worth[self.postings.places]
        self._covers = Sums(self.postings.starts, self.postings.rows, covered)

    def cover(self, worth: Mapping[str, float]) -> Scores:
        """For every row the sum of what is said of the words it has, each times what the places count that it
        stands in there."""
        return self._covers.of(((column, worth[word]) for word, column in self.columns_of(worth)), self.size)

    def how_many(self, places: int) -> dict[str, int]:
        """In how many rows each word stands in any of these places (bits); not those that do nowhere."""
        column_of = np.repeat(np.arange(len(self.frequency)), self.frequency)
        chosen = column_of[(self.postings.places & places) != 0]
        counts: list[int] = np.bincount(chosen, minlength=len(self.frequency)).tolist()
        listed = zip(self._columns, counts, strict=False)  # the columns are numbered in their order
        return {word: count for word, count in listed if count}


class Lexical:
    """LEX: 0.6 BM25F on words + 0.4 BM25F on character bigrams, each against its best document."""

    def __init__(self, words: Bm25f, bigrams: Bm25f) -> None:
        self.words, self.bigrams = words, bigrams

    def together(self, by_word: Scores, bigrams: Iterable[str]) -> Scores:
        """0 to 1 for every document, by the scores of its words and the bigrams of a question."""
        counts: dict[str, float] = {}
        for each in bigrams:
            counts[each] = counts.get(each, 0.0) + 1
        by_bigram = self.bigrams.scores(counts)
        by_bigram *= _of_best(by_bigram, BIGRAM_SHARE)
        by_bigram += by_word * _of_best(by_word, WORD_SHARE)
        return by_bigram


def _of_best(scores: Scores, share: float) -> np.float32:
    """What gives the best score this share, so that scores of different make can be added."""
    best = highest(scores)
    return np.float32(share / best if best > 0 else 0.0)


def _impacts(counted: Counted, fields: Sequence[Field], columns: int) -> Postings:
    """Each word's counts over all fields: weighted, divided by the field's relative length, saturated."""
    documents, kinds = len(counted.ends), len(fields)
    distinct = counted.lengths
    # In which field of which document each term stands, as one number.
    where = np.repeat(np.arange(documents * kinds, dtype=np.int32), distinct.ravel())
    length = np.bincount(where, counted.counts, documents * kinds).reshape(documents, kinds)
    average = np.maximum(length.mean(axis=0), 1.0) if documents else np.ones(kinds)
    weight = np.array([field.weight for field in fields])
    penalty = np.array([field.length_penalty for field in fields])
    share = (weight / (1 - penalty + penalty * length / average)).astype(np.float32).ravel()
    bits = (1 << (where % kinds)).astype(np.uint8)
    shape = (documents, columns)
    postings = inverted(where // kinds, counted.terms, counted.counts * share[where], shape, bits)
    evened = postings.values
    return postings._replace(values=(evened * (K1 + 1) / (K1 + evened)).astype(np.float32))
