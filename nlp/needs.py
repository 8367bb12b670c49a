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
from nlp.sums import Sums, product

Sense = Callable[[Sequence[str]], Scores]

SENSE_SHARE = 0.5  # of word vectors, where there are any, in the likeness of a question and a need
NEED_SHARE = 0.5  # of the likest need, beside all that is said of a concept
CHANCE = 0.5  # likeness up to which a question and a need may share words by chance
IN_FULL = 0.8  # of what is above that: who says a need nearly in its words means it
MOST_LIKELY = 40  # concepts; what comes behind them is noise
MOST_TAUGHT = 20  # of those that the catalogue teaches
NEIGHBOURS = 0.3  # of a concept's weight that goes to each of its neighbours
K1, LENGTH_PENALTY = 0.9, 0.5
DEEP = 4  # needs of a concept that stand in one column; few have more


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
        self._size = len(listed)
        # A concept's needs stand one below the other, so that the likest of each is found by a single look
        # along the columns; what does not fit into one goes on in another behind those of all concepts.
        self._slots, self._more = _slots(self.of, self._size)
        self._need_in = np.zeros(DEEP * (self._size + len(self._more)), dtype=np.int64)
        self._need_in[self._slots] = np.arange(len(needs))
        self.words = known.need_words
        # A need that is one word of the trade: 变量.
        self.terms = {text for (_, need), text in zip(needs, known.need_texts, strict=True) if text == need}
        in_bigrams = [words.bigrams(text) for text in known.need_texts]
        pages = _pages(known.name_words, self.of.tolist(), known.need_words)
        names_in_bigrams = [[words.bigrams(name) for name in each] for each in known.names]
        self._said = [tuple(page.elements()) for page in pages]
        room = len(self._need_in)
        self.by_word = Said(self.words, pages, self._slots, room)
        in_bigrams_too = _pages(names_in_bigrams, self.of.tolist(), in_bigrams)
        self._by_bigram = Said(in_bigrams, in_bigrams_too, self._slots, room)
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
        """The likeness of a question with every need, 0 to 1, in the places that `alike_from` and `likely`
        understand, and with all that is said of every concept."""
        similar, pages = np.zeros(len(self._need_in), np.float32), np.zeros(self._size, np.float32)
        self.by_word.add(topic_words, similar, pages)
        self._by_bigram.add(words.bigrams(topic), similar, pages)
        if sense:
            similar *= np.float32(1 - SENSE_SHARE)
            similar[self._slots] += np.float32(SENSE_SHARE) * sense(topic_words)
        return similar, pages

    def alike_from(self, similar: Scores, least: float) -> list[tuple[int, float]]:
        """The needs that are so alike at least, each with its likeness, the likest first."""
        slots = (similar >= least).nonzero()[0]
        found = zip(self._need_in[slots].tolist(), similar[slots].tolist(), strict=True)
        return sorted(found, key=lambda each: (-each[1], each[0]))

    def likely(self, similar: Scores, pages: Scores, taught: npt.NDArray[np.int64] | None = None) -> Scores:
        """A weight for every concept: how likely the question means it, by both of `likeness`. The likeliest
        few of all count, and of those that are `taught`: what a small catalogue teaches is seldom among the
        likeliest of all."""
        peaks = similar.reshape(DEEP, -1).max(axis=0)
        best = peaks[: self._size]
        if len(self._more):
            np.maximum.at(best, self._more, peaks[self._size :])
        in_full = np.maximum(best - np.float32(CHANCE), 0)
        in_full *= np.float32(IN_FULL)
        best *= np.float32(NEED_SHARE)
        best += pages
        best += in_full
        kept: Scores = best * (best >= _least_of(best, MOST_LIKELY))
        if taught is not None:
            here = best[taught]
            likeliest = taught[here >= _least_of(here, MOST_TAUGHT)]
            kept[likeliest] = best[likeliest]
        kept *= kept
        kept += product(self._beside, kept)
        return kept


