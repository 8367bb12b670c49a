"""What the search may read of a course: what everybody may; of a lesson with its own day, from then on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from content.course import Lesson

MAX_SEARCH_CHARS = 40_000


def search_text(page: str, lessons: Sequence[tuple[Lesson, str]]) -> tuple[str, tuple[Lesson, ...]]:
    """A course's text from its page's and from each lesson's that is free to read; and the lessons, of which
    those with a day of their own keep what they add to it.
    """
    titles = [lesson.title for lesson, _ in lessons]
    undated = [free_text for lesson, free_text in lessons if lesson.opens_at is None]
    text = _joined([page, *titles, *undated])
    left, kept = MAX_SEARCH_CHARS - len(text), []
    for lesson, free_text in lessons:
        own = free_text[: max(0, left)] if lesson.opens_at is not None else ""
        left -= len(own)
        kept.append(replace(lesson, search_text=own) if own else lesson)
    return text, tuple(kept)


def with_what_is_out(text: str, lessons: Iterable[Lesson], now: datetime) -> str:
    """A course's text, and what those of its lessons add that are out by now."""
    waited = (lesson for lesson in lessons if lesson.search_text)
    return _joined([text, *(lesson.search_text for lesson in waited if lesson.is_out(now))])


def _joined(texts: Iterable[str]) -> str:
    return "\n".join(filter(None, texts))[:MAX_SEARCH_CHARS]
