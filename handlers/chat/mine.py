"""``我的课程``: what I own."""

from __future__ import annotations

from bot.reply import link, tap
from handlers.chat import paging
from handlers.chat.turn import Turn
from handlers.going_back import titles_text
from handlers.owning import all_ids, owned_ids
from handlers.shop import Shop

MAX_COURSES = 8
_MORE = "更多"


def answer(shop: Shop, turn: Turn) -> str | None:
    return show(shop, turn) if turn.means("mine") else None


def show(shop: Shop, turn: Turn, start: int = 0) -> str:
    """All courses with how far they are read."""
    owned = owned_lines(shop, turn, start)
    back = "" if start else titles_text(shop, turn.openid, turn.owned)
    if owned:
        told = shop.say("mine.some", count=len(owned_ids(turn.owned, turn.catalogue)), courses=owned)
        return f"{told}\n\n{back}" if back else told
    paging.forget(turn)
    return back or shop.say("mine.no_more" if start else "mine.none")


def owned_lines(shop: Shop, turn: Turn, start: int = 0) -> str:
    """A line a course, newest first; a long list says how it goes on. Empty when there is none."""
    ids = all_ids(shop.till.grants_of(turn.openid), turn.catalogue)
    following = start + MAX_COURSES
    lines = [_line(shop, turn, course_id) for course_id in ids[start:following]]
    paging.remember(turn, "mine", following)
    if len(ids) > following:
        page = link(f"{shop.base_url}/me", shop.say("mine.all_label"))
        more = tap(_MORE, _MORE)
        lines.append(shop.say("mine.left", count=len(ids) - following, more=more, link=page))
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
