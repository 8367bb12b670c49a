"""What a reader would notice of a course, from the folder or from a version in the store, to be compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, select, tuple_

from content import edition
from content import tables as t
from content.written import CourseSource

_BATCH = 200  # SQLite and MySQL bound the number of parameters
# Compared by themselves; what else a version has is told by its label.
_APART = {"course_id", "version", "published_at", "copy_of", "page_html", "lead_html", "search_text"}
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
FIELDS = tuple(column.name for column in t.course_version.columns if column.name not in _APART)

Key = tuple[str, int]


@dataclass(frozen=True)
class LessonFacts:
    """``text`` is a digest of all that the lesson says, its paid part included.

    ``opens``: how many days after it was bought, and when for everybody.
    """

    slug: str
    title: str
    chapter: str
    free: bool
    has_paid: bool
    text: str
    opens: tuple[int, datetime | None] = (0, None)


@dataclass(frozen=True)
class Facts:
    """``fields`` are values of `course_version` by column; ``page`` is a digest of the course's page.

    ``version`` is 0 for what stands in a folder.
    """

    id: str
    version: int
    fields: Mapping[str, Any]
    page: str
    lessons: tuple[LessonFacts, ...]
    published_at: datetime | None = None
    copy_of: int | None = None

    @property
    def title(self) -> str:
        return str(self.fields["title"])

    @property
    def price_fen(self) -> int:
        return int(self.fields["price_fen"])


def facts_of(source: CourseSource) -> Facts:
    """Of a course as it was read from its folder: of the rows that publishing would write."""
    row = edition.course_row(source, 0, _NEVER)
    paid = {one["slug"]: one["html"] for one in edition.paid_rows(source, 0)}
    return replace(_facts(row, edition.lesson_rows(source, 0, _NEVER), paid), published_at=None)


def read_facts(conn: Connection, keys: Sequence[Key]) -> dict[Key, Facts]:
    """Of kept versions, by course id and version."""
    found: dict[Key, Facts] = {}
    for at in range(0, len(keys), _BATCH):
        found |= _read(conn, keys[at : at + _BATCH])
    return found


def _read(conn: Connection, keys: Sequence[Key]) -> dict[Key, Facts]:
    def rows(table: Any) -> Iterable[Mapping[str, Any]]:
        wanted = tuple_(table.c.course_id, table.c.version).in_(keys)
        return [one._asdict() for one in conn.execute(select(table).where(wanted))]

    paid: dict[Key, dict[str, str]] = defaultdict(dict)
    for one in rows(t.course_lesson_paid):
        paid[_key(one)][one["slug"]] = one["html"]
    lessons: dict[Key, list[Mapping[str, Any]]] = defaultdict(list)
    for one in rows(t.course_lesson):
        lessons[_key(one)].append(one)
    return {_key(one): _facts(one, lessons[_key(one)], paid[_key(one)]) for one in rows(t.course_version)}


def _key(row: Mapping[str, Any]) -> Key:
    return row["course_id"], row["version"]


def _facts(course: Mapping[str, Any], lessons: Sequence[Mapping[str, Any]], paid: Mapping[str, str]) -> Facts:
    return Facts(
        id=course["course_id"],
        version=course["version"],
        fields={name: course[name] for name in FIELDS},
        page=_digest(course["page_html"]),
        lessons=tuple(_lesson(one, paid) for one in sorted(lessons, key=lambda one: int(one["position"]))),
        published_at=course["published_at"],
        copy_of=course.get("copy_of"),
    )


def _lesson(row: Mapping[str, Any], paid: Mapping[str, str]) -> LessonFacts:
    return LessonFacts(
        slug=row["slug"],
        title=row["title"],
        chapter=row["chapter"],
        free=row["free"],
        has_paid=row["has_paid"],
        text=_digest(row["free_html"] + paid.get(row["slug"], "")),
        opens=(row["opens_after_days"] or 0, row["opens_at"]),
    )


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
