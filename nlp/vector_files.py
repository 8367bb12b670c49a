"""Word vectors in files: our own form, which is memory-mapped, and those that others give away.

Ours is a folder: `vectors.npy` (unit rows, float32), `words.txt` (a line a row) and `made-of.json`. Another
form is read by gensim, which takes 60 MB and half a second; given a place for it, the result is kept in ours.
"""

import hashlib
import json
import pickle
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nlp.artifact import put_in_place, unfinished, write_json
from nlp.vectors import Matrix, WordVectors

FORMAT = 1
VECTORS, WORDS, MADE_OF = "vectors.npy", "words.txt", "made-of.json"
AT_ONCE = 20_000  # rows that are looked at together
OLD_NAME = "words.kv"  # what training once called its KeyedVectors file
FOREIGN = (OSError, ValueError, EOFError, KeyError, IndexError, AttributeError, ImportError, TypeError,
           MemoryError, UnicodeError, pickle.UnpicklingError)  # fmt: skip


class BadVectors(ValueError):
    """A vectors file that cannot be used; one line that names the file and the fault."""


def load(path: Path, cache: Path | None = None) -> WordVectors:
    """Word vectors from the folder that training wrote, or a file in word2vec text or binary format or a
    saved gensim KeyedVectors. `cache`: a folder in which the last three are kept in our own form, so that
    the next start maps them. Raises BadVectors.

    A KeyedVectors file is a pickle: only ever one that the operator has put into the configuration.
    """
    file, source = _file_of(path), source_of(path)
    if file.name == MADE_OF:
        return _ours(path, source)
    if cache is None:
        return WordVectors(*_foreign(file), source)
    kept = cache / f"vectors-{source}"
    if not (kept / MADE_OF).exists():
        words, vectors = _foreign(file)
        with unfinished(kept) as folder:
            save(folder, words, vectors, {"from": file.name})
            put_in_place(folder, kept)
    return _ours(kept, source)


def source_of(path: Path) -> str:
    """A digest of which file this is, and when it was written. Raises BadVectors when there is none."""
    file = _file_of(path)
    try:
        about = file.stat()
    except OSError as error:
        raise _unreadable(file, error) from error
    told = f"{FORMAT} {file.resolve()} {about.st_size} {about.st_mtime_ns}"
    return hashlib.blake2b(told.encode(errors="surrogateescape"), digest_size=8).hexdigest()


def _file_of(path: Path) -> Path:
    """The file that tells what a folder holds, or the file itself."""
    if not path.is_dir():
        return path
    return path / OLD_NAME if (path / OLD_NAME).exists() else path / MADE_OF


def save(folder: Path, words: Sequence[str], vectors: Matrix, made_of: dict[str, Any]) -> None:
    """Write our form into an empty folder. Raises BadVectors for numbers that are none."""
    check(folder, vectors)
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    np.save(folder / VECTORS, (vectors / np.where(length > 0, length, 1)).astype(np.float32))
    (folder / WORDS).write_text("\n".join(words), encoding="utf-8", errors="surrogateescape", newline="\n")
    shape = {"words": len(words), "dimensions": int(vectors.shape[1])}
    write_json(folder / MADE_OF, {"format": FORMAT, **shape, **made_of})


def check(file: Path, vectors: Matrix) -> None:
    """Raises BadVectors where any number is none (NaN, infinite)."""
    for start in range(0, len(vectors), AT_ONCE):
        if not np.isfinite(vectors[start : start + AT_ONCE]).all():
            raise BadVectors(f"{file}: holds numbers that are none (NaN); it was written wrongly")


def _ours(folder: Path, source: str) -> WordVectors:
    try:
        made_of = json.loads((folder / MADE_OF).read_text(encoding="utf-8"))
        if made_of["format"] != FORMAT:
            raise BadVectors(
                f"{folder}: is of format {made_of['format']}, this version reads {FORMAT}: train anew"
            )
        words = (folder / WORDS).read_text(encoding="utf-8", errors="surrogateescape").split("\n")
        vectors = np.load(folder / VECTORS, mmap_mode="r", allow_pickle=False)
        shape = (made_of["words"], made_of["dimensions"])
        if vectors.shape != shape or len(words) != len(vectors) or vectors.dtype != np.float32:
            raise BadVectors(
                f"{folder}: made-of.json tells of {shape[0]} words in {shape[1]} dimensions,"
                f" there are {len(words)} and {vectors.shape}: a part of it is of another training"
            )
        check(folder / VECTORS, vectors)
        # Mapped anew: what was only looked at shall not count as this process's memory.
        return WordVectors(words, np.load(folder / VECTORS, mmap_mode="r", allow_pickle=False), source)
    except BadVectors:
        raise
    except FOREIGN as error:
        raise _unreadable(folder, error) from error


def _foreign(file: Path) -> tuple[list[str], Matrix]:
    try:
        keyed = _keyed(file)
        vectors = np.asarray(keyed.vectors)
        if vectors.ndim != 2 or not vectors.size or len(vectors) != len(keyed.key_to_index):
            raise BadVectors(f"{file}: holds no word vectors")
        check(file, vectors)
        return _one_line_each(keyed.index_to_key), vectors
    except BadVectors:
        raise
    except FOREIGN as error:
        raise _unreadable(file, error) from error


def _one_line_each(words: Iterable[object]) -> list[str]:
    return [str(word).replace("\n", " ") for word in words]


def _unreadable(file: Path, error: Exception) -> BadVectors:
    if isinstance(error, OSError) and error.strerror:
        return BadVectors(f"{file}: cannot be read as word vectors ({error.strerror})")
    return BadVectors(f"{file}: cannot be read as word vectors: cut off, or not what its ending says")


def _keyed(file: Path) -> Any:
    from gensim.models import KeyedVectors

    with file.open("rb") as opened:
        start = opened.read(4096)
    if start[:1] == b"\x80":
        loaded = KeyedVectors.load(str(file), mmap="r")
        return getattr(loaded, "wv", loaded)
    _check_header(file, start)
    return KeyedVectors.load_word2vec_format(str(file), binary=not _is_text(start), unicode_errors="replace")


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
