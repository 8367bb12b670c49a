"""One catalogue, ready to be searched: the courses cut up, the reader of questions, the judge."""

import logging
import shutil
import threading
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Optional

import numpy as np
import numpy.typing as npt

from nlp import words
from nlp.alike import Alike
from nlp.concept import Concept, together
from nlp.concepts import Concepts, dictionary, own_names, with_own
from nlp.cut import cut
from nlp.document import Document
from nlp.judge import Judge
from nlp.kept import concepts_folder, courses_folder, load_concepts, load_courses, save_concepts, save_courses
from nlp.lexical import TAGS, TITLE
from nlp.material import Material, gather
from nlp.postings import Numbers
from nlp.reading import Reader
from nlp.vector_files import BadVectors, source_of
from nlp.vector_files import load as load_vectors
from nlp.vectors import WordVectors

WORTH_KEEPING = 20  # courses; cutting these takes a quarter of a second of a start
FEW_WORDS = 20  # below, nothing can be told from how many are known
LEAST_KNOWN = 0.1

log = logging.getLogger("nlp")


class Catalogue:
    """The courses with all that is looked up in them. Never changes."""

    def __init__(self, material: Material, known: Concepts, word_vectors: WordVectors | None) -> None:
        self._material, self._known, self._word_vectors = material, known, word_vectors
        self.documents = material.documents
        self.row = {document.id: row for row, document in enumerate(self.documents)}
        self.judge = Judge(material, known, word_vectors)
        self._prices = np.unique([each.price_fen for each in self.documents], return_inverse=True)
        self.alike = Alike(self.documents, partial(_about, material), known)
        teachers = [words.plain(document.teacher) for document in self.documents]
        self._by_teacher: dict[str, list[int]] = {}
        for row, teacher in enumerate(teachers):
            self._by_teacher.setdefault(teacher, []).append(row)
        index = self.judge.lexical.words
        lengths = [document.minutes for document in self.documents if document.minutes]
        self.usual_minutes = int(np.median(lengths)) if lengths else None  # what is shorter is short
        self.reader = Reader(
            known,
            index.vocabulary,
            self.judge.weigh,
            index.__contains__,
            own=material.own,
            teachers=self._by_teacher,
            heads=index.how_many(TITLE | TAGS),
        )

    @classmethod
    def build(
        cls,
        documents: Iterable[Document],
        own: tuple[Concept, ...],
        vectors: Path | None,
        previous: Optional["Catalogue"],
        cache: Path | None = None,
    ) -> "Catalogue":
        """Index these courses, with the shop's `own` concepts beside ours; what did not change is taken from
        the `previous` catalogue, or from what was kept in the folder `cache`. Raises BadVectors."""
        known = _dictionary(own, cache)
        # Courses are about concepts by their places in one dictionary.
        same = previous if previous and previous._known is known else None
        before = same._material if same else load_courses(courses_folder(cache, own)) if cache else None
        material = gather(documents, own, known, before)
        if cache and len(material.keys) >= WORTH_KEEPING and (before is None or before.keys != material.keys):
            _keep(save_courses, courses_folder(cache, own), material)
        return cls(material, known, _word_vectors(vectors, previous, cache, material))

    def priced(self, allowed: Callable[[int], bool]) -> npt.NDArray[np.bool_]:
        """The courses whose price, in fen, is allowed."""
        prices, of = self._prices
        return np.array([allowed(fen) for fen in prices.tolist()], dtype=np.bool_)[of]

    def taught_by(self, teacher: str) -> Numbers:
        """The rows of a teacher's courses, by the `plain` name."""
        return np.array(self._by_teacher.get(teacher, ()), dtype=np.int32)


_ready: dict[tuple[Concept, ...], Concepts] = {}
_making = threading.Lock()


def _dictionary(own: tuple[Concept, ...], cache: Path | None) -> Concepts:
    """Our concepts and a shop's own: the same for every catalogue, until the shop's change."""
    with _making:
        if own not in _ready:
            _ready.clear()  # what a shop had before is not asked for again
            _ready[own] = _made_dictionary(own, cache)
        return _ready[own]


def _made_dictionary(own: tuple[Concept, ...], cache: Path | None) -> Concepts:
    if cache is None:
        return dictionary(own)
    folder = concepts_folder(cache, own)
    if ready := load_concepts(folder):
        return Concepts(*ready, first_own=len(ready[0]) - len(together(own)))
    loaded, first_own = with_own(own)
    known = cut(loaded, own_names(own))
    _keep(save_concepts, folder, loaded, known)
    return Concepts(loaded, known, first_own=first_own)


def _keep(save: Callable[..., None], folder: Path, *content: object) -> None:
    """A full disk makes the next start slower, and this one not fail. What was kept for another version of
    us is thrown away."""
    try:
        save(folder, *content)
        for old in folder.parent.glob(f"{folder.name.partition('-')[0]}-*"):
            if old != folder and old.is_dir():
                shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        log.warning("%s cannot be written: %s", folder, error)


def _about(material: Material, row: int) -> Mapping[int, float]:
    """How far a course is about each of its concepts."""
    course = material.about.of(row)
    return dict(zip(course.concepts.tolist(), course.degrees.tolist(), strict=True))


def _word_vectors(
    path: Path | None, previous: Catalogue | None, cache: Path | None, material: Material
) -> WordVectors | None:
    """Those of the catalogue before, when they are of the same file. Raises BadVectors."""
    if path is None:
        return None
    before = previous._word_vectors if previous else None
    if before is not None and before.source == source_of(path):
        return before
    vectors = load_vectors(path, cache)
    check_fit(path, vectors, material)
    return vectors


def check_fit(path: Path, vectors: WordVectors, material: Material) -> None:
    """Raises BadVectors for vectors that know next to nothing of what stands in the titles."""
    said = {word for title in material.titles for word in words.words(title) if len(word) > 1}
    known = sum(vectors.of(word) is not None for word in said)
    if len(said) >= FEW_WORDS and known < LEAST_KNOWN * len(said):
        raise BadVectors(f"{path}: knows {known} of the {len(said)} words in the titles; another language?")
