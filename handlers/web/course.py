"""The course page, and the tap on 购买 there."""

from __future__ import annotations

import hmac
import json
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from content.course import Course, Lesson
from content.fields import MAX_SLUG_CHARS
from handlers import buying, going_back, offers
from handlers.asked_questions import AskedQuestions, Question
from handlers.going_back import GoingBack
from handlers.next_lesson import next_lesson
from handlers.offers import OfferState
from handlers.shop import Shop
from handlers.timetable import Timetable, timetable
from handlers.web import highlight
from handlers.web.base import Page
from handlers.web.share import as_card, course_card
from handlers.web.status import require_shown
from infra.errors import NotFound
from payments.errors import AlreadyOwned, RefundUnderWay
from payments.rights import Access

TAP_COOKIE = "keban_tap"
TAP_DAYS = 10 / (24 * 60)  # ten minutes: a silent login takes seconds


MOST_UNFOLDED = 30  # lessons of an outline that is shown as a whole


@dataclass(frozen=True)
class Part:
    """Lessons under one heading; ``start`` is the number of the first."""

    title: str
    lessons: tuple[Lesson, ...]
    start: int
    folded: bool = False


@dataclass(frozen=True)
class CourseView:
    """What the template shows. Of an offer: its ``state``, and a ``note`` to whom has a part of it. Of a
    course: the ``offers`` that it is a part of; to whom has it for a time, why one may ``keep`` it; what
    others ``asked``; the lesson ``to_try`` it with. ``back``: whether it is closed while money goes back.
    """

    course: Course
    owned: bool
    read: frozenset[str]
    upcoming: Lesson | None
    alike: tuple[Course, ...] = ()
    also_owned: Access = field(default_factory=Access)
    state: OfferState | None = None
    note: str = ""
    offers: tuple[Course, ...] = ()
    keep: str = ""
    asked: tuple[Question, ...] = ()
    to_try: Lesson | None = None
    times: Timetable | None = None
    back: GoingBack = field(default_factory=GoingBack)

    def opens_at(self, lesson: Lesson) -> datetime | None:
        return self.times.opens_at(lesson) if self.times else None

    @property
    def parts(self) -> list[Part]:
        """The outline by chapters. A long one is folded, but for where this follower reads on."""
        lessons = self.course.lessons
        if len(lessons) <= MOST_UNFOLDED:
            return _chapters(lessons)
        here = self.upcoming or (lessons[0] if lessons else None)
        parts = _chapters(lessons)
        if len(parts) == 1:
            first, rest = lessons[:MOST_UNFOLDED], lessons[MOST_UNFOLDED:]
            return [Part("", first, 1), Part("", rest, 1 + MOST_UNFOLDED, folded=True)]
        return [replace(part, folded=here not in part.lessons) for part in parts]

    @property
    def hours(self) -> str:
        """How long the reading takes, as one says it."""
        minutes = self.course.minutes
        return f"{minutes} 分钟" if minutes < 120 else f"{round(minutes / 60)} 小时"

    @property
    def lead_html(self) -> str:
        """How the page begins, above ``<!--more-->``; empty when the page does not begin with just that."""
        lead = self.course.lead_html
        return lead if self.course.page_html.startswith(lead) else ""

    @property
    def rest_html(self) -> str:
        return self.course.page_html[len(self.lead_html) :]


class CoursePage(Page):
    name = "course"

    async def get(self, slug: str) -> None:
        view = await self.work(look, self.shop, self.openid, slug, self.room.asked)
        if view.course.slug != slug:
            self.redirect(f"/courses/{view.course.slug}", permanent=True)
            return
        page = "offer.html" if view.course.is_offer else "course.html"
        card = as_card(self, course_card(self.shop, view.course))
        self.render(page, view=view, highlight_url=highlight.address(), **card)


