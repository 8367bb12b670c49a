"""What is live, for the other rooms: the catalogue from memory, paid text and pictures from the store."""

from __future__ import annotations

import contextlib
import threading
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select

from content import tables as t
from content.arrange import Stock, arrange, next_move
from content.course import Catalogue, Course, Lesson
from content.kept_texts import KeptTexts
from content.read_stock import read_stock
from content.shown_asset import ShownAsset
from infra.clock import Clock
from infra.database import Database
from infra.errors import Unavailable
from infra.log import get_logger
from infra.metrics import COURSES

log = get_logger("content")

LOOK_EVERY_S = 1.0


class Shelf:
    """Hands out the live version. Safe to share between threads."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._refreshing = threading.Lock()
        self._looked_at_s: float | None = None
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
            self._looked_at_s = None
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
        return self._looked_at_s is None or abs(self._clock.now_s() - self._looked_at_s) >= LOOK_EVERY_S

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
        self._stock, self._catalogue, self._looked_at_s = stock, known, now.timestamp()
        return known

    def _has_moved(self, now: datetime) -> bool:
        # A clock set back may put a course where it was before.
        is_back = self._looked_at_s is not None and now.timestamp() < self._looked_at_s
        return is_back or (self._next_move is not None and self._next_move <= now)

    def _load(self, known: Stock | None) -> Stock:
        with self._db.reading() as conn:
            # The number first: should a version slip in behind it, the next look sees a higher number.
            version = conn.scalar(select(t.catalogue.c.version).where(t.catalogue.c.name == t.LIVE)) or 0
            if known is not None and known.version == version:
                return known
            return read_stock(conn, version, known)


def _is_live(columns: Any) -> Any:
    return and_(t.course.c.id == columns.course_id, t.course.c.version == columns.version)


def _asset(row: Any) -> ShownAsset:
    shown_in = tuple((lesson, is_paid) for lesson, is_paid in row.shown_in or ())
    return ShownAsset(
        row.course_id, row.path, row.media_type, row.sha256, row.paid, int(row.size), shown_in=shown_in
    )
