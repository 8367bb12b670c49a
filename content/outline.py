"""A course's lessons in order, from the names of its files: `02-name.md`, or `01-chapter/02-name.md`.

A ``weight`` in a file's head stands in for the number of its name.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from content import keys
from content.fields import MAX_TITLE_CHARS
from content.folder import Snapshot
from content.problem import Findings
from content.showing import ShowingFields
from content.textfile import read_text

WeightOf = Callable[[str], int | None]
_NUMBERED = re.compile(r"([0-9]{1,4})[-_. ]+(.+)")


@dataclass(frozen=True)
class Place:
    """A lesson's file: its path, what orders it, its name without number, its chapter's title."""

    path: str
    order: tuple[int, int, str]
    name: str
    chapter: str


@dataclass(frozen=True)
class _Chapter:
    order: int
    title: str


def outline(snapshot: Snapshot, findings: Findings, weight_of: WeightOf) -> list[Place]:
    """The lesson files in reading order; names that cannot be placed are noted.

    ``weight_of`` reads a lesson file's own weight, None when it has none.
    """
    places = sorted(_places(snapshot, findings, weight_of), key=lambda place: place.order)
    _note_same_numbers(places, snapshot, findings)
    return places


def _places(snapshot: Snapshot, findings: Findings, weight_of: WeightOf) -> Iterable[Place]:
    chapters = _chapters(snapshot, findings)
    for path in _lesson_paths(snapshot):
        here = findings.of(snapshot.file(path))
        folder = posixpath.dirname(path)
        if folder and folder not in chapters:
            here.error(1, "课时放得太深了", "只能放在课程文件夹里，或它下面的章文件夹里")
            continue
        place = _place(path, chapters.get(folder), weight_of(path), here)
        if place:
            yield place


def _lesson_paths(snapshot: Snapshot) -> Iterator[str]:
    for path in sorted(snapshot.files):
        if path.endswith(".md") and posixpath.basename(path) != "_index.md":
            yield path


def _place(path: str, chapter: _Chapter | None, weight: int | None, findings: Findings) -> Place | None:
    name = posixpath.basename(path)
    number, stem = _numbered(name.removesuffix(".md"))
    number = number if weight is None else weight
    if number is None:
        findings.error(1, "文件名缺少编号", f"改成 01-{name} 这样；不是课时的文件名字前面加 _")
        return None
    order = (number, 0, path) if chapter is None else (chapter.order, number, path)
    return Place(path, order, stem, chapter.title if chapter else "")


def _numbered(name: str) -> tuple[int | None, str]:
    match = _NUMBERED.fullmatch(name)
    return (int(match[1]), match[2]) if match else (None, name)


def _chapters(snapshot: Snapshot, findings: Findings) -> dict[str, _Chapter]:
    """The folders with texts in them, by path."""
    texts = (path for path in snapshot.files if path.endswith(".md") and "/" in path)
    folders = sorted({path.split("/")[0] for path in texts})
    return {folder: _chapter(folder, snapshot, findings) for folder in folders}


def _chapter(folder: str, snapshot: Snapshot, findings: Findings) -> _Chapter:
    number, name = _numbered(folder)
    title, weight = _chapter_head(f"{folder}/_index.md", name, snapshot, findings)
    order = number if weight is None else weight
    if order is None:
        findings.of(snapshot.file(folder)).error(1, "章文件夹缺少编号", f"改名为 01-{folder} 这样")
        return _Chapter(0, folder)
    return _Chapter(order, title)


def _chapter_head(path: str, default: str, snapshot: Snapshot, findings: Findings) -> tuple[str, int | None]:
    here = findings.of(snapshot.file(path))
    if path not in snapshot.files:
        here.warning(1, "这一章没有标题", f"补一个 _index.md，文件头写 title: {default}")
        return default, None
    front = read_text(snapshot.files[path], here)
    if front is None:
        return default, None
    fields = ShowingFields(keys.CHAPTER.settle(front.values, here), here)
    return fields.text("title", most=MAX_TITLE_CHARS, example="第一章"), fields.weight()


def _note_same_numbers(places: Sequence[Place], snapshot: Snapshot, findings: Findings) -> None:
    for before, place in pairwise(places):
        same_folder = posixpath.dirname(before.path) == posixpath.dirname(place.path)
        if same_folder and before.order[:2] == place.order[:2]:
            other = posixpath.basename(before.path)
            here = findings.of(snapshot.file(place.path))
            here.warning(1, f"和 {other} 编号相同，先后按文件名排", "改成不同的编号")
