"""A course as it is written in its folder, read and rendered: what publishing takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from content.assets import Asset
from content.course import Lesson
from content.search_text import with_what_is_out
from content.showing import Showing

_SHOWN_TO_ALL = Showing()


@dataclass(frozen=True)
class LessonSource:
    """A lesson as it is published: ``free_html`` is the whole text of a free lesson, or what stands above the
    paywall, ``paid_html`` what stands below (None when there is nothing); both are sanitised."""

    lesson: Lesson
    free_html: str
    paid_html: str | None
    free_text: str


@dataclass(frozen=True)
class CourseSource:
    """A course as read from its folder. ``path`` is its `_index.md`, where ``id_line`` has the id.

    ``search_text`` is without the lessons that have a day of their own. With ``includes`` it is a
    bundle or a membership, as `content.course.Course` has it.
    """

    folder: str
    path: str
    digest: str
    id: str
    id_line: int
    slug: str
    title: str
    summary: str
    price_fen: int
    price_original_fen: int | None
    level: str
    tags: tuple[str, ...]
    teacher: str
    access: str
    refund: str
    draft: bool
    page_html: str
    lead_html: str
    search_text: str
    lessons: tuple[LessonSource, ...]
    assets: tuple[Asset, ...]
    includes: tuple[tuple[str, str], ...] = ()
    includes_line: int = 1
    showing: Showing = _SHOWN_TO_ALL
    lines: Mapping[str, int] = field(default_factory=dict)
    draft_lessons: frozenset[str] = frozenset()

    def line(self, key: str) -> int:
        """Where a key stands in its file; the first line for one that is not there."""
        return self.lines.get(key, 1)

    def text_by(self, now: datetime) -> str:
        """For the search, of what is out at this moment."""
        return with_what_is_out(self.search_text, (source.lesson for source in self.lessons), now)

    @property
    def minutes(self) -> int:
        return sum(source.lesson.minutes for source in self.lessons)
