"""Makes a librarian with the word vectors that the settings name, if any."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from handlers.library import Make
from infra.errors import ConfigError
from nlp import BadVectors, Concept, Document, Librarian


def librarian_maker(vectors: str, cache: Path | None = None) -> Make:
    """``make(documents, concepts, before)``; ``vectors`` is the path of [nlp], "" for none; ``cache`` a
    folder for what takes long to make, so that the next start only reads it.

    Making raises ConfigError for vectors that cannot be used.
    """
    path = Path(vectors) if vectors else None

    def make(
        documents: Iterable[Document], concepts: Sequence[Concept], before: Librarian | None
    ) -> Librarian:
        try:
            return Librarian.build(documents, concepts=concepts, vectors=path, previous=before, cache=cache)
        except BadVectors as error:
            raise ConfigError(
                f"nlp.vectors: {error}", hint="a word2vec or KeyedVectors file, or empty for none"
            ) from None

    return make