class BuyHandler(Page):
    """A tap on 购买 on a page: an order, then its pay page; a course that is free opens at once.

    A form leads nowhere but to ourselves (``form-action``), redirects included. So whoever must log in first
    gets a page that goes on to WeChat, and the tap is kept meanwhile in a signed cookie, to be used once. Its
    key is in the address, so that neither a stranger's link nor a prefetch orders anything by a GET.
    """

    name = "buy"

    async def post(self, slug: str) -> None:
        lesson = self.get_body_argument("lesson", "")[:MAX_SLUG_CHARS]
        is_gift = self.get_body_argument("gift", "") == "1"
        if self.openid is not None:
            await self._buy(self.openid, slug, lesson, is_gift)
            return
        key = secrets.token_hex(16)
        tap = json.dumps({"slug": slug, "lesson": lesson, "gift": is_gift, "key": key})
        self.set_signed_cookie(TAP_COOKIE, tap, expires_days=None)
        self.redirect(_after_tap(slug, key), status=303)

    async def get(self, slug: str) -> None:
        """Goes on with a tap that was kept: to the login, and after it to the order."""
        key = self.get_query_argument("key", "")
        tap = self._kept_tap(slug, key)
        if tap is None:
            self.redirect(f"/courses/{slug}")
        elif self.openid is not None:
            self.clear_cookie(TAP_COOKIE)
            await self._buy(self.openid, slug, tap["lesson"], bool(tap.get("gift")))
        elif self.get_query_argument("login", ""):
            self.redirect_to_login(_after_tap(slug, key))
        else:
            self.render("login.html", onward=f"{_after_tap(slug, key)}&login=1")

    def _kept_tap(self, slug: str, key: str) -> dict[str, Any] | None:
        cookie = self.get_signed_cookie(TAP_COOKIE, max_age_days=TAP_DAYS)
        tap: dict[str, Any] = json.loads(cookie) if cookie else {}
        is_this = tap.get("slug") == slug and hmac.compare_digest(tap["key"].encode(), key.encode())
        return tap if is_this else None

    async def _buy(self, openid: str, slug: str, lesson: str, is_gift: bool) -> None:
        self.redirect(await self.work(buy, self.shop, openid, slug, lesson, is_gift), status=303)


def _after_tap(slug: str, key: str) -> str:
    return f"/courses/{slug}/buy?key={key}"


def look(shop: Shop, openid: str | None, slug: str, asked: AskedQuestions) -> CourseView:
    """Raises NotFound for an unknown course, and for a withdrawn one that this follower does not own."""
    course = shop.shelf.catalogue().by_slug(slug)
    if course is None:
        raise NotFound(f"no course {slug!r}")
    access = shop.till.owned(openid) if openid else Access()
    owned = access.opens(course)
    require_shown(course, owned=owned, now=shop.clock.now())
    back = going_back.look(shop, openid, access, course)
    if course.is_offer:
        state, note = offers.state_of(shop, openid, course), offers.note_text(shop, openid, course)
        return CourseView(
            course, owned, frozenset(), None, also_owned=access, state=state, note=note, back=back
        )
    read = shop.progress.of_course(openid, course.id) if openid else frozenset()
    upcoming = start_of(shop, openid, course) if openid and owned else None
    alike = alike_on_sale(shop, course)
    offers_with = shop.shelf.catalogue().offers_with(course)
    keep = keep_text(shop, openid, course) if openid and owned else ""
    questions = asked.of(course.id)
    view = CourseView(course, owned, read, upcoming, alike, access, offers=offers_with, keep=keep, back=back)
    times = timetable(shop, openid, course) if course.waits else None
    return replace(view, asked=questions, to_try=course.to_try(shop.clock.now()), times=times)


def keep_text(shop: Shop, openid: str, course: Course) -> str:
    """Why who can read this course for a time may want to buy it; empty where buying would add nothing."""
    if not (course.listed and course.price_fen and shop.selling):
        return ""
    state = offers.state_of(shop, openid, course)
    if state.nothing_new:
        return ""
    return offers.note_text(shop, openid, course) if state.until else shop.say("course.keep")


def _chapters(lessons: tuple[Lesson, ...]) -> list[Part]:
    parts, start = list[Part](), 1
    for title, group in groupby(lessons, key=lambda lesson: lesson.chapter):
        part = Part(title, tuple(group), start)
        parts.append(part)
        start += len(part.lessons)
    return parts


def alike_on_sale(shop: Shop, course: Course) -> tuple[Course, ...]:
    """The courses most like this one; the librarian keeps what it found while the catalogue stays."""
    catalogue = shop.shelf.catalogue()
    found = (catalogue.by_id(like.id) for like in shop.library.librarian().similar(course.id))
    return tuple(each for each in found if each is not None and each.listed)


def start_of(shop: Shop, openid: str, course: Course) -> Lesson | None:
    """Where 开始学习 leads; who has read all begins again. None for a course without lessons."""
    return next_lesson(shop, openid, course) or (course.lessons[0] if course.lessons else None)


def buy(shop: Shop, openid: str, slug: str, lesson_slug: str, is_gift: bool = False) -> str:
    """Orders what stands on this page at today's price; the page that comes next.

    ``lesson_slug`` is where the follower stopped reading to buy, and will go on; "" for none.
    """
    course = shop.shelf.catalogue().by_slug(slug)
    if course is None:
        raise NotFound(f"no course {slug!r}")
    lesson = course.lesson(lesson_slug)
    where_they_were = f"/courses/{slug}/{lesson.slug}" if lesson else f"/courses/{slug}"
    try:
        order = buying.buy(shop, openid, course, is_gift=is_gift and course.price_fen > 0)
    except (AlreadyOwned, RefundUnderWay):
        return where_they_were
    if lesson is not None and not is_gift:
        shop.progress.read(openid, course.id, lesson.slug)
    return where_they_were if order.is_paid else f"/pay/{order.order_no}"
