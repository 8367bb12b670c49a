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

from nlp import chatter, words
from nlp.lexical import Columns, Cosine, Scores

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
        names: Sequence[Sequence[str]],
        beside: Sequence[Collection[int]],
    ) -> None:
        """For each concept its needs as they are written, its `plain` names, and its neighbours."""
        needs = [(place, need) for place, each in enumerate(listed) for need in each]
        freed = [chatter.free(words.plain(need)) for _, need in needs]
        self.of = np.array([place for place, _ in needs], dtype=np.int64)
        self.words = [text.words for text in freed]
        # A need that is one word of the trade: 变量.
        self.terms = {text.text for (_, need), text in zip(needs, freed, strict=True) if text.text == need}
        self.by_word = Cosine(self.words)
        self._by_bigram = Cosine([words.bigrams(text.text) for text in freed])
        self._size = len(names)
        pages, bigram_pages = _pages(names, list(self.of), freed)
        self._said = [tuple(page.elements()) for page in pages]
        self._word_pages, self._bigram_pages = Pages(pages), Pages(bigram_pages)
        self._graph = _graph(beside)

    def said_of(self, concepts: Iterable[int]) -> Counter[str]:
        """How often each word is said of some concepts."""
        together: Counter[str] = Counter()
        for place in concepts:
            together.update(self._said[place])
        return together

    def likeness(self, topic: str, topic_words: Sequence[str], sense: Sense | None = None) -> Scores:
        """The likeness of a question with every need, 0 to 1."""
        similar = 0.5 * self.by_word.similarities(topic_words)
        similar += 0.5 * self._by_bigram.similarities(words.bigrams(topic))
        if sense:
            similar = (1 - SENSE_SHARE) * similar + SENSE_SHARE * sense(topic_words)
        return similar

    def likely(
        self,
        topic: str,
        topic_words: Sequence[str],
        likeness: Scores,
        taught: npt.NDArray[np.bool_] | None = None,
    ) -> Scores:
        """A weight for every concept: how likely the question means it. The likeliest few of all count, and
        of those that are `taught`: what a small catalogue teaches is seldom among the likeliest of all."""
        best = np.zeros(self._size, dtype=np.float32)
        np.maximum.at(best, self.of, likeness)
        best *= NEED_SHARE
        best += 0.5 * self._word_pages.shares(topic_words)
        best += 0.5 * self._bigram_pages.shares(words.bigrams(topic))
        kept = _highest(best, MOST_LIKELY)
        if taught is not None:
            kept |= _highest(np.where(taught, best, np.float32(0)), MOST_TAUGHT)
        best[~kept] = 0
        best *= best
        return np.asarray(best + NEIGHBOURS * (self._graph @ best), dtype=np.float32)


def _highest(weights: Scores, most: int) -> npt.NDArray[np.bool_]:
    """Where the highest of these stand."""
    if len(weights) <= most:
        return np.ones(len(weights), dtype=np.bool_)
    chosen = np.zeros(len(weights), dtype=np.bool_)
    chosen[np.argpartition(-weights, most)[:most]] = True
    return chosen


class Pages(Columns):
    """BM25 over all that is said of each concept, as a share of the most that a question could score."""

    def __init__(self, counted: Sequence[Counter[str]]) -> None:
        average = sum(page.total() for page in counted) / max(len(counted), 1) or 1.0
        super().__init__([_saturated(page, page.total() / average) for page in counted])

    def shares(self, topic_words: Sequence[str]) -> Scores:
        query = dict.fromkeys(topic_words, 1.0)
        most = sum(self.idf(word) for word in query) * (K1 + 1)
        return self.scores(query) / np.float32(most or 1.0)


def _saturated(page: Counter[str], length: float) -> dict[str, float]:
    evened = K1 * (1 - LENGTH_PENALTY + LENGTH_PENALTY * length)
    return {word: count * (K1 + 1) / (count + evened) for word, count in page.items()}


def _pages(
    names: Sequence[Sequence[str]], need_of: Sequence[int], freed: Sequence[chatter.Freed]
) -> tuple[list[Counter[str]], list[Counter[str]]]:
    """Names and needs of each concept as one page, by words and by bigrams."""
    by_word: list[Counter[str]] = [Counter() for _ in names]
    by_bigram: list[Counter[str]] = [Counter() for _ in names]
    for place, each in enumerate(names):
        for name in each:
            by_word[place].update(words.words(name))
            by_bigram[place].update(words.bigrams(name))
    for place, text in zip(need_of, freed, strict=True):
        by_word[place].update(text.words)
        by_bigram[place].update(words.bigrams(text.text))
    return by_word, by_bigram


def _graph(beside: Sequence[Collection[int]]) -> csr_array:
    """Who is whose neighbour."""
    rows = [place for place, others in enumerate(beside) for _ in others]
    columns = [other for others in beside for other in others]
    ones = np.ones(len(rows), dtype=np.float32)
    return csr_array((ones, (rows, columns)), shape=(len(beside), len(beside)))
