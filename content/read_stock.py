"""All that is live, read from the store: no text of a lesson, and nothing that is paid for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, select, tuple_

from content import tables as t
from content.arrange import Stock
from content.concept import OwnConcept
from content.course import Course, Lesson
from content.showing import PUBLIC
from content.shown_asset import mark_of

_BATCH = 200  # courses loaded by one query; SQLite and MySQL bound the number of parameters

_Key = tuple[str, int]
_OF_LESSON = [column for column in t.course_lesson.columns if column is not t.course_lesson.c.free_html]


def read_stock(conn: Connection, version: int, known: Stock | None) -> Stock:
    """All live courses at this ``version`` of the catalogue; what is ``known`` and unchanged is not read."""
    row = t.course.c
    pointers = conn.execute(select(row.id, row.version, row.listed).where(row.version > 0)).all()
    listed: dict[_Key, bool] = {(one.id, one.version): one.listed for one in pointers}
    courses = _reusable(known, listed)
    missing = [key for key in listed if key not in courses]
    for at in range(0, len(missing), _BATCH):
        courses |= _read_courses(conn, missing[at : at + _BATCH], listed)
    slugs = conn.execute(select(t.course_slug.c.slug, t.course_slug.c.course_id)).all()
    return Stock(
        version=version,
        courses=tuple(courses.values()),
        former_slugs={one.slug: one.course_id for one in slugs},
        concepts=_read_concepts(conn),
    )


def _read_concepts(conn: Connection) -> tuple[OwnConcept, ...]:
    row = t.concept_file.c
    files = conn.scalars(select(row.concepts).order_by(row.name)).all()
    return tuple(OwnConcept.from_json(stored) for file in files for stored in file)


def _reusable(known: Stock | None, listed: dict[_Key, bool]) -> dict[_Key, Course]:
    """What is in memory already and has not changed: after one save one course is read."""
    if known is None:
        return {}
    at_hand = ((course.id, course.version, course) for course in known.courses)
    return {
        (id_, version): course
        for id_, version, course in at_hand
        if listed.get((id_, version)) == course.listed
    }


def _read_courses(conn: Connection, keys: list[_Key], listed: dict[_Key, bool]) -> dict[_Key, Course]:
    lessons, first = _read_lessons(conn, keys), _first_published(conn, [id_ for id_, _ in keys])
    row = t.course_version.c
    asset = t.course_asset.c
    is_cover = (asset.course_id == row.course_id, asset.version == row.version, asset.path == row.cover)
    with_cover = t.course_version.outerjoin(t.course_asset, and_(*is_cover))
    wanted = select(t.course_version, asset.sha256.label("cover_sha256")).select_from(with_cover)
    rows = conn.execute(wanted.where(tuple_(row.course_id, row.version).in_(keys)))
    return {
        (one.course_id, one.version): _course(
            one,
            lessons[one.course_id],
            listed[(one.course_id, one.version)],
            first.get(one.course_id),
        )
        for one in rows
    }


def _first_published(conn: Connection, ids: Sequence[str]) -> dict[str, datetime]:
    row = t.course_version.c
    first = select(row.course_id, row.published_at).where(row.course_id.in_(ids), row.version == 1)
    return {one.course_id: one.published_at for one in conn.execute(first)}


def _read_lessons(conn: Connection, keys: Iterable[_Key]) -> dict[str, list[Lesson]]:
    row = t.course_lesson.c
    wanted = select(*_OF_LESSON).where(tuple_(row.course_id, row.version).in_(keys))
    lessons: dict[str, list[Lesson]] = defaultdict(list)
    for one in conn.execute(wanted.order_by(row.position)):
        lessons[one.course_id].append(_lesson(one))
    return lessons


def _lesson(row: Any) -> Lesson:
    return Lesson(
        slug=row.slug,
        title=row.title,
        chapter=row.chapter,
        position=row.position,
        free=row.free,
        has_paid=row.has_paid,
        minutes=row.minutes,
        opens_after_days=row.opens_after_days or 0,
        opens_at=row.opens_at,
        aliases=tuple(row.aliases or ()),
        search_text=row.search_text or "",
    )


def _course(row: Any, lessons: list[Lesson], listed: bool, first: datetime | None) -> Course:
    return Course(
        id=row.course_id,
        slug=row.slug,
        title=row.title,
        summary=row.summary,
        price_fen=row.price_fen,
        price_original_fen=row.price_original_fen,
        level=row.level,
        tags=tuple(row.tags),
        teacher=row.teacher,
        access=row.access,
        refund=row.refund,
        page_html=row.page_html,
        search_text=row.search_text,
        lessons=tuple(lessons),
        version=row.version,
        published_at=row.published_at,
        listed=listed,
        lead_html=row.lead_html,
        includes=tuple((kind, item) for kind, item in row.includes or ()),
        cover=row.cover or "",
        cover_mark=mark_of(row.cover_sha256 or ""),
        weight=row.weight,
        opens_at=row.opens_at,
        ends_at=row.ends_at,
        visibility=row.visibility or PUBLIC,
        aliases=tuple(row.aliases or ()),
        learn=tuple(row.learn or ()),
        drip_days=row.drip_days or 0,
        first_published_at=first,
    )
