"""Finding by sense: word vectors (gensim), averaged with care.

Averaged as they are they lose to BM25. What was measured to make them worth their place: every word by its
rarity, the strongest common directions taken out (Mu, Viswanath, "All-but-the-Top", ICLR 2018), title and
body
kept apart, and a lexical score beside them.
"""

import pickle
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.lexical import Scores

Matrix = npt.NDArray[np.float32]

TRAINED = "words.kv"  # what `nlp train` calls the file in the folder it writes
BODY_SHARE = 0.75
COMMON_DIRECTIONS = 3
VECTORS_A_DIRECTION = 25  # a few texts span few directions; taking three out of ten would take the sense out
FEEDBACK_TOP, FEEDBACK_SHARE = 5, 0.8


class BadVectors(ValueError):
    """A vectors file that cannot be used; one line that names the file and the fault."""


class WordVectors:
    """Unit vectors by word; an unknown word by its pieces."""

    def __init__(self, keyed: Any) -> None:
        self._vectors: Matrix = keyed.vectors
        self._place: Mapping[str, int] = keyed.key_to_index
        self.size = int(keyed.vector_size)

    def __len__(self) -> int:
        return len(self._place)

    def of(self, word: str) -> Matrix | None:
        """The unit vector of a word, or the mean of its characters' when it has none, or nothing."""
        place = self._place.get(word)
        if place is not None:
            return _unit(np.asarray(self._vectors[place], dtype=np.float32))
        known = [self._place[sign] for sign in word if sign in self._place] if not word.isascii() else []
        return _unit(self._vectors[known].mean(axis=0, dtype=np.float32)) if known else None

    def text(self, counts: Mapping[str, float], idf: Callable[[str], float]) -> Matrix:
        """unit(Σ tf · idf · unit(v)); zero when no word is known."""
        total = np.zeros(self.size, dtype=np.float32)
        for word, count in counts.items():
            vector = self.of(word)
            if vector is not None:
                total += np.float32(count * idf(word)) * vector
        return _unit(total)


class VectorIndex:
    """The courses of a catalogue as vectors."""

    def __init__(
        self,
        vectors: WordVectors,
        titles: Sequence[Mapping[str, float]],
        bodies: Sequence[Mapping[str, float]],
        idf: Callable[[str], float],
    ) -> None:
        self._vectors, self._idf = vectors, idf
        title = _rows([vectors.text(counts, idf) for counts in titles], vectors.size)
        body = _rows([vectors.text(counts, idf) for counts in bodies], vectors.size)
        self._common = _common_directions(np.vstack([title, body]))
        self._courses = _units(self._without_common(title) + BODY_SHARE * self._without_common(body))

    def scores(self, counts: Mapping[str, float], *, feedback: bool = True) -> Scores:
        """The cosine of every course with a question's words, not below 0; then once more with the question
        moved towards the best few (pseudo-relevance feedback)."""
        question = _unit(self._without_common(self._vectors.text(counts, self._idf)))
        alike = np.clip(self._courses @ question, 0, None)
        if feedback and len(alike) > FEEDBACK_TOP:
            alike = np.clip(self._courses @ self._moved(question, alike), 0, None)
        return np.asarray(alike, dtype=np.float32)

    def _moved(self, question: Matrix, alike: Scores) -> Matrix:
        top = np.argpartition(-alike, FEEDBACK_TOP)[:FEEDBACK_TOP]
        weight = float(alike[top].sum())
        if weight <= 0:
            return question
        return _unit(question + np.float32(FEEDBACK_SHARE / weight) * (alike[top] @ self._courses[top]))

    def _without_common(self, rows: Matrix) -> Matrix:
        return np.asarray(rows - (rows @ self._common.T) @ self._common, dtype=np.float32)


def load(path: Path) -> WordVectors:
    """Word vectors from a file in word2vec text or binary format, a saved gensim KeyedVectors
    (memory-mapped),
    or the folder that training wrote. Raises BadVectors.

    A KeyedVectors file is a pickle: only ever one that the operator has put into the configuration.
    """
    from gensim.models import KeyedVectors  # 60 MB and half a second, only when vectors are configured

    file = path / TRAINED if path.is_dir() else path
    try:
        keyed = _load(KeyedVectors, file)
        vectors = np.asarray(keyed.vectors)
        if vectors.ndim != 2 or not len(vectors) or len(vectors) != len(keyed.key_to_index):
            raise BadVectors(f"{file}: holds no word vectors")
        if not np.isfinite(vectors[:1000]).all():
            raise BadVectors(f"{file}: holds numbers that are none (NaN); it was written wrongly")
    except BadVectors:
        raise
    except (OSError, ValueError, EOFError, KeyError, IndexError, AttributeError, ImportError, TypeError,
            MemoryError, UnicodeError, pickle.UnpicklingError) as error:  # fmt: skip
        raise BadVectors(
            f"{file}: cannot be read as word vectors ({type(error).__name__}: {error})"
        ) from error
    return WordVectors(keyed)


def _load(keyed_vectors: Any, file: Path) -> Any:
    with file.open("rb") as opened:
        start = opened.read(4096)
    if start[:1] == b"\x80":
        loaded = keyed_vectors.load(str(file), mmap="r")
        return getattr(loaded, "wv", loaded)
    _check_header(file, start)
    return keyed_vectors.load_word2vec_format(str(file), binary=not _is_text(start), unicode_errors="replace")


def _check_header(file: Path, start: bytes) -> None:
    """Both word2vec formats begin with a line of two numbers; without it gensim would read anything."""
    numbers = start.partition(b"\n")[0].split()
    if len(numbers) != 2 or not all(number.isdigit() for number in numbers):
        raise BadVectors(
            f"{file}: is neither word2vec format (no line `words dimensions` at its head) nor KeyedVectors"
        )
    words, size = map(int, numbers)
    # Each number takes two bytes as text and four in binary: a short file is a cut one, and must not make
    # gensim allocate what its head promises.
    if file.stat().st_size < words * size * 2:
        raise BadVectors(f"{file}: promises {words} words but is too short for them; it was cut off")


def _is_text(start: bytes) -> bool:
    """Whether the line after the head is a word and numbers, rather than a word and raw floats."""
    lines = start.split(b"\n", 2)
    try:
        values = lines[1].decode("utf-8").split(" ")[1:]
        return len(values) > 0 and all(_is_number(value) for value in values[:5] if value)
    except (UnicodeDecodeError, IndexError):
        # A long first line may end in the middle of a character only if it is text that was cut at 4,096
        # bytes.
        return False


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _common_directions(rows: Matrix) -> Matrix:
    """The strongest directions that all texts share, as rows of unit length."""
    kept = rows[np.any(rows != 0, axis=1)]
    count = min(COMMON_DIRECTIONS, len(kept) // VECTORS_A_DIRECTION)
    if not count:
        return np.zeros((0, rows.shape[1]), dtype=np.float32)
    _, _, directions = np.linalg.svd(kept, full_matrices=False)
    return np.asarray(directions[:count], dtype=np.float32)


def _rows(vectors: Iterable[Matrix], size: int) -> Matrix:
    listed = list(vectors)
    return np.vstack(listed) if listed else np.zeros((0, size), dtype=np.float32)


def _unit(vector: Matrix) -> Matrix:
    length = float(np.linalg.norm(vector))
    return np.asarray(vector / length if length > 0 else vector, dtype=np.float32)


def _units(rows: Matrix) -> Matrix:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(length > 0, length, 1), dtype=np.float32)
