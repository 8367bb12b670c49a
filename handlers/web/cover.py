"""A course's cover: the picture that its creator gave, or a word of its title on a colour."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote

from content.course import Course

COVER_EMS_MAX = 5.2  # the widest word that a cover shows in full, in its smallest letters
_COVER_SIZES = ((2.9, ""), (4.1, "long"), (COVER_EMS_MAX, "longer"))  # classes in style.css
_SMALL_EM, _CAPITAL_EM = 0.65, 0.75


def cover_text(course: Course) -> str:
    """The word on a cover that is made of the title: its first tag, or how the title begins."""
    short = [tag for tag in course.tags if _ems(tag) <= COVER_EMS_MAX]
    return short[0] if short else course.title[:2].strip()


def cover_size(course: Course) -> str:
    """The class that makes a cover's word small enough to be seen whole."""
    width = _ems(cover_text(course))
    return next(name for widest, name in _COVER_SIZES if width <= widest)


def cover_url(course: Course) -> str:
    """The address of the picture that the creator gave as the cover; "" for none. With the mark of what it
    shows in it, so that it may be kept and a new one is seen at once.
    """
    if not course.cover:
        return ""
    mark = course.cover_mark and f"?v={course.cover_mark}"
    return f"/courses/{course.slug}/assets/{quote(course.cover)}{mark}"


def _ems(text: str) -> float:
    """About how wide a word is: a Chinese character is a whole em, a letter some two thirds."""
    return sum(map(_em, text))


def _em(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.0
    return _CAPITAL_EM if letter.isupper() else _SMALL_EM
