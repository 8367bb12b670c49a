"""The lessons of a course as other texts may point at them, link to them or embed them."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from content.markdown.sections import Section, sections
from content.neighbours import NOBODY, Neighbour, Neighbours
from content.problem import did_you_mean

_NUMBER = re.compile(r"^[0-9]{1,4}[-_. ]+")


@dataclass(frozen=True)
class Text:
    """One lesson: its file, and its source in the part that everyone reads and the part that buyers read.

    As in `content.course.Lesson`: its paid part opens ``opens_after_days`` days after it was bought, and
    before ``opens_at`` nothing of it is shown.
    """

    path: str
    slug: str
    title: str
    free: str
    paid: str | None
    opens_after_days: int = 0
    opens_at: datetime | None = None

    def opens_no_later_than(self, other: Text | None) -> bool:
        """Whether it has opened when ``other`` has; None stands for the course's page, which opens first."""
        if self.opens_at is None:
            return True
        return other is not None and other.opens_at is not None and self.opens_at <= other.opens_at

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        return sections(self.free, self.paid)

    def section(self, heading: str) -> Section | None:
        """The first section with these words; `a#b` names b within a, of which the last is enough."""
        return self._by_heading.get(_normal(heading.rpartition("#")[2]))

    @cached_property
    def _by_heading(self) -> dict[str, Section]:
        found: dict[str, Section] = {}
        for one in self.sections:
            for name in (_normal(one.words), one.anchor):
                found.setdefault(name, one)
        return found

    def nearest_heading(self, heading: str) -> str:
        return did_you_mean(heading, [section.words for section in self.sections if not section.paid])


class Texts:
    """Finds a lesson by what a creator calls it."""

    def __init__(self, texts: Sequence[Text] = (), neighbours: Neighbours = NOBODY) -> None:
        self._texts = tuple(texts)
        self._neighbours = neighbours

    def find(self, name: str, base: str = "") -> Text | None:
        """By path (from the course's folder or ``base``), file name, name without number, slug, title."""
        wanted = _normal(name).removesuffix(".md")
        near = _normal(posixpath.normpath(posixpath.join(base, wanted)))
        found = self._by_name.get(near) or self._by_name.get(wanted) or []
        beside = [text for text in found if posixpath.dirname(text.path) == base]
        return next(iter(beside or found), None)

    def at(self, path: str) -> Text | None:
        return next((text for text in self._texts if text.path == path), None)

    def neighbour(self, name: str) -> Neighbour | None:
        """Another course of the same shelf, by its folder's name."""
        return self._neighbours.find(name)

    def nearest(self, name: str) -> str:
        """「是不是想写 …？」, or an empty text."""
        stems = [posixpath.basename(text.path).removesuffix(".md") for text in self._texts]
        return did_you_mean(name, [*stems, *(text.title for text in self._texts), *self._neighbours.names])

    @cached_property
    def _by_name(self) -> dict[str, list[Text]]:
        names: defaultdict[str, list[Text]] = defaultdict(list)
        for text in self._texts:
            path = text.path.removesuffix(".md")
            stem = posixpath.basename(path)
            for name in dict.fromkeys((path, stem, _NUMBER.sub("", stem), text.slug, text.title)):
                names[_normal(name)].append(text)
        return names


def _normal(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip().lower()


NO_TEXTS = Texts()
