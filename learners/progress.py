"""What a follower has read: the base of 「继续」 and of the progress that pages show."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update

from infra.clock import Clock
from infra.database import Database, insert_if_absent
from learners.tables import lessons_read


class Progress:
    """Lessons that were opened with the right to read them."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    def read(self, openid: str, course_id: str, lesson_slug: str) -> None:
        """Notes that a lesson was opened; opening it again moves it to the front."""
        now = self._clock.now()
        key = {"openid": openid, "course_id": course_id, "lesson_slug": lesson_slug}
        with self._db.transaction(durable=False) as conn:
            if not insert_if_absent(conn, lessons_read, key | {"read_at": now}):
                conn.execute(
                    update(lessons_read)
                    .where(*(lessons_read.c[name] == value for name, value in key.items()))
                    .values(read_at=now)
                )

    def of_course(self, openid: str, course_id: str) -> frozenset[str]:
        """The slugs of the lessons of a course that were read."""
        return frozenset(self.opened(openid, course_id))

    def opened(self, openid: str, course_id: str) -> dict[str, datetime]:
        """When each lesson of a course was last opened, by slug."""
        query = select(lessons_read.c.lesson_slug, lessons_read.c.read_at).where(
            lessons_read.c.openid == openid, lessons_read.c.course_id == course_id
        )
        with self._db.reading() as conn:
            return {row.lesson_slug: row.read_at for row in conn.execute(query)}

    def by_course(self, openid: str) -> dict[str, tuple[int, datetime]]:
        """How many lessons of each course were read, and when the last one; the latest course first."""
        row = lessons_read.c
        last = func.max(row.read_at, type_=row.read_at.type).label("last")
        query = select(row.course_id, func.count().label("lessons"), last)
        query = query.where(row.openid == openid).group_by(row.course_id).order_by(last.desc())
        with self._db.reading() as conn:
            return {one.course_id: (one.lessons, one.last) for one in conn.execute(query)}

    def latest_courses(self, openid: str, *, limit: int = 50) -> list[str]:
        """Course ids, the one that was read last first."""
        query = (
            select(lessons_read.c.course_id)
            .where(lessons_read.c.openid == openid)
            .order_by(lessons_read.c.read_at.desc())
            .limit(limit * 20)
        )
        with self._db.reading() as conn:
            return list(dict.fromkeys(conn.execute(query).scalars()))[:limit]
