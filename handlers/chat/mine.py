"""``我的课程``: what I own."""

from __future__ import annotations

from bot.reply import link
from handlers.chat.turn import Turn
from handlers.shop import Shop

MAX_COURSES = 8


def answer(shop: Shop, turn: Turn) -> str | None:
    return show(shop, turn) if turn.means("mine") else None


def show(shop: Shop, turn: Turn) -> str:
    """All courses with how far they are read."""
    owned = owned_lines(shop, turn)
    return shop.say("mine.some", count=len(turn.owned), courses=owned) if owned else shop.say("mine.none")


def owned_lines(shop: Shop, turn: Turn) -> str:
    """A line a course, newest first; a long list ends in a link to the page. Empty when there is none."""
    ids = list(dict.fromkeys(grant.item_id for grant in shop.till.grants_of(turn.openid)))
    lines = [_line(shop, turn, course_id) for course_id in ids[:MAX_COURSES]]
    if len(ids) > MAX_COURSES:
        page = link(f"{shop.base_url}/me", shop.say("mine.all_label"))
        lines.append(shop.say("mine.left", count=len(ids) - MAX_COURSES, link=page))
    return "\n".join(lines)


def _title_when_bought(shop: Shop, turn: Turn, course_id: str) -> str:
    orders = shop.till.orders_of(turn.openid)
    return next((order.title for order in orders if order.item_id == course_id), course_id)


def _line(shop: Shop, turn: Turn, course_id: str) -> str:
    course = turn.catalogue.by_id(course_id)
    if course is None:
        return shop.say("mine.item_plain", title=_title_when_bought(shop, turn, course_id))
    read = shop.progress.of_course(turn.openid, course.id) & {lesson.slug for lesson in course.lessons}
    return shop.say(
        "mine.item",
        link=link(shop.course_url(course.slug), course.title),
        read=len(read),
        count=len(course.lessons),
    )
