"""Keeps a librarian in step with the shelf."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from content.course import Catalogue
from content.shelf import Shelf
from infra.log import get_logger
from nlp import Document, Librarian

log = get_logger("library")


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

    When the catalogue moved, one caller builds the new librarian and the others go on with the old one
    meanwhile, so nobody's question waits for a build.
    """

    def __init__(self, shelf: Shelf, build: Callable[[list[Document], Librarian | None], Librarian]) -> None:
        """``build`` is given the librarian before, whose unchanged courses need not be read again."""
        self._shelf = shelf
        self._build = build
        self._building = threading.Lock()
        self._version = -1
        self._librarian: Librarian | None = None

    def librarian(self) -> Librarian:
        """Raises Unavailable when the shelf cannot be read."""
        catalogue = self._shelf.catalogue()
        present = self._librarian
        if present is not None and (self._version == catalogue.version or self._building.locked()):
            return present
        with self._building:
            return self._in_step(catalogue)

    def _in_step(self, catalogue: Catalogue) -> Librarian:
        if self._librarian is None or self._version != catalogue.version:
            documents = [document_of(course) for course in catalogue.courses]
            self._librarian = self._build(documents, self._librarian)
            self._version = catalogue.version
            log.info("librarian_ready", version=catalogue.version, courses=len(catalogue.courses))
        return self._librarian


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
