"""My courses and orders."""

from __future__ import annotations

from dataclasses import dataclass

from content.course import Course
from handlers.order_state import OrderState, states_of
from handlers.owning import all_ids
from handlers.shop import Shop
from handlers.web.base import Page


@dataclass(frozen=True)
class OwnedCourse:
    """A course that can be read, with how far the follower is."""

    course: Course
    read: int


@dataclass(frozen=True)
class MeView:
    courses: tuple[OwnedCourse, ...]
    orders: tuple[OrderState, ...]


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
    return MeView(tuple(owned_courses(shop, openid)), tuple(orders))


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
