"""One catalogue, ready to be searched: the courses cut up, the reader of questions, the judge."""

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Optional

from nlp import concepts, words
from nlp.concepts import Concepts
from nlp.document import Document
from nlp.judge import Judge
from nlp.prepare import Prepared, own_words, prepare
from nlp.reading import Reader
from nlp.vectors import WordVectors
from nlp.vectors import load as load_vectors


class Catalogue:
    """The courses with all that is looked up in them. Never changes."""

    def __init__(
        self, courses: Sequence[Prepared], known: Concepts, word_vectors: WordVectors | None, own: words.Own
    ) -> None:
        self._courses, self._own = tuple(courses), own
        self.documents = tuple(course.document for course in courses)
        self.row = {document.id: row for row, document in enumerate(self.documents)}
        self.teachers = [words.plain(document.teacher) for document in self.documents]
        self.judge = Judge(courses, known, word_vectors)
        index = self.judge.lexical.words
        self.reader = Reader(
            known,
            index.vocabulary,
            self.judge.weigh,
            index.__contains__,
            own=own,
            teachers=self.teachers,
        )

    @classmethod
    def build(
        cls, documents: Iterable[Document], vectors: Path | None, previous: Optional["Catalogue"]
    ) -> "Catalogue":
        """Index these courses; what did not change is taken from the `previous` catalogue. Raises
        BadVectors."""
        known, catalogue = _our_concepts(), tuple(documents)
        own = own_words(catalogue)
        kept = previous._still_cut_so(own) if previous else {}
        courses = [kept.get(document) or prepare(document, known, own) for document in catalogue]
        return cls(courses, known, load_vectors(vectors) if vectors else None, own)

    def title_and_tags(self, row: int) -> str:
        """As one `plain` text."""
        fields = self._courses[row].fields
        return f"{fields['title']} {fields['tags']}"

    def _still_cut_so(self, own: words.Own) -> dict[Document, Prepared]:
        """The courses that have none of the words that another catalogue's own words came with or left."""
        changed = self._own.words ^ own.words
        return {
            course.document: course
            for course in self._courses
            if not any(word in text for word in changed for text in course.fields.values())
        }


@cache
def _our_concepts() -> Concepts:
    """Our dictionary is the same for every catalogue of a process."""
    return Concepts(concepts.load())
