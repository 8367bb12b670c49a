"""Where each text of a draft stands in the course's folder: numbers for the order, names for the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from content.importing.draft import Chapter, Draft, Text
from content.importing.names import Taken, address

MIN_DIGITS = 2


@dataclass(frozen=True)
class Layout:
    """``files`` leads from each text's key to its path in the course, ``chapters`` from folder to title.

    ``by_source`` leads from a source's file to the texts that were made of it, in their order.
    """

    files: Mapping[tuple[str, int], str]
    chapters: Mapping[str, str]
    by_source: Mapping[str, tuple[Text, ...]]
    intro: str


def lay_out(draft: Draft) -> Layout:
    files: dict[tuple[str, int], str] = {}
    chapters: dict[str, str] = {}
    lessons, folders = Taken(), Taken()
    for number, part in enumerate(draft.parts, 1):
        prefix = _digits(number, len(draft.parts))
        if isinstance(part, Text):
            files[part.key] = f"{prefix}-{_name(part, lessons)}.md"
            continue
        folder = f"{prefix}-{folders.free(address(part.name) or address(part.title) or 'chapter')}"
        chapters[folder] = part.title
        for at, text in enumerate(part.texts, 1):
            files[text.key] = f"{folder}/{_digits(at, len(part.texts))}-{_name(text, lessons)}.md"
    return Layout(files, chapters, _by_source(draft), draft.intro.path if draft.intro else "")


def _name(text: Text, lessons: Taken) -> str:
    # All lessons of a course share one space of addresses, whatever their chapter.
    name = address(text.name)
    # A number says nothing beside the one that is put before it.
    if not name or name.isdecimal():
        name = address(text.title) or name
    return lessons.free(name or "lesson")


def _digits(number: int, count: int) -> str:
    return str(number).zfill(max(MIN_DIGITS, len(str(count))))


def _by_source(draft: Draft) -> dict[str, tuple[Text, ...]]:
    found: dict[str, list[Text]] = {}
    for part in draft.parts:
        for text in part.texts if isinstance(part, Chapter) else (part,):
            found.setdefault(text.path, []).append(text)
    return {path: tuple(texts) for path, texts in found.items()}