def _slots(of: npt.NDArray[np.int64], concepts: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """For every need its place in a table of columns, `DEEP` of them in each, and for every column behind
    those of all concepts the concept that it belongs to. The needs of a concept stand together in `of`."""
    counts = np.bincount(of, minlength=concepts)
    which = np.arange(len(of)) - (counts.cumsum() - counts)[of]  # among those of its concept
    extra = np.maximum(-(-counts // DEEP) - 1, 0)
    more = np.repeat(np.arange(concepts), extra)
    column = np.where(which < DEEP, of, concepts + (extra.cumsum() - extra)[of] + which // DEEP - 1)
    return which % DEEP * (concepts + len(more)) + column, more


def _least_of(weights: Scores, most: int) -> float:
    """What the last of so many highest ones weighs."""
    behind = len(weights) - most
    if behind <= 0:
        return 0.0
    parted = weights.copy()
    parted.partition(behind)
    return parted.item(behind)


class Said:
    """Needs and pages by their terms. Needs by the cosine, each term once by its rarity; a page is all that
    is said of a concept, by BM25, as a share of the most that the question could score."""

    def __init__(
        self,
        needs: Sequence[Iterable[str]],
        pages: Sequence[Counter[str]],
        slots: npt.NDArray[np.int64],
        room: int,
    ) -> None:
        """`slots`: where the sum of each need goes, below `room`."""
        average = sum(page.total() for page in pages) / max(len(pages), 1) or 1.0
        each = [dict.fromkeys(need, 1.0) for need in needs]
        self._columns, (starts, rows, values, _) = from_rows(
            [*each, *(_saturated(page, page.total() / average) for page in pages)]
        )
        of_need = rows < len(needs)
        column_of = np.repeat(np.arange(len(self._columns)), np.diff(starts))
        self._in_needs, in_pages = (
            np.bincount(column_of[chosen], minlength=len(self._columns)) for chosen in (of_need, ~of_need)
        )
        self._need_idf, page_idf = _idf(len(needs), self._in_needs), _idf(len(pages), in_pages)
        # As plain floats: a question has a handful of terms.
        self._squares = (self._need_idf.astype(np.float64) ** 2).tolist()
        self._page_rarity = page_idf.tolist()
        square = self._need_idf[column_of[of_need]] ** 2
        where = slots[rows[of_need]]
        long = np.sqrt(np.bincount(where, square, room))[where]
        # What is multiplied with what the question has of the same term: done here, once.
        self._of_needs = Sums(
            _starts(self._in_needs), where.astype(np.int32), (square / long).astype(np.float32)
        )
        of_pages = values[~of_need] * page_idf[column_of[~of_need]]
        self._of_pages = Sums(_starts(in_pages), rows[~of_need] - np.int32(len(needs)), of_pages)

    def __contains__(self, term: str) -> bool:
        column = self._columns.get(term)
        return column is not None and bool(self._in_needs[column])

    def idf(self, term: str) -> float:
        """The rarity of a term among the needs."""
        return float(self._need_idf[self._columns.get(term, -1)])

    def add(self, terms: Iterable[str], similar: Scores, pages: Scores) -> None:
        """Adds half of the likeness, 0 to 1, of every need and of every page with these terms."""
        columns = [self._columns.get(term, -1) for term in dict.fromkeys(terms)]  # the last is of unseen ones
        known = [at for at in columns if at >= 0]
        if known:
            need = 0.5 / sum([self._squares[at] for at in columns]) ** 0.5
            page = 0.5 / (sum([self._page_rarity[at] for at in columns]) * (K1 + 1))
            self._of_needs.add([(at, need) for at in known], similar)
            self._of_pages.add([(at, page) for at in known], pages)


def _starts(lengths: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Where the entries of each column begin, and at last where they end."""
    return np.concatenate([[0], lengths.cumsum()])


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
