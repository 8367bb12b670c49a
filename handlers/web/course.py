"""The course page, and the tap on 购买 there."""

from __future__ import annotations

from dataclasses import dataclass

from content.course import Course
from handlers import buying
from handlers.shop import Shop
from handlers.web import highlight
from handlers.web.base import Page
from infra.errors import NotFound
from payments.errors import AlreadyOwned
from payments.order import Order


@dataclass(frozen=True)
class CourseView:
    """What the template shows."""

    course: Course
    owned: bool
    read: frozenset[str]

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
        view = await self.work(look, self.shop, self.openid, slug)
        if view.course.slug != slug:
            self.redirect(f"/courses/{view.course.slug}", permanent=True)
            return
        self.render("course.html", view=view, highlight_url=highlight.address())


class BuyHandler(Page):
    """A tap on 购买 on a page: an order, then its pay page; a course that is free opens at once."""

    name = "buy"

    async def get(self, slug: str) -> None:
        """Where the silent login comes back to; buying itself is a POST."""
        self.redirect(f"/courses/{slug}")

    async def post(self, slug: str) -> None:
        openid = self.openid
        if openid is None:
            self.redirect_to_login(f"/courses/{slug}")
            return
        try:
            order = await self.work(buy, self.shop, openid, slug)
        except AlreadyOwned:
            self.redirect(f"/courses/{slug}", status=303)
            return
        self.redirect(f"/courses/{slug}" if order.is_paid else f"/pay/{order.order_no}", status=303)


def look(shop: Shop, openid: str | None, slug: str) -> CourseView:
    """Raises NotFound for an unknown course, and for a withdrawn one that this follower does not own."""
    course = shop.shelf.catalogue().by_slug(slug)
    if course is None:
        raise NotFound(f"no course {slug!r}")
    owned = openid is not None and shop.till.may_read(openid, course.id)
    if not course.listed and not owned:
        raise NotFound(f"course {slug!r} is withdrawn")
    read = shop.progress.of_course(openid, course.id) if openid else frozenset()
    return CourseView(course, owned, read)


def buy(shop: Shop, openid: str, slug: str) -> Order:
    """An order for what stands on this page at today's price."""
    course = shop.shelf.catalogue().by_slug(slug)
    if course is None:
        raise NotFound(f"no course {slug!r}")
    return buying.buy(shop, openid, course)
