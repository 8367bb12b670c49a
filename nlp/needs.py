"""Which concepts a question means: by its likeness with each need, with all that is said of a concept
together, and with the concept's neighbours.

A question in everyday words seldom repeats one need; it shares a word with several needs of one concept,
and with those of its neighbours. So all of that is summed up, weak as each part is, into a weight for every
concept.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from nlp import words
from nlp.cut import Cut
from nlp.postings import Scores, from_rows

Sense = Callable[[Sequence[str]], Scores]

SENSE_SHARE = 0.5  # of word vectors, where there are any, in the likeness of a question and a need
NEED_SHARE = 0.5  # of the likest need, beside all that is said of a concept
MOST_LIKELY = 40  # concepts; what comes behind them is noise
MOST_TAUGHT = 20  # of those that the catalogue teaches
NEIGHBOURS = 0.3  # of a concept's weight that goes to each of its neighbours
K1, LENGTH_PENALTY = 0.9, 0.5


class Needs:
    """The needs and names of all concepts, to be compared with questions."""

    def __init__(
        self,
        listed: Sequence[Sequence[str]],
        known: Cut,
        beside: Sequence[Collection[int]],
    ) -> None:
        """For each concept its needs as they are written, and its neighbours; and all of them cut."""
        needs = [(place, need) for place, each in enumerate(listed) for need in each]
        self.of = np.array([place for place, _ in needs], dtype=np.int64)
        # A concept's needs stand together: where those of each begin that has any.
        self._who, self._first = np.unique(self.of, return_index=True)
        self.words = known.need_words
        # A need that is one word of the trade: 变量.
        self.terms = {text for (_, need), text in zip(needs, known.need_texts, strict=True) if text == need}
        self._size = len(listed)
        in_bigrams = [words.bigrams(text) for text in known.need_texts]
        pages = _pages(known.name_words, self.of.tolist(), known.need_words)
        names_in_bigrams = [[words.bigrams(name) for name in each] for each in known.names]
        self._said = [tuple(page.elements()) for page in pages]
        self.by_word = Said(self.words, pages)
        self._by_bigram = Said(in_bigrams, _pages(names_in_bigrams, self.of.tolist(), in_bigrams))
        neighbours = np.array([other for others in beside for other in others], dtype=np.int32)
        ends = np.cumsum([0, *map(len, beside)])
        # For every concept the share that it has in the weight of each of its neighbours; who is whose is
        # mutual.
        shares = np.full(len(neighbours), NEIGHBOURS, dtype=np.float32)
        self._beside = csr_array((shares, neighbours, ends), shape=(self._size, self._size))

    def said_of(self, concepts: Iterable[int]) -> Counter[str]:
        """How often each word is said of some concepts."""
        together: Counter[str] = Counter()
        for place in concepts:
            together.update(self._said[place])
        return together

    def likeness(
        self, topic: str, topic_words: Sequence[str], sense: Sense | None = None
    ) -> tuple[Scores, Scores]:
        """The likeness of a question with every need, 0 to 1, and with all that is said of every concept."""
        by_word, word_pages = self.by_word.likeness(topic_words)
        by_bigram, bigram_pages = self._by_bigram.likeness(words.bigrams(topic))
        similar = by_word
        similar += by_bigram
        similar *= np.float32(0.5)
        if sense:
            similar = (1 - SENSE_SHARE) * similar + SENSE_SHARE * sense(topic_words)
        word_pages += bigram_pages
        word_pages *= np.float32(0.5)
        return similar, word_pages

    def likely(self, likeness: Scores, said: Scores, taught: npt.NDArray[np.bool_] | None = None) -> Scores:
        """A weight for every concept: how likely the question means it, by both of `likeness`. The likeliest
        few of all count, and of those that are `taught`: what a small catalogue teaches is seldom among the
        likeliest of all."""
        best = np.zeros(self._size, dtype=np.float32)
        if len(self._first):
            best[self._who] = np.maximum.reduceat(likeness, self._first) * np.float32(NEED_SHARE)
        best += said
        kept = np.zeros_like(best)
        likeliest = _highest(best, MOST_LIKELY)
        kept[likeliest] = best[likeliest]
        if taught is not None:
            likeliest = _highest(best * taught, MOST_TAUGHT)
            kept[likeliest] = best[likeliest]
        kept *= kept
        kept += self._beside @ kept
        return kept


def _highest(weights: Scores, most: int) -> npt.NDArray[np.intp]:
    """Where the highest of these stand."""
    if len(weights) <= most:
        return np.arange(len(weights))
    return (-weights).argpartition(most)[:most]


class Said:
    """Needs and pages by their terms: a question is compared with both in one pass. Needs by the cosine, each
    term once by its rarity; a page is all that is said of a concept, by BM25, as a share of the most that the
    question could score."""

    def __init__(self, needs: Sequence[Iterable[str]], pages: Sequence[Counter[str]]) -> None:
        self._needs, self._pages = len(needs), len(pages)
        average = sum(page.total() for page in pages) / max(len(pages), 1) or 1.0
        each = [dict.fromkeys(need, 1.0) for need in needs]
        columns, postings = from_rows([*each, *(_saturated(page, page.total() / average) for page in pages)])
        self._columns, self._rows = columns, postings.rows.astype(np.intp)  # as np.bincount wants them
        self._starts = postings.starts.data
        of_need = postings.rows < self._needs
        column_of = np.repeat(np.arange(len(columns)), np.diff(postings.starts))
        self._in_needs = np.bincount(column_of[of_need], minlength=len(columns))
        self._need_idf = _idf(self._needs, self._in_needs)
        self._page_idf = _idf(self._pages, np.bincount(column_of[~of_need], minlength=len(columns)))
        # As plain floats: a question has a handful of terms.
        self._squares = (self._need_idf.astype(np.float64) ** 2).tolist()
        self._page_rarity = self._page_idf.tolist()
        rarity = self._need_idf[column_of]
        square = np.bincount(postings.rows[of_need], rarity[of_need] ** 2, self._needs + self._pages)
        long = np.sqrt(square)[postings.rows]
        # What is multiplied with what the question has of the same term: done here, once.
        of_needs = rarity**2 / np.where(of_need, long, 1)
        of_pages = postings.values * self._page_idf[column_of]
        self._worth = np.where(of_need, of_needs, of_pages).astype(np.float64)

    def __contains__(self, term: str) -> bool:
        column = self._columns.get(term)
        return column is not None and bool(self._in_needs[column])

    def idf(self, term: str) -> float:
        """The rarity of a term among the needs."""
        return float(self._need_idf[self._columns.get(term, -1)])

    def has(self, term: str, need: int) -> bool:
        """Whether a need has the term."""
        column = self._columns.get(term)
        if column is None:
            return False
        rows = self._rows[self._starts[column] : self._starts[column + 1]]
        at = int(np.searchsorted(rows, need))
        return at < len(rows) and int(rows[at]) == need

    def likeness(self, terms: Iterable[str]) -> tuple[Scores, Scores]:
        """Of every need and of every page with these terms, 0 to 1."""
        columns = [self._columns.get(term, -1) for term in dict.fromkeys(terms)]  # the last is of unseen ones
        starts = self._starts
        spans = [slice(starts[at], starts[at + 1]) for at in columns if at >= 0]
        if not spans:
            return np.zeros(self._needs, dtype=np.float32), np.zeros(self._pages, dtype=np.float32)
        rows = np.concatenate([self._rows[span] for span in spans])
        worth = np.concatenate([self._worth[span] for span in spans])
        total = np.bincount(rows, worth, self._needs + self._pages)
        length = sum(self._squares[at] for at in columns) ** 0.5
        most = sum(self._page_rarity[at] for at in columns) * (K1 + 1)
        by_need = np.multiply(total[: self._needs], 1 / length, dtype=np.float32, casting="same_kind")
        by_page = np.multiply(total[self._needs :], 1 / most, dtype=np.float32, casting="same_kind")
        return by_need, by_page


def _idf(size: int, frequency: npt.NDArray[np.int64]) -> Scores:
    """Of each column, and of terms that no row has as the last."""
    counts = np.append(frequency, 0)
    return np.log(1 + (size - counts + 0.5) / (counts + 0.5)).astype(np.float32)


def _saturated(page: Counter[str], length: float) -> dict[str, float]:
    evened = K1 * (1 - LENGTH_PENALTY + LENGTH_PENALTY * length)
    return {word: count * (K1 + 1) / (count + evened) for word, count in page.items()}


def _pages(
    names: Sequence[Sequence[Iterable[str]]], need_of: Sequence[int], needs: Sequence[Iterable[str]]
) -> list[Counter[str]]:
    """All terms of the names and needs of each concept together."""
    pages = [Counter(term for name in each for term in name) for each in names]
    for place, need in zip(need_of, needs, strict=True):
        pages[place].update(need)
    return pages
