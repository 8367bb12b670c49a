"""My courses and orders, and the way on in each course."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from content.course import Course
from handlers.going_back import titles_text
from handlers.offers import last_day_text
from handlers.order_state import OrderState, states_of
from handlers.owning import all_ids, bought_ids
from handlers.shop import Shop
from handlers.web.base import Page
from handlers.web.course import start_of
from infra.errors import NotFound
from payments.rights import COURSE, TAG

MOST_SHOWN = 30
MOST_BESIDE = 6  # of what a membership opens besides, which may be thousands


@dataclass(frozen=True)
class OwnedCourse:
    """A course that can be read, with how far the follower is."""

    course: Course
    read: int

    @property
    def is_done(self) -> bool:
        return 0 < len(self.course.lessons) <= self.read


@dataclass(frozen=True)
class MeView:
    """``more``: courses that are open besides those shown. ``memberships``: what each is called, and its last
    day (empty for one without an end). ``back``: what is closed while its money goes back.
    """

    courses: tuple[OwnedCourse, ...]
    more: int
    orders: tuple[OrderState, ...]
    memberships: tuple[tuple[str, str], ...] = ()
    back: str = ""


class MePage(Page):
    name = "me"

    async def get(self) -> None:
        if self.openid is None:
            self.login_first()
            return
        view = await self.work(look, self.shop, self.openid)
        self.render("me.html", view=view)


class ContinuePage(Page):
    """``GET /me/continue/{slug}``: to the lesson where this follower goes on."""

    name = "continue"

    async def get(self, slug: str) -> None:
        if self.openid is None:
            self.login_first()
            return
        self.redirect(await self.work(go_on, self.shop, self.openid, slug))


def go_on(shop: Shop, openid: str, slug: str) -> str:
    """Raises NotFound for an unknown course; who does not own it sees what it is."""
    course = shop.shelf.catalogue().by_slug(slug)
    if course is None:
        raise NotFound(f"no course {slug!r}")
    owned = shop.till.owned(openid).opens(course)
    lesson = start_of(shop, openid, course) if owned else None
    return f"/courses/{course.slug}/{lesson.slug}" if lesson else f"/courses/{course.slug}"


def look(shop: Shop, openid: str) -> MeView:
    courses, more = owned_courses(shop, openid)
    orders = states_of(shop, shop.till.orders_of(openid))
    back = titles_text(shop, openid, shop.till.owned(openid))
    return MeView(courses, more, tuple(orders), tuple(memberships(shop, openid)), back)


def memberships(shop: Shop, openid: str) -> Iterator[tuple[str, str]]:
    """Renewals that have yet to begin are counted in."""
    for (kind, name), until in shop.till.held(openid).ends.items():
        if kind != COURSE:
            title = shop.say("offers.me_tag", tag=name) if kind == TAG else shop.say("offers.me_all")
            yield title, last_day_text(shop, until) if until else ""


def owned_courses(shop: Shop, openid: str) -> tuple[tuple[OwnedCourse, ...], int]:
    """What this follower may read now, each once: what was read last first, then what was bought, then what
    a membership opens besides; and how many more there are.
    """
    catalogue, read = shop.shelf.catalogue(), shop.progress.by_course(openid)
    grants = shop.till.grants_of(openid)
    opened = all_ids(grants, catalogue)
    may_read = set(opened)
    own = dict.fromkeys([*(one for one in read if one in may_read), *bought_ids(grants)])
    beside = [one for one in opened if one not in own]
    ids = [*list(own)[:MOST_SHOWN], *beside[:MOST_BESIDE]]
    courses = [course for course in map(catalogue.by_id, ids) if course is not None and not course.is_offer]
    shown = tuple(OwnedCourse(course, read.get(course.id, (0,))[0]) for course in courses)
    return shown, len(own) + len(beside) - len(ids)
