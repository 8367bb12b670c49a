"""One catalogue, ready to be searched: the courses cut up, the reader of questions, the judge."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Optional

import numpy as np

from nlp import concepts, words
from nlp.concepts import Concepts
from nlp.document import Document
from nlp.judge import Judge
from nlp.material import Material, gather
from nlp.postings import Numbers
from nlp.reading import Reader
from nlp.vector_files import load as load_vectors
from nlp.vectors import WordVectors


class Catalogue:
    """The courses with all that is looked up in them. Never changes."""

    def __init__(self, material: Material, known: Concepts, word_vectors: WordVectors | None) -> None:
        self._material, self._word_vectors = material, word_vectors
        self.documents = material.documents
        self.row = {document.id: row for row, document in enumerate(self.documents)}
        self.judge = Judge(material, known, word_vectors)
        teachers = [words.plain(document.teacher) for document in self.documents]
        self._by_teacher: dict[str, list[int]] = {}
        for row, teacher in enumerate(teachers):
            self._by_teacher.setdefault(teacher, []).append(row)
        index = self.judge.lexical.words
        self.reader = Reader(
            known,
            index.vocabulary,
            self.judge.weigh,
            index.__contains__,
            own=material.own,
            teachers=self._by_teacher,
        )

    @classmethod
    def build(
        cls, documents: Iterable[Document], vectors: Path | None, previous: Optional["Catalogue"]
    ) -> "Catalogue":
        """Index these courses; what did not change is taken from the `previous` catalogue. Raises
        BadVectors."""
        known = _our_concepts()
        material = gather(documents, known, previous._material if previous else None)
        return cls(material, known, load_vectors(vectors) if vectors else None)

    def title_and_tags(self, row: int) -> str:
        """As one `plain` text."""
        return f"{self._material.titles[row]} {self._material.tags[row]}"

    def taught_by(self, teacher: str) -> Numbers:
        """The rows of a teacher's courses, by the `plain` name."""
        return np.array(self._by_teacher.get(teacher, ()), dtype=np.int32)


@cache
def _our_concepts() -> Concepts:
    """Our dictionary is the same for every catalogue of a process."""
    return Concepts(concepts.load())
