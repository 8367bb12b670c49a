"""Training word vectors of one's own with gensim, from any text and the catalogue.

Settings as measured: skip-gram, window 10, 200 dimensions. The vectors of a small catalogue alone add
nothing; ten million words of prose in its field do. The result is a folder, written whole or not at all.
What was done of a training that stopped stays beside it, in `.NAME.partial`, and the same training goes on
from there, epoch by epoch.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nlp.artifact import put_in_place, unfinished, write_json
from nlp.corpus import NothingToTrain, files_of, lines_of, write_cut
from nlp.document import Document
from nlp.vector_files import save

__all__ = ["NothingToTrain", "Settings", "Trained", "train"]

ALPHA, LAST_ALPHA = 0.025, 0.0001  # the learning rate falls from the one to the other, as is usual
Tell = Callable[[str], None]


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
    tell: Tell = lambda _: None,
) -> Trained:
    """Cut the texts, train, and put the finished vectors at `folder`; `tell` hears of each step.

    Raises NothingToTrain, or OSError for a text that cannot be read.
    """
    how, files, catalogue = settings or Settings(), files_of(corpus), tuple(documents)
    partial = _Partial(folder, _digest(how, files, catalogue))
    lines = partial.lines
    if lines is None:
        lines = write_cut(lines_of(files, catalogue), partial.sentences, tell)
        partial.cut(lines)
    tell(f"cut {lines} lines")
    model = _train(partial, how, tell)
    made_of = {"settings": asdict(how), "corpus": [path.name for path in corpus], "lines": lines}
    with unfinished(folder) as finished:
        save(finished, model.wv.index_to_key, model.wv.vectors, {**made_of, "digest": partial.digest})
        put_in_place(finished, folder)
    partial.forget()
    tell(f"trained {len(model.wv)} words")
    return Trained(folder, len(model.wv), lines)


class _Partial:
    """What is kept of a training until it is finished."""

    def __init__(self, folder: Path, digest: str) -> None:
        self.digest = digest
        self._folder = folder.with_name(f".{folder.name}.partial")
        self._done = self._folder / "done.json"
        self.sentences = self._folder / "sentences.txt"
        told = self._told()
        if told.get("digest") != digest:  # other text, or other settings
            shutil.rmtree(self._folder, ignore_errors=True)
            told = {}
        self._folder.mkdir(parents=True, exist_ok=True)
        self.lines: int | None = told.get("lines")
        self.epochs = int(told.get("epochs", 0))

    def model_file(self, epochs: int) -> str:
        """Where the model after so many epochs is."""
        return str(self._folder / f"model.{epochs}")

    def cut(self, lines: int) -> None:
        """The text is cut."""
        self.lines = lines
        self._tell()

    def trained(self, model: Any) -> None:
        """One epoch more is done."""
        model.save(self.model_file(self.epochs + 1))
        self.epochs += 1
        self._tell()
        for old in self._folder.glob(f"model.{self.epochs - 1}*"):
            old.unlink()

    def forget(self) -> None:
        """All is finished."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _told(self) -> dict[str, Any]:
        try:
            told = json.loads(self._done.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return told if isinstance(told, dict) else {}

    def _tell(self) -> None:
        fresh = self._done.with_suffix(".new")
        write_json(fresh, {"digest": self.digest, "lines": self.lines, "epochs": self.epochs})
        fresh.replace(self._done)


def _train(partial: _Partial, how: Settings, tell: Tell) -> Any:
    from gensim.models import Word2Vec  # 60 MB; nobody but the trainer pays for it

    model = Word2Vec.load(partial.model_file(partial.epochs)) if partial.epochs else _model(partial, how)
    fall = (ALPHA - LAST_ALPHA) / how.epochs
    for epoch in range(partial.epochs, how.epochs):
        tell(f"epoch {epoch + 1} of {how.epochs}: {len(model.wv)} words, {model.corpus_total_words} to read")
        model.train(
            corpus_file=str(partial.sentences),
            total_examples=model.corpus_count,
            total_words=model.corpus_total_words,
            epochs=1,
            start_alpha=ALPHA - epoch * fall,
            end_alpha=ALPHA - (epoch + 1) * fall,
        )
        partial.trained(model)
    return model


def _model(partial: _Partial, how: Settings) -> Any:
    from gensim.models import Word2Vec

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
    model.build_vocab(corpus_file=str(partial.sentences))
    if not len(model.wv):
        partial.forget()
        raise NothingToTrain(f"no word stands {how.min_count} times in the text that was given")
    return model


def _digest(how: Settings, files: Sequence[Path], documents: Iterable[Document]) -> str:
    """Of all that a training is made of; files by name, size and date."""
    told = hashlib.blake2b(json.dumps(asdict(how)).encode(), digest_size=16)
    for file in files:
        about = file.stat()
        told.update(
            f"{file.resolve()} {about.st_size} {about.st_mtime_ns}\n".encode(errors="surrogateescape")
        )
    for each in documents:
        told.update(f"{each.title}\n{each.summary}\n{each.body}\n".encode(errors="replace"))
    return told.hexdigest()
