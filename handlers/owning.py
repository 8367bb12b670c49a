"""What a follower owns, as courses: grants of a tag or of everything are spelled out by today's shelf."""

from __future__ import annotations

from collections.abc import Iterable

from content.course import Catalogue, Course
from handlers.shop import Shop
from payments.grant import Grant
from payments.rights import COURSE, Access


def owns(shop: Shop, openid: str | None, course: Course) -> bool:
    """Whether this follower may read the whole course now; nobody is not a follower."""
    return openid is not None and shop.till.owned(openid).opens(course)


def owned_ids(access: Access, catalogue: Catalogue) -> frozenset[str]:
    """Ids of all courses that are open: those that are named, and those on the shelf that a tag opens."""
    if not access.tags and not access.everything:
        return access.courses
    return access.courses | {course.id for course in catalogue.opened_together if access.opens(course)}


def bought_ids(grants: Iterable[Grant]) -> list[str]:
    """Courses that are granted by name, in the grants' sequence; each once."""
    return list(dict.fromkeys(grant.item_id for grant in grants if grant.item_kind == COURSE))


def all_ids(grants: list[Grant], catalogue: Catalogue) -> list[str]:
    """Bought ones first, in the grants' sequence; then what tags and memberships open besides, as on the
    shelf.
    """
    wide = [grant for grant in grants if grant.item_kind != COURSE]
    opened = (course.id for course in catalogue.opened_together if any(grant.opens(course) for grant in wide))
    return list(dict.fromkeys([*bought_ids(grants), *(opened if wide else ())]))
