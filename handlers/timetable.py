"""When the lessons of a course open for one follower: by the calendar, and by the days since the purchase."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from content.course import Course, Lesson
from content.shown_asset import ShownAsset
from handlers.owning import owns
from handlers.shop import Shop


@dataclass(frozen=True)
class Timetable:
    """``since``: from when on this follower holds the course; None when they do not."""

    course: Course
    now: datetime
    owned: bool
    since: datetime | None

    def is_out(self, lesson: Lesson) -> bool:
        """Whether anything of it may be read by anybody."""
        return lesson.is_out(self.now)

    def may_read_paid(self, lesson: Lesson) -> bool:
        return self.owned and self.opens_at(lesson) is None

    def opens_at(self, lesson: Lesson) -> datetime | None:
        """The moment that this follower has to wait for; None when there is none."""
        moments = [lesson.opens_at]
        if self.owned and lesson.has_paid and lesson.opens_after_days:
            # Held, but nobody can say since when: as if from now on, rather than open too early.
            moments.append((self.since or self.now) + timedelta(days=lesson.opens_after_days))
        return max((at for at in moments if at is not None and at > self.now), default=None)

    def may_see(self, asset: ShownAsset) -> bool:
        """Whether a text that shows this picture may be read."""
        if not asset.shown_in:
            return self.owned or not asset.paid
        return any(self._may_see_in(slug, is_paid=is_paid) for slug, is_paid in asset.shown_in)

    def _may_see_in(self, slug: str, *, is_paid: bool) -> bool:
        if not slug:
            return True
        lesson = self.course.lesson(slug)
        if lesson is None:
            return False
        return self.may_read_paid(lesson) if is_paid else self.is_out(lesson)


def timetable(shop: Shop, openid: str | None, course: Course) -> Timetable:
    owned = owns(shop, openid, course)
    since = shop.till.held_since(openid, course) if openid and owned and course.waits else None
    return Timetable(course, shop.clock.now(), owned, since)


def for_everybody(shop: Shop, course: Course) -> Timetable:
    """As somebody reads it who holds nothing."""
    return Timetable(course, shop.clock.now(), owned=False, since=None)


def moment_text(shop: Shop, moment: datetime) -> str:
    """Day and time of day where the shop is."""
    here = moment.astimezone(shop.zone)
    day = {"year": here.year, "month": here.month, "day": here.day}
    return shop.say("lesson.at", **day, clock=here.strftime("%H:%M"))
