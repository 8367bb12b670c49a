"""A course as far as it is there: what can be searched of a folder that cannot be sold yet.

A course without lessons, with an unknown level or a price that is none is no course for the shelf; one can
still look for it. Only `_index.md` is read, and of that only what everyone may see.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from content import keys
from content.fields import MAX_SUMMARY_CHARS, MAX_TITLE_CHARS, Fields, yuan_to_fen
from content.folder import Snapshot
from content.frontmatter import FrontMatter, Value
from content.paywall import cut_at_paywall
from content.problem import Findings
from content.search_text import MAX_SEARCH_CHARS
from content.showing import ShowingFields
from content.textfile import read_text

_MARKUP = re.compile(
    r"```.*?(?:```|\Z)|<[^<>]*>|!?\[([^\[\]]*)\]\([^()]*\)|^[ \t]*[#>*-]+[ \t]|[*`_|]",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Sketch:
    """The fields of a course that a search reads; ``level`` is empty when nobody said a good one."""

    id: str
    title: str
    summary: str
    search_text: str
    tags: tuple[str, ...]
    level: str
    price_fen: int
    teacher: str
    draft: bool
    minutes: int = 0  # the lessons were not read, so nobody knows


def sketch(snapshot: Snapshot) -> Sketch | None:
    """None when there is no `_index.md` with a title, and for a bundle or a membership."""
    front = read_text(snapshot.files.get("_index.md", b""), Findings(""))
    if front is None or any(name.lower() == "includes" for name in front.values):
        return None
    values = keys.COURSE.settle(front.values, Findings(""))
    fields, level = ShowingFields(values, Findings("")), Findings("")
    title = fields.text("title", most=MAX_TITLE_CHARS)
    if not title:
        return None
    told_level = Fields(values, level).level() if "level" in values else ""
    return Sketch(
        id=_id(values) or snapshot.name,
        title=title,
        summary=fields.text("summary", most=MAX_SUMMARY_CHARS, needed=False),
        search_text=_text(front),
        tags=fields.tags(),
        level="" if level.problems else told_level,
        price_fen=_price(values),
        teacher=fields.teacher(),
        draft=fields.is_draft(),
    )


def _id(values: Mapping[str, Value]) -> str:
    """As it is written, even where the shelf would not take it."""
    value = values.get("id")
    return value.text.strip()[:MAX_TITLE_CHARS] if value and value.kind not in ("null", "seq", "map") else ""


def _price(values: Mapping[str, Value]) -> int:
    value = values.get("price")
    return (yuan_to_fen(value.text) or 0) if value else 0


def _text(front: FrontMatter) -> str:
    """Roughly what the page says: without code, tags and what marks up the text."""
    free = cut_at_paywall(front.body, Findings(""), 1).above
    return _MARKUP.sub(r" \1", free[: 2 * MAX_SEARCH_CHARS]).strip()[:MAX_SEARCH_CHARS]
