"""The lesson page: the whole text for whoever may read it, else the free part and the paywall."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from content.course import Course, Lesson
from handlers import going_back
from handlers.going_back import GoingBack
from handlers.shop import Shop
from handlers.timetable import Timetable, moment_text, timetable
from handlers.web import highlight
from handlers.web.base import Page
from handlers.web.share import as_card, lesson_card
from handlers.web.status import require_shown
from infra.errors import NotFound

FILM = "data-vid="
FILM_HOST = "https://v.qq.com"
SCRIPTS = {"data-quiz": "quiz.js"}


@dataclass(frozen=True)
class LessonView:
    """What the template shows. ``paid_html`` is None unless this follower holds a grant.

    ``had``: the follower bought the course, and its term is over. ``opens_note`` says when what is closed
    to them opens by itself; ``back``, whether it is closed while money goes back.
    """

    course: Course
    lesson: Lesson
    free_html: str
    paid_html: str | None
    owned: bool
    number: int
    read: frozenset[str] = frozenset()
    had: bool = False
    opens_note: str = ""
    back: GoingBack = field(default_factory=GoingBack)

    @property
    def locked(self) -> bool:
        return self.lesson.has_paid and self.paid_html is None and not self.owned

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
        return sign in self.free_html or sign in (self.paid_html or "")


class LessonPage(Page):
    name = "lesson"

    async def get(self, slug: str, lesson_slug: str) -> None:
        view = await self.work(look, self.shop, self.openid, slug, lesson_slug)
        if view.locked and self.openid is None and self.in_wechat:
            # Inside WeChat the login is silent: whoever bought the course sees it, not the paywall.
            self.login_first()
            return
        if (view.course.slug, view.lesson.slug) != (slug, lesson_slug):
            self.redirect(f"/courses/{view.course.slug}/{view.lesson.slug}", permanent=True)
            return
        if view.has_film:
            self.allow("frame-src", FILM_HOST)
        card = lesson_card(self.shop, view.course, view.lesson)
        self.render("lesson.html", view=view, highlight_url=highlight.address(), **as_card(self, card))


def look(shop: Shop, openid: str | None, slug: str, lesson_slug: str) -> LessonView:
    """Raises NotFound for what is not there, or is withdrawn and not this follower's."""
    course = shop.shelf.catalogue().by_slug(slug)
    lesson = (course.lesson(lesson_slug) or course.lesson_formerly(lesson_slug)) if course else None
    if course is None or lesson is None:
        raise NotFound(f"no lesson {slug}/{lesson_slug}")
    times = timetable(shop, openid, course)
    require_shown(course, owned=times.owned, now=times.now)
    opens_at = times.opens_at(lesson)
    paid_html = None
    if lesson.has_paid and times.may_read_paid(lesson):
        paid_html = shop.shelf.paid_html(course.id, lesson.slug)
    if openid is not None and opens_at is None and (times.owned or lesson.free):
        shop.progress.read(openid, course.id, lesson.slug)
    free_html = shop.shelf.free_html(course, lesson) if times.is_out(lesson) else ""
    number = course.lessons.index(lesson) + 1
    note = _opens_note(shop, times, opens_at)
    view = LessonView(course, lesson, free_html, paid_html, times.owned, number, opens_note=note)
    if openid is None:
        return view
    read = shop.progress.of_course(openid, course.id)
    if times.owned or not lesson.has_paid:
        return replace(view, read=read)
    back = going_back.look(shop, openid, shop.till.owned(openid), course)
    had = not back.note and bought_once(shop, openid, course)
    return replace(view, read=read, had=had, back=back)


def _opens_note(shop: Shop, times: Timetable, opens_at: datetime | None) -> str:
    if opens_at is None:
        return ""
    key = "lesson.opens_for_you" if times.owned else "lesson.comes_out"
    return shop.say(key, at=moment_text(shop, opens_at))


def bought_once(shop: Shop, openid: str, course: Course) -> bool:
    """Whether this follower paid for the course and was not given the money back."""
    orders = shop.till.purchases_of(openid)
    return any(
        order.item_id == course.id and order.status != "refunded" and not order.is_gift for order in orders
    )
