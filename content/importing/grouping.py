"""Texts of a folder tree as a course: its page, lessons, and chapters from the first level of folders."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from content.importing.draft import Chapter, Text
from content.importing.header import WHEN, moment_of, text_of
from content.importing.losses import Losses
from content.importing.texts import INDEX_NAMES, name_of, natural, plain, stem_of
from content.moment import SHANGHAI, moment

_WEIGHTS = ("weight", "order", "nav_order", "sidebar_position", "position", "index")
_NUMBER = re.compile(r"-?\d{1,9}(?:\.\d{1,9})?")
_Order = tuple[int, float, str, tuple[tuple[int, str], ...]]


@dataclass(frozen=True)
class Grouped:
    intro: Text | None
    parts: tuple[Text | Chapter, ...]


def group(texts: Sequence[Text], at: str, losses: Losses, *, by_date: bool = False) -> Grouped:
    """Texts below the folder ``at`` in order: by weight, by date if wanted, then as people sort names."""
    heads = {posixpath.dirname(text.path): text for text in texts if is_index(text.path)}
    at, intro = _descended(texts, at, heads)
    ranked = sorted(
        (text for text in texts if _inside(text.path, at)), key=lambda text: _key(text, at, heads, by_date)
    )
    buckets: dict[str, list[Text]] = defaultdict(list)
    for text in ranked:
        if posixpath.dirname(text.path) == at and is_index(text.path):
            continue
        buckets[_top(text.path, at)].append(text)
    parts = [_part(top, bucket, at, heads) for top, bucket in buckets.items()]
    return Grouped(intro, tuple(part for part in parts if _has_text(part, losses)))


def is_index(path: str) -> bool:
    return stem_of(path).lower() in INDEX_NAMES


def _descended(texts: Sequence[Text], at: str, heads: dict[str, Text]) -> tuple[str, Text | None]:
    """Past folders that hold nothing but one more folder of several texts."""
    intro = heads.get(at)
    while True:
        inside = [text for text in texts if _inside(text.path, at) and text is not heads.get(at)]
        tops = {_top(text.path, at) for text in inside}
        only = posixpath.join(at, next(iter(tops))) if len(tops) == 1 else ""
        if not only or len(inside) < 2 or any(text.path == only for text in inside):
            return at, intro
        at = only
        inner = heads.get(at)
        # The page that says something; a section's index is often nothing but its title.
        intro = inner if inner is not None and (intro is None or inner.body.strip()) else intro


def _part(top: str, bucket: list[Text], at: str, heads: dict[str, Text]) -> Text | Chapter:
    folder = posixpath.join(at, top)
    head = heads.get(folder)
    if bucket[0].path == folder or (head is not None and len(bucket) == 1):
        return bucket[0]
    name = name_of(f"{top}.md")
    title = head.title if head is not None else plain(name)
    return Chapter(title, name, tuple(bucket))


def _has_text(part: Text | Chapter, losses: Losses) -> bool:
    if isinstance(part, Chapter):
        return any(text.body.strip() for text in part.texts)
    if not part.body.strip() and not is_index(part.path):
        losses.of(part.path, "这一篇是空的，没有搬", "写好以后自己加一课")
    return bool(part.body.strip())


def _key(text: Text, at: str, heads: dict[str, Text], by_date: bool) -> tuple[_Order, ...]:
    """One rank for each folder on the way, then the text's own; a folder's index comes first in it."""
    folders = list(_ancestors(text.path, at))
    ranks = [_rank(heads.get(folder), folder, by_date=by_date) for folder in folders]
    if is_index(text.path):
        return (*ranks, (-1, 0.0, "", ()))
    return (*ranks, _rank(text, text.path, by_date=by_date))


def _rank(text: Text | None, path: str, *, by_date: bool) -> _Order:
    weight = text_of(text.header, *_WEIGHTS) if text else ""
    number = float(weight) if _NUMBER.fullmatch(weight) else 0.0
    written = moment_of(text.header, *WHEN) if text and by_date else ""
    at = moment(written, SHANGHAI) if written else None
    date = at.isoformat() if at else ""
    # What has no weight comes behind what has one, as in Hugo.
    return (0 if number else 1, number, date, natural(posixpath.basename(path)))


def _ancestors(path: str, at: str) -> Iterable[str]:
    folder = posixpath.dirname(path)
    inside = folder[len(at) :].strip("/")
    pieces = inside.split("/") if inside else []
    for count in range(1, len(pieces) + 1):
        yield posixpath.join(at, *pieces[:count])


def _inside(path: str, at: str) -> bool:
    return not at or path.startswith(f"{at}/")


def _top(path: str, at: str) -> str:
    return path[len(at) :].strip("/").split("/")[0]


def without_empty(parts: Iterable[Text | Chapter]) -> tuple[Text | Chapter, ...]:
    """Chapters without their empty texts, such as an index that only gave the title."""
    kept: list[Text | Chapter] = []
    for part in parts:
        if isinstance(part, Chapter):
            texts = tuple(text for text in part.texts if text.body.strip())
            kept.append(Chapter(part.title, part.name, texts))
        else:
            kept.append(part)
    return tuple(kept)
