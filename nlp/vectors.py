"""Finding by sense: word vectors, averaged with care.

Averaged as they are they lose to BM25. What was measured to make them worth their place: every word by its
rarity, the strongest common directions taken out (Mu, Viswanath, "All-but-the-Top", ICLR 2018), title and
body kept apart, and a lexical score beside them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from nlp.counted import Counted
from nlp.postings import Columns, Scores

Matrix = npt.NDArray[np.float32]

BODY_SHARE = 0.75
COMMON_DIRECTIONS = 3
VECTORS_A_DIRECTION = 25  # a few texts span few directions; taking three out of ten would take the sense out
FEEDBACK_TOP, FEEDBACK_SHARE = 5, 0.8
FEEDBACK_AMONG = 2_000  # the best courses, to which the moved question is put; the others keep what they have


class WordVectors:
    """Unit vectors by word; an unknown word by its pieces. `vectors` may be memory-mapped, and then is shared
    between processes."""

    def __init__(self, words: Iterable[str], vectors: Matrix, source: str = "") -> None:
        """`source`: tells one file from another, and from what it was before."""
        self.source = source
        self._place = {word: place for place, word in enumerate(words)}
        self.vectors, self.size = vectors, int(vectors.shape[1])

    def __len__(self) -> int:
        return len(self._place)

    def __contains__(self, word: str) -> bool:
        return word in self._place

    def of(self, word: str) -> Matrix | None:
        """The unit vector of a word, or the mean of its characters' when it has none, or nothing."""
        place = self._place.get(word)
        if place is not None:
            return _unit(np.asarray(self.vectors[place], dtype=np.float32))
        known = [self._place[sign] for sign in word if sign in self._place] if not word.isascii() else []
        return _unit(self.vectors[known].mean(axis=0, dtype=np.float32)) if known else None

    def text(self, counts: Mapping[str, float], idf: Callable[[str], float]) -> Matrix:
        """unit(Σ tf · idf · unit(v)); zero when no word is known."""
        total = np.zeros(self.size, dtype=np.float32)
        for word, count in counts.items():
            vector = self.of(word)
            if vector is not None:
                total += np.float32(count * idf(word)) * vector
        return _unit(total)

    def table(self, words: Sequence[str]) -> Matrix:
        """The unit vectors of many words, a row each; zero where nothing is known."""
        table = np.zeros((len(words), self.size), dtype=np.float32)
        places = np.array([self._place.get(word, -1) for word in words], dtype=np.int64)
        known = np.flatnonzero(places >= 0)
        order = known[np.argsort(places[known])]  # a file is read from its beginning to its end
        table[order] = self.vectors[places[order]]
        table = _units(table)
        for row in np.flatnonzero(places < 0).tolist():
            vector = self.of(words[row])
            if vector is not None:
                table[row] = vector
        return table


class VectorIndex:
    """The texts of a catalogue as vectors."""

    def __init__(
        self, vectors: WordVectors, titles: Matrix, bodies: Matrix, idf: Callable[[str], float]
    ) -> None:
        """`titles`, `bodies`: a unit vector for each text."""
        self._vectors, self._idf = vectors, idf
        self._common = _common_directions(np.vstack([titles, bodies]))
        self._texts = _units(self._without_common(titles) + BODY_SHARE * self._without_common(bodies))

    @classmethod
    def of(
        cls, vectors: WordVectors, texts: Sequence[Mapping[str, float]], idf: Callable[[str], float]
    ) -> "VectorIndex":
        """Of short texts without bodies."""
        titles = np.zeros((len(texts), vectors.size), dtype=np.float32)
        for row, counts in enumerate(texts):
            titles[row] = vectors.text(counts, idf)
        return cls(vectors, titles, np.zeros_like(titles), idf)

    @classmethod
    def of_courses(cls, vectors: WordVectors, counted: Counted, index: Columns) -> "VectorIndex":
        """Of courses that were cut, with the fields of `lexical.FIELDS`: title and tags, summary and text."""
        words = index.columns
        table, idf = vectors.table(words), np.array([index.idf(word) for word in words], dtype=np.float32)
        head, body = (_averages(counted, fields, idf, table) for fields in ((0, 1), (2, 3)))
        return cls(vectors, head, body, index.idf)

    def scores(self, counts: Mapping[str, float], *, feedback: bool = True) -> Scores:
        """The cosine of every text with a question's words, not below 0; then once more with the question
        moved towards the best few (pseudo-relevance feedback)."""
        question = _unit(self._without_common(self._vectors.text(counts, self._idf)))
        alike: Scores = np.maximum(self._texts @ question, np.float32(0))
        if not feedback or len(alike) <= FEEDBACK_TOP:
            return alike
        moved = self._moved(question, alike)
        if len(alike) <= FEEDBACK_AMONG:
            alike = np.maximum(self._texts @ moved, np.float32(0))
        else:
            among = np.argpartition(-alike, FEEDBACK_AMONG)[:FEEDBACK_AMONG]
            alike[among] = np.maximum(self._texts[among] @ moved, np.float32(0))
        return alike

    def _moved(self, question: Matrix, alike: Scores) -> Matrix:
        top = np.argpartition(-alike, FEEDBACK_TOP)[:FEEDBACK_TOP]
        weight = float(alike[top].sum())
        if weight <= 0:
            return question
        return _unit(question + np.float32(FEEDBACK_SHARE / weight) * (alike[top] @ self._texts[top]))

    def _without_common(self, rows: Matrix) -> Matrix:
        return np.asarray(rows - (rows @ self._common.T) @ self._common, dtype=np.float32)


def _averages(counted: Counted, fields: Sequence[int], idf: Scores, table: Matrix) -> Matrix:
    """unit(Σ tf · idf · unit(v)) over some fields of each document."""
    documents, kinds = counted.ends.shape
    where = np.repeat(np.arange(documents * kinds), counted.lengths.ravel())
    chosen = np.isin(where % kinds, fields)
    terms = counted.terms[chosen]
    values = counted.counts[chosen] * idf[terms]
    shape = (documents, len(table))
    weights = csr_array((values.astype(np.float32), (where[chosen] // kinds, terms)), shape=shape)
    return _units(np.asarray(weights @ table, dtype=np.float32))


def _common_directions(rows: Matrix) -> Matrix:
    """The strongest directions that all texts share, as rows of unit length."""
    kept = rows[np.any(rows != 0, axis=1)]
    count = min(COMMON_DIRECTIONS, len(kept) // VECTORS_A_DIRECTION)
    if not count:
        return np.zeros((0, rows.shape[1]), dtype=np.float32)
    # The right singular vectors, by way of a small square matrix: the texts may be a hundred thousand.
    _, directions = np.linalg.eigh(kept.T.astype(np.float64) @ kept)
    return np.asarray(directions[:, ::-1][:, :count].T, dtype=np.float32)


def _unit(vector: Matrix) -> Matrix:
    length = float(np.linalg.norm(vector))
    return np.asarray(vector / length if length > 0 else vector, dtype=np.float32)


def _units(rows: Matrix) -> Matrix:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(length > 0, length, 1), dtype=np.float32)
