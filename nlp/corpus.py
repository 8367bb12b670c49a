"""Text to train on: files, folders and the catalogue, cut into one line of words a line."""

import gzip
import json
import lzma
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, cast

from nlp import words
from nlp.document import Document

TEXT_ENDINGS = (".txt", ".md", ".jsonl")
MAX_LINE_CHARS = 10_000  # gensim takes lines of that many words; longer ones are not prose
PACKED = (".xz", ".gz")
TELL_EVERY = 10_000  # lines


class NothingToTrain(ValueError):
    """No text was found, or too little of it; the message says where was looked."""


def files_of(corpus: Sequence[Path]) -> list[Path]:
    """The text files among these files and in these folders. Raises NothingToTrain for a folder without any,
    OSError for what is not there."""
    return [file for path in corpus for file in _files(path)]


def lines_of(files: Iterable[Path], documents: Iterable[Document]) -> Iterator[str]:
    """Every line of text. Raises OSError for a file that cannot be read."""
    for document in documents:
        yield from (document.title, document.summary, *document.body.splitlines())
    for file in files:
        with _open(file) as lines:
            try:
                yield from _texts_of_json(lines) if _unpacked(file).suffix == ".jsonl" else lines
            except (lzma.LZMAError, EOFError) as error:
                raise OSError(f"{file}: cut off or not what its ending says ({error})") from error


def write_cut(texts: Iterable[str], target: Path, tell: Callable[[str], None]) -> int:
    """One cut line a line. Cut once and read again each epoch: cutting takes longer than reading."""
    written = 0
    with target.open("w", encoding="utf-8", errors="ignore") as out:
        for text in texts:
            cut = [token.counted[0] if token.text.isascii() else token.text for token in _tokens(text)]
            if len(cut) > 1:
                out.write(" ".join(cut) + "\n")
                written += 1
                if written % TELL_EVERY == 0:
                    tell(f"cut {written} lines")
    return written


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        path.stat()  # OSError, when it is not there
        return [path]
    found = sorted(file for file in path.rglob("*") if file.is_file() and _is_text_file(file))
    if not found:
        raise NothingToTrain(f"{path}: no text in it ({', '.join(TEXT_ENDINGS)}, as they are or .xz, .gz)")
    return found


def _is_text_file(file: Path) -> bool:
    return _unpacked(file).suffix in TEXT_ENDINGS


def _unpacked(file: Path) -> Path:
    return file.with_suffix("") if file.suffix in PACKED else file


def _open(file: Path) -> IO[str]:
    if file.suffix == ".xz":
        return lzma.open(file, "rt", encoding="utf-8", errors="replace")
    if file.suffix == ".gz":
        return cast(IO[str], gzip.open(file, "rt", encoding="utf-8", errors="replace"))
    return file.open(encoding="utf-8", errors="replace")


def _texts_of_json(lines: Iterable[str]) -> Iterator[str]:
    """What stands in the fields, not their names; a line that is no JSON is left out."""
    for line in lines:
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            continue
        for text in _strings(entry):
            yield from text.splitlines()


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _strings(each)


def _tokens(text: str) -> list[words.Token]:
    return words.tokens(words.plain(text[:MAX_LINE_CHARS]))
