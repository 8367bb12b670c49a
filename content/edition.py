"""Writes one version of a course, and moves the live pointer to it, in the caller's transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from content import tables as t
from content.showing import Showing
from content.written import CourseSource
from infra.database import insert_if_absent

KEPT_VERSIONS = 20  # older ones are forgotten, so the store is bounded by what is on the shelf
OF_A_VERSION = (t.course_version, t.course_lesson, t.course_lesson_paid, t.course_asset)


def claim(conn: Connection, source: CourseSource, base_version: int, now: datetime) -> bool:
    """Moves the live pointer from ``base_version`` to the next; False when somebody else has moved it.

    Comes first in the transaction: from here on other publishers of this course wait for its end.
    """
    moved = conn.execute(
        update(t.course)
        .where(t.course.c.id == source.id, t.course.c.version == base_version)
        .values(
            version=base_version + 1,
            listed=True,
            folder=source.folder,
            digest=source.digest,
            held="",
            changed_at=now,
        )
    )
    return moved.rowcount == 1


def write(conn: Connection, source: CourseSource, version: int, now: datetime) -> None:
    """The rows of a claimed version."""
    conn.execute(insert(t.course_version).values(**course_row(source, version, now)))
    _insert_all(conn, t.course_lesson, lesson_rows(source, version, now))
    _insert_all(conn, t.course_lesson_paid, paid_rows(source, version))
    _insert_all(conn, t.course_asset, _asset_rows(source, version))
    _keep_images(conn, source)
    for slug in (*source.showing.aliases, source.slug):
        keep_slug(conn, source.id, slug)
    forget_old(conn, source.id, version)
    move_catalogue(conn)


def withdraw(conn: Connection, course_id: str, version: int, now: datetime) -> bool:
    """Takes a course off the list; False when it has changed meanwhile."""
    taken = conn.execute(
        update(t.course)
        .where(t.course.c.id == course_id, t.course.c.version == version, t.course.c.listed.is_(True))
        .values(listed=False, changed_at=now)
    )
    if taken.rowcount == 1:
        move_catalogue(conn)
    return taken.rowcount == 1


def move_catalogue(conn: Connection) -> None:
    """Last in its transaction: the one row that all publishers share is held as shortly as can be."""
    row = t.catalogue.c
    moved = conn.execute(update(t.catalogue).where(row.name == t.LIVE).values(version=row.version + 1))
    if moved.rowcount == 0 and not insert_if_absent(conn, t.catalogue, {"name": t.LIVE, "version": 1}):
        conn.execute(update(t.catalogue).where(row.name == t.LIVE).values(version=row.version + 1))


def _insert_all(conn: Connection, into: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        conn.execute(insert(into), rows)


def course_row(source: CourseSource, version: int, now: datetime) -> dict[str, Any]:
    """The row of `course_version`."""
    return {
        "course_id": source.id,
        "version": version,
        "slug": source.slug,
        "title": source.title,
        "summary": source.summary,
        "price_fen": source.price_fen,
        "price_original_fen": source.price_original_fen,
        "level": source.level,
        "tags": list(source.tags),
        "teacher": source.teacher,
        "access": source.access,
        "refund": source.refund,
        "page_html": source.page_html,
        "lead_html": source.lead_html,
        "search_text": source.text_by(now),
        "includes": [list(item) for item in source.includes] or None,
        "published_at": now,
        **_showing_row(source.showing),
    }


def _showing_row(showing: Showing) -> dict[str, Any]:
    return {
        "cover": showing.cover or None,
        "weight": showing.weight,
        "opens_at": showing.opens_at,
        "ends_at": showing.ends_at,
        "visibility": showing.visibility,
        "aliases": list(showing.aliases) or None,
        "learn": list(showing.learn) or None,
        "drip_days": showing.drip_days,
    }


def lesson_rows(source: CourseSource, version: int, now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "course_id": source.id,
            "version": version,
            "slug": lesson.slug,
            "position": lesson.position,
            "title": lesson.title,
            "chapter": lesson.chapter,
            "free": lesson.free,
            "free_html": item.free_html,
            "has_paid": lesson.has_paid,
            "minutes": lesson.minutes,
            "opens_after_days": lesson.opens_after_days,
            "opens_at": lesson.opens_at,
            "aliases": list(lesson.aliases) or None,
            "search_text": None if lesson.is_out(now) else lesson.search_text or None,
        }
        for item, lesson in ((item, item.lesson) for item in source.lessons)
    ]


def paid_rows(source: CourseSource, version: int) -> list[dict[str, Any]]:
    return [
        {"course_id": source.id, "version": version, "slug": item.lesson.slug, "html": item.paid_html}
        for item in source.lessons
        if item.paid_html is not None
    ]


def _asset_rows(source: CourseSource, version: int) -> list[dict[str, Any]]:
    return [
        {
            "course_id": source.id,
            "version": version,
            "path": asset.path,
            "sha256": asset.sha256,
            "media_type": asset.media_type,
            "paid": asset.paid,
            "shown_in": [list(place) for place in asset.shown_in],
        }
        for asset in source.assets
    ]


def _keep_images(conn: Connection, source: CourseSource) -> None:
    kept = set(
        conn.scalars(select(t.course_image.c.sha256).where(t.course_image.c.course_id == source.id)).all()
    )
    new = {asset.sha256: asset for asset in source.assets if asset.sha256 not in kept}
    for sha256, asset in new.items():
        # One statement each: together they could pass MySQL's packet limit.
        conn.execute(insert(t.course_image).values(course_id=source.id, sha256=sha256, data=asset.data))


def keep_slug(conn: Connection, course_id: str, slug: str) -> None:
    """From now on the address leads to this course."""
    row = t.course_slug.c
    lead_here = update(t.course_slug).where(row.slug == slug).values(course_id=course_id)
    if conn.execute(lead_here).rowcount == 0:
        insert_if_absent(conn, t.course_slug, {"slug": slug, "course_id": course_id})


def forget_old(conn: Connection, course_id: str, present: int) -> None:
    """Deletes versions too far behind the present one, then pictures that no kept version shows."""
    last = present - KEPT_VERSIONS
    if last < 1:
        return
    for old in OF_A_VERSION:
        conn.execute(delete(old).where(old.c.course_id == course_id, old.c.version <= last))
    shown = select(t.course_asset.c.sha256).where(t.course_asset.c.course_id == course_id)
    image = t.course_image.c
    conn.execute(delete(t.course_image).where(image.course_id == course_id, image.sha256.not_in(shown)))
