"""What is live, for the other rooms: the catalogue from memory, paid text and pictures from the store."""

from __future__ import annotations

import contextlib
import threading
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, select, tuple_

from content import tables as t
from content.arrange import Stock, arrange, next_move
from content.concept import OwnConcept
from content.course import Catalogue, Course, Lesson
from content.kept_texts import KeptTexts
from content.showing import PUBLIC
from content.shown_asset import ShownAsset
from infra.clock import Clock
from infra.database import Database
from infra.errors import Unavailable
from infra.log import get_logger
from infra.metrics import COURSES

log = get_logger("content")

LOOK_EVERY_S = 1.0
_BATCH = 200  # courses loaded by one query; SQLite and MySQL bound the number of parameters

_Key = tuple[str, int]
_OF_LESSON = [column for column in t.course_lesson.columns if column is not t.course_lesson.c.free_html]


class Shelf:
    """Hands out the live version. Safe to share between threads."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._refreshing = threading.Lock()
        self._looked_at: datetime | None = None
        self._catalogue: Catalogue | None = None
        self._stock: Stock | None = None
        self._next_move: datetime | None = None
        self._texts = KeptTexts()

    def catalogue(self) -> Catalogue:
        """The live catalogue; at most about a second behind what was published on any node.

        Raises Unavailable only when the database has never answered: later the last copy is given.
        """
        known = self._catalogue
        if known is not None and not self._is_due():
            return known
        # One thread looks, the others go on with what is known; before the first answer all wait.
        if not self._refreshing.acquire(blocking=known is None):
            return known or self.catalogue()
        try:
            return self._refresh()
        finally:
            self._refreshing.release()

    def look_now(self) -> None:
        """What was just published is seen at once, not at the next look; a silent store is asked then."""
        with self._refreshing:
            self._looked_at = None
            with contextlib.suppress(Unavailable):
                self._refresh()

    def free_html(self, course: Course, lesson: Lesson) -> str:
        """The whole text of a free lesson, or what stands above the paywall; sanitised.

        Raises Unavailable, also for a version that was forgotten meanwhile: the next look has another.
        """
        key = (course.id, course.version, lesson.slug)
        return self._texts.get(key, lambda: self._read_free(*key))

    def _read_free(self, course_id: str, version: int, slug: str) -> str:
        row = t.course_lesson.c
        wanted = select(row.free_html).where(
            row.course_id == course_id, row.version == version, row.slug == slug
        )
        with self._db.reading() as conn:
            html: str | None = conn.scalar(wanted)
        if html is None:
            raise Unavailable(f"version {version} of {course_id} is gone")
        return html

    def paid_html(self, course_id: str, lesson_slug: str) -> str | None:
        """The paid part of a lesson, sanitised; None when there is none. Ask only after a grant was found."""
        paid = t.course_lesson_paid.c
        query = select(paid.html).join(t.course, _is_live(paid)).where(t.course.c.id == course_id)
        with self._db.reading() as conn:
            html: str | None = conn.scalar(query.where(paid.slug == lesson_slug))
        return html

    def asset(self, course_id: str, path: str) -> ShownAsset | None:
        """A file of the live version; when it is ``paid``, serve it only after a grant was found."""
        shown, image = t.course_asset.c, t.course_image.c
        size = func.length(image.data).label("size")
        query = (
            select(t.course_asset, size)
            .join(t.course, _is_live(shown))
            .join(t.course_image, and_(image.course_id == shown.course_id, image.sha256 == shown.sha256))
            .where(t.course.c.id == course_id, shown.path == path)
        )
        with self._db.reading() as conn:
            row = conn.execute(query).first()
        return _asset(row) if row else None

    def asset_part(self, asset: ShownAsset, start: int, length: int) -> bytes:
        """``length`` bytes of a file from ``start``, which counts from 0; fewer at its end.

        Raises Unavailable for a file that was taken away meanwhile.
        """
        image = t.course_image.c
        part = select(func.substr(image.data, start + 1, length, type_=image.data.type)).where(
            image.course_id == asset.course_id, image.sha256 == asset.sha256
        )
        with self._db.reading() as conn:
            data: bytes | None = conn.scalar(part)
        if data is None:
            raise Unavailable(f"{asset.path} of {asset.course_id} is gone")
        return bytes(data)

    def _is_due(self) -> bool:
        # By distance, so that a clock set back does not freeze the shelf.
        now = self._clock.now()
        return self._looked_at is None or abs((now - self._looked_at).total_seconds()) >= LOOK_EVERY_S

    def _refresh(self) -> Catalogue:
        known = self._catalogue
        if known is not None and not self._is_due():
            return known
        stock = self._stock
        try:
            fresh = self._load(stock)
        except Unavailable as error:
            if stock is None:
                raise
            log.warning("catalogue_kept", cause=str(error))
            fresh = stock
        return self._arrange(fresh, known)

    def _arrange(self, stock: Stock, known: Catalogue | None) -> Catalogue:
        """By the clock, even when the store is silent: a sale that ends must end."""
        now = self._clock.now()
        if known is None or stock is not self._stock or self._has_moved(now):
            known = arrange(stock, now)
            self._next_move = next_move(stock, now)
            COURSES.set(len(known.courses))
        self._stock, self._catalogue, self._looked_at = stock, known, now
        return known

    def _has_moved(self, now: datetime) -> bool:
        # A clock set back may put a course where it was before.
        is_back = self._looked_at is not None and now < self._looked_at
        return is_back or (self._next_move is not None and self._next_move <= now)

    def _load(self, known: Stock | None) -> Stock:
        with self._db.reading() as conn:
            # The number first: should a version slip in behind it, the next look sees a higher number.
            version = conn.scalar(select(t.catalogue.c.version).where(t.catalogue.c.name == t.LIVE)) or 0
            if known is not None and known.version == version:
                return known
            return _read_stock(conn, version, known)


def _is_live(columns: Any) -> Any:
    return and_(t.course.c.id == columns.course_id, t.course.c.version == columns.version)


def _read_stock(conn: Connection, version: int, known: Stock | None) -> Stock:
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
    lessons = _read_lessons(conn, keys)
    row = t.course_version.c
    rows = conn.execute(select(t.course_version).where(tuple_(row.course_id, row.version).in_(keys)))
    return {
        (one.course_id, one.version): _course(
            one, lessons[one.course_id], listed[(one.course_id, one.version)]
        )
        for one in rows
    }


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
    )


def _asset(row: Any) -> ShownAsset:
    shown_in = tuple((lesson, is_paid) for lesson, is_paid in row.shown_in or ())
    return ShownAsset(
        row.course_id, row.path, row.media_type, row.sha256, row.paid, int(row.size), shown_in=shown_in
    )


def _course(row: Any, lessons: list[Lesson], listed: bool) -> Course:
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
        weight=row.weight,
        opens_at=row.opens_at,
        ends_at=row.ends_at,
        visibility=row.visibility or PUBLIC,
        aliases=tuple(row.aliases or ()),
        learn=tuple(row.learn or ()),
        drip_days=row.drip_days or 0,
    )
