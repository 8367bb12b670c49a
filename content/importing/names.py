"""Names for files and addresses: lower-case letters, digits and hyphens; Chinese by its sound."""

from __future__ import annotations

import re
import unicodedata

from pypinyin import lazy_pinyin

from content.fields import MAX_SLUG_CHARS

MAX_LESSON_CHARS = 60
MAX_COURSE_CHARS = 40
MIN_COURSE_CHARS = 3
_NOT_IN_ADDRESS = re.compile(r"[^a-z0-9]+")
_NOT_IN_FILE = re.compile(r"[^\w.-]+")


def address(name: str, most: int = min(MAX_LESSON_CHARS, MAX_SLUG_CHARS)) -> str:
    """A name as a part of an address; "" when nothing of it can be one. Cut between words."""
    sounds = " ".join(lazy_pinyin(name[:200], errors=lambda other: f" {other} "))
    folded = unicodedata.normalize("NFKD", sounds).lower()
    letters = "".join(char for char in folded if not unicodedata.combining(char))
    slug = _NOT_IN_ADDRESS.sub("-", letters).strip("-")
    if len(slug) <= most:
        return slug
    cut = slug[: most + 1].rpartition("-")[0]
    return (cut if len(cut) > most // 2 else slug[:most]).strip("-")


def course_name(name: str) -> str:
    """A course's folder name and id, made from a title or a folder's name."""
    slug = address(name, MAX_COURSE_CHARS)
    return slug if len(slug) >= MIN_COURSE_CHARS else f"course-{slug}".rstrip("-")


def picture_name(path: str, ending: str) -> str:
    """A picture's name without its folder, readable by every system, with the ending that it should have."""
    stem = path.rpartition("/")[2].rpartition(".")[0] or "image"
    kept = _NOT_IN_FILE.sub("-", stem).strip("-._")[:80] or "image"
    return f"{kept}.{ending}"


class Taken:
    """Names that are taken; a second one gets a number behind it."""

    def __init__(self) -> None:
        self._names: set[str] = set()

    def free(self, name: str, ending: str = "") -> str:
        given, number = f"{name}{ending}", 2
        while given.lower() in self._names:
            given, number = f"{name}-{number}{ending}", number + 1
        self._names.add(given.lower())
        return given
