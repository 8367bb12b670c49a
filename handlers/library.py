"""Keeps a librarian in step with the shelf."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from content.concept import OwnConcept
from content.course import Catalogue
from content.shelf import Shelf
from infra.collector import building
from infra.given_back import give_back
from infra.log import get_logger
from nlp import Concept, Document, Librarian

log = get_logger("library")

# From the courses, the shop's own concepts, and the librarian before, whose unchanged courses need not be
# read again.
Make = Callable[[Iterable[Document], Sequence[Concept], Librarian | None], Librarian]

PATIENCE = 0.3  # seconds, of the one follower who noticed that the catalogue moved


FORM = "text"  # lessons are written, not filmed


class Described(Protocol):
    """A course as the librarian needs it: one on the shelf, or one still in its folder."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def search_text(self) -> str: ...
    @property
    def tags(self) -> tuple[str, ...]: ...
    @property
    def level(self) -> str: ...
    @property
    def price_fen(self) -> int: ...
    @property
    def teacher(self) -> str: ...
    @property
    def minutes(self) -> int: ...


class Library:
    """Hands out the librarian of the present catalogue.

    When the catalogue moved, a thread builds the new librarian, and everybody goes on with the old one
    meanwhile. Whoever noticed waits a moment for it: a small catalogue is built before anybody can tell.
    """

    def __init__(self, shelf: Shelf, build: Make) -> None:
        self._shelf = shelf
        self._build = build
        self._starting, self._noticing = threading.Lock(), threading.Lock()
        self._building: threading.Thread | None = None
        self._tried: object = None  # `Catalogue.moved` of what was built last, or in vain
        self._librarian: Librarian | None = None

    def librarian(self) -> Librarian:
        """Raises Unavailable when the shelf cannot be read."""
        catalogue = self._shelf.catalogue()
        if self._librarian is None:
            with self._starting:
                return self._librarian or self._build_first(catalogue)
        if self._tried != catalogue.moved and self._noticing.acquire(blocking=False):
            try:
                self._build_beside(catalogue)
            finally:
                self._noticing.release()
        return self._librarian

    def _build_first(self, catalogue: Catalogue) -> Librarian:
        """There is nothing to go on with: everybody waits, and hears of a fault."""
        return self._step(catalogue)

    def _build_beside(self, catalogue: Catalogue) -> None:
        if self._building is not None and self._building.is_alive():
            return  # a second change is noticed when the first is through
        self._building = threading.Thread(
            target=self._try_step, args=(catalogue,), name="librarian", daemon=True
        )
        self._building.start()
        self._building.join(PATIENCE)

    def _try_step(self, catalogue: Catalogue) -> None:
        try:
            self._step(catalogue)
        except Exception:
            log.exception("librarian_not_built", version=catalogue.version)
            self._tried = catalogue.moved  # the old one stays, until there is another catalogue

    def _step(self, catalogue: Catalogue) -> Librarian:
        documents = [document_of(course) for course in catalogue.courses]
        concepts = [concept_of(own) for own in catalogue.concepts]
        with building():
            self._librarian = built = self._build(documents, concepts, self._librarian)
        self._tried = catalogue.moved
        give_back()
        log.info("librarian_ready", version=catalogue.version, courses=len(catalogue.courses))
        return built


def document_of(course: Described) -> Document:
    """What the librarian may read of a course: free text only."""
    return Document(
        id=course.id,
        title=course.title,
        summary=course.summary,
        body=course.search_text,
        tags=course.tags,
        level=course.level,
        price_fen=course.price_fen,
        teacher=course.teacher,
        minutes=course.minutes,
        form=FORM,
    )


def concept_of(own: OwnConcept) -> Concept:
    """A creator's own concept as the librarian reads it."""
    return Concept(own.names, own.needs, own.near, own.before, own.part_of, own.typos)
