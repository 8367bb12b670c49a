"""My courses and orders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from content.course import Course
from handlers.offers import last_day_text
from handlers.order_state import OrderState, states_of
from handlers.owning import all_ids
from handlers.shop import Shop
from handlers.web.base import Page
from payments.rights import COURSE, TAG


@dataclass(frozen=True)
class OwnedCourse:
    """A course that can be read, with how far the follower is."""

    course: Course
    read: int


@dataclass(frozen=True)
class MeView:
    """``memberships``: what each is called, and its last day (empty for one without an end)."""

    courses: tuple[OwnedCourse, ...]
    orders: tuple[OrderState, ...]
    memberships: tuple[tuple[str, str], ...] = ()


class MePage(Page):
    name = "me"

    async def get(self) -> None:
        if self.openid is None:
            self.login_first()
            return
        view = await self.work(look, self.shop, self.openid)
        self.render("me.html", view=view)


def look(shop: Shop, openid: str) -> MeView:
    orders = states_of(shop, shop.till.orders_of(openid))
    return MeView(tuple(owned_courses(shop, openid)), tuple(orders), tuple(memberships(shop, openid)))


def memberships(shop: Shop, openid: str) -> Iterator[tuple[str, str]]:
    """Renewals that have yet to begin are counted in."""
    for (kind, name), until in shop.till.held(openid).ends.items():
        if kind != COURSE:
            title = shop.say("offers.me_tag", tag=name) if kind == TAG else shop.say("offers.me_all")
            yield title, last_day_text(shop, until) if until else ""


def owned_courses(shop: Shop, openid: str) -> list[OwnedCourse]:
    """What this follower may read now; a course twice granted stands here once."""
    catalogue = shop.shelf.catalogue()
    ids = all_ids(shop.till.grants_of(openid), catalogue)
    courses = (catalogue.by_id(course_id) for course_id in ids)
    return [
        OwnedCourse(course, len(shop.progress.of_course(openid, course.id)))
        for course in courses
        if course is not None
    ]
