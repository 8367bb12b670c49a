"""Training word vectors of one's own with gensim, from any text and the catalogue.

Settings as measured: skip-gram, window 10, 200 dimensions. The vectors of a small catalogue alone add
nothing;
ten million words of prose in its field do. The result is a folder, written whole or not at all.
"""

import gzip
import json
import lzma
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, cast

from nlp import words
from nlp.document import Document

TRAINED = "words.kv"

TEXT_ENDINGS = (".txt", ".md", ".jsonl")
MAX_LINE_CHARS = 10_000  # gensim takes lines of that many words; longer ones are not prose
PACKED = (".xz", ".gz")


class NothingToTrain(ValueError):
    """No text was found, or too little of it; the message says where was looked."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train. One worker gives the same vectors for the same seed and text; more are faster."""

    dimensions: int = 200
    window: int = 10
    epochs: int = 8
    min_count: int = 3
    negative: int = 8
    sample: float = 1e-4
    seed: int = 1
    workers: int = 1


@dataclass(frozen=True, slots=True)
class Trained:
    """What was made, of how much."""

    folder: Path
    words: int
    lines: int


def train(
    corpus: Sequence[Path],
    documents: Iterable[Document],
    folder: Path,
    *,
    settings: Settings | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Trained:
    """Cut the texts, train, and put the finished vectors at `folder`; `tell` hears of each step.

    Raises NothingToTrain, or OSError for a text that cannot be read.
    """
    how = settings or Settings()
    unfinished = folder.with_name(f".{folder.name}.{os.getpid()}.unfinished")
    unfinished.mkdir(parents=True)
    try:
        sentences = unfinished / "sentences.txt"
        lines = _write_sentences(_texts(corpus, documents), sentences)
        tell(f"cut {lines} lines")
        count = _train(sentences, unfinished / TRAINED, how)
        sentences.unlink()
        (unfinished / "made-of.json").write_text(_made_of(how, corpus, lines, count), encoding="utf-8")
        _put_in_place(unfinished, folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    tell(f"trained {count} words")
    return Trained(folder, count, lines)


def _train(sentences: Path, target: Path, how: Settings) -> int:
    from gensim.models import Word2Vec  # 60 MB; nobody but the trainer pays for it

    model = Word2Vec(
        sg=1,
        vector_size=how.dimensions,
        window=how.window,
        min_count=how.min_count,
        negative=how.negative,
        sample=how.sample,
        seed=how.seed,
        workers=how.workers,
    )
    model.build_vocab(corpus_file=str(sentences))
    if not len(model.wv):
        raise NothingToTrain(f"no word stands {how.min_count} times in the text that was given")
    model.train(
        corpus_file=str(sentences),
        total_examples=model.corpus_count,
        total_words=model.corpus_total_words,
        epochs=how.epochs,
    )
    model.wv.save(str(target), separately=["vectors"])  # apart, so that it can be memory-mapped
    return len(model.wv)


def _texts(corpus: Sequence[Path], documents: Iterable[Document]) -> Iterator[str]:
    for document in documents:
        yield from (document.title, document.summary, *document.body.splitlines())
    for path in corpus:
        for file in _files(path):
            yield from _lines(file)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.rglob("*") if file.is_file() and _is_text_file(file))


def _is_text_file(file: Path) -> bool:
    name = file.with_suffix("") if file.suffix in PACKED else file
    return name.suffix in TEXT_ENDINGS


def _lines(file: Path) -> Iterator[str]:
    with _open(file) as lines:
        yield from lines


def _open(file: Path) -> IO[str]:
    if file.suffix == ".xz":
        return lzma.open(file, "rt", encoding="utf-8", errors="replace")
    if file.suffix == ".gz":
        return cast(IO[str], gzip.open(file, "rt", encoding="utf-8", errors="replace"))
    return file.open(encoding="utf-8", errors="replace")


def _write_sentences(texts: Iterable[str], target: Path) -> int:
    """One cut line a line. Cut once and read again each epoch: cutting takes longer than reading."""
    written = 0
    with target.open("w", encoding="utf-8") as out:
        for text in texts:
            cut = [token.counted[0] if token.text.isascii() else token.text for token in _tokens(text)]
            if len(cut) > 1:
                out.write(" ".join(cut) + "\n")
                written += 1
    return written


def _tokens(text: str) -> list[words.Token]:
    return words.tokens(words.plain(text[:MAX_LINE_CHARS]))


def _made_of(how: Settings, corpus: Sequence[Path], lines: int, count: int) -> str:
    made = {"settings": asdict(how), "corpus": [path.name for path in corpus], "lines": lines, "words": count}
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


def _put_in_place(finished: Path, folder: Path) -> None:
    """Two renames: whoever reads sees the old folder or the new one, never half of one."""
    outdated = folder.with_name(f".{folder.name}.{os.getpid()}.outdated")
    if folder.exists():
        folder.rename(outdated)
    finished.rename(folder)
    shutil.rmtree(outdated, ignore_errors=True)
