"""The lesson page: the whole text for whoever may read it, else the free part and the paywall."""

from __future__ import annotations

from dataclasses import dataclass

from content.course import Course, Lesson
from handlers.owning import owns
from handlers.shop import Shop
from handlers.web import highlight
from handlers.web.base import Page
from infra.errors import NotFound


@dataclass(frozen=True)
class LessonView:
    """What the template shows. ``paid_html`` is None unless this follower holds a grant."""

    course: Course
    lesson: Lesson
    paid_html: str | None
    owned: bool
    number: int

    @property
    def locked(self) -> bool:
        return self.lesson.has_paid and self.paid_html is None


class LessonPage(Page):
    name = "lesson"

    async def get(self, slug: str, lesson_slug: str) -> None:
        view = await self.work(look, self.shop, self.openid, slug, lesson_slug)
        if view.locked and self.openid is None and self.in_wechat:
            # Inside WeChat the login is silent: whoever bought the course sees it, not the paywall.
            self.login_first()
            return
        if view.course.slug != slug:
            self.redirect(f"/courses/{view.course.slug}/{lesson_slug}", permanent=True)
            return
        self.render("lesson.html", view=view, highlight_url=highlight.address())


def look(shop: Shop, openid: str | None, slug: str, lesson_slug: str) -> LessonView:
    """Raises NotFound for what is not there, or is withdrawn and not this follower's."""
    course = shop.shelf.catalogue().by_slug(slug)
    lesson = course.lesson(lesson_slug) if course else None
    if course is None or lesson is None:
        raise NotFound(f"no lesson {slug}/{lesson_slug}")
    owned = owns(shop, openid, course)
    if not course.listed and not owned:
        raise NotFound(f"course {slug!r} is withdrawn")
    paid_html = shop.shelf.paid_html(course.id, lesson.slug) if owned and lesson.has_paid else None
    if openid is not None and (owned or lesson.free):
        shop.progress.read(openid, course.id, lesson.slug)
    return LessonView(course, lesson, paid_html, owned, course.lessons.index(lesson) + 1)
