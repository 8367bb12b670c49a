"""The lesson page: the whole text for whoever may read it, else the free part and the paywall."""

from __future__ import annotations

from dataclasses import dataclass

from content.course import Course, Lesson
from handlers.owning import owns
from handlers.shop import Shop
from handlers.web import highlight
from handlers.web.base import Page
from handlers.web.status import require_shown
from infra.errors import NotFound

FILM = "data-vid="
FILM_HOST = "https://v.qq.com"
SCRIPTS: dict[str, str] = {}


@dataclass(frozen=True)
class LessonView:
    """What the template shows. ``paid_html`` is None unless this follower holds a grant.

    ``had``: the follower bought the course, and its term is over.
    """

    course: Course
    lesson: Lesson
    paid_html: str | None
    owned: bool
    number: int
    read: frozenset[str] = frozenset()
    had: bool = False

    @property
    def locked(self) -> bool:
        return self.lesson.has_paid and self.paid_html is None

    @property
    def locked_after(self) -> tuple[Lesson, ...]:
        """What else a purchase would open, from here on: their titles are no secret."""
        return tuple(lesson for lesson in self.course.lessons[self.number :] if not lesson.free)

    @property
    def login_url(self) -> str:
        return f"/login/start?to=/courses/{self.course.slug}/{self.lesson.slug}"

    @property
    def scripts(self) -> tuple[str, ...]:
        """Those that only some lessons need."""
        return tuple(script for sign, script in SCRIPTS.items() if self._holds(sign))

    @property
    def has_film(self) -> bool:
        return self._holds(FILM)

    def _holds(self, sign: str) -> bool:
        return sign in self.lesson.free_html or sign in (self.paid_html or "")


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
        if view.has_film:
            self.allow("frame-src", FILM_HOST)
        self.render("lesson.html", view=view, highlight_url=highlight.address())


def look(shop: Shop, openid: str | None, slug: str, lesson_slug: str) -> LessonView:
    """Raises NotFound for what is not there, or is withdrawn and not this follower's."""
    course = shop.shelf.catalogue().by_slug(slug)
    lesson = course.lesson(lesson_slug) if course else None
    if course is None or lesson is None:
        raise NotFound(f"no lesson {slug}/{lesson_slug}")
    owned = owns(shop, openid, course)
    require_shown(course, owned=owned, now=shop.clock.now())
    paid_html = shop.shelf.paid_html(course.id, lesson.slug) if owned and lesson.has_paid else None
    if openid is not None and (owned or lesson.free):
        shop.progress.read(openid, course.id, lesson.slug)
    number = course.lessons.index(lesson) + 1
    if openid is None:
        return LessonView(course, lesson, paid_html, owned, number)
    read = shop.progress.of_course(openid, course.id)
    had = lesson.has_paid and not owned and bought_once(shop, openid, course)
    return LessonView(course, lesson, paid_html, owned, number, read, had)


def bought_once(shop: Shop, openid: str, course: Course) -> bool:
    """Whether this follower paid for the course and was not given the money back."""
    orders = shop.till.purchases_of(openid)
    return any(
        order.item_id == course.id and order.status != "refunded" and not order.is_gift for order in orders
    )
