"""``多少钱``, ``老师是谁``, ``能退吗``: a fact about the course that is talked of, from its own page.

The course whose card was shown last; without one the courses of the last list; without any list the shop's
general answer (`how_to`). The list stays as it is: its numbers go on to mean the same courses.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.reply import link, tap
from content.course import Course
from handlers import going_back
from handlers.chat import listing, offer_card
from handlers.chat.turn import Turn
from handlers.price import price_text
from handlers.shop import Shop
from handlers.terms import access_and_pace, refund_text

_OF_ALL = re.compile(r"你们|所有|全部|每[个门]|这些|这几|一般|哪[个门]|都[有是能可]")
_HOUR = 60
_LEVELS = {
    "beginner": "about_course.beginner",
    "intermediate": "about_course.intermediate",
    "advanced": "about_course.advanced",
}


def answer(shop: Shop, turn: Turn) -> str | None:
    """None for what is asked about the shop, and when no course was talked of."""
    tell = _FACTS.get(_fact(shop, turn))
    if tell is None:
        return None
    course = None if _OF_ALL.search(turn.text) else _talked_of(turn)
    if course is not None:
        return _of_one(shop, turn, course, tell)
    listed = [(number, course) for number in range(1, listing.PAGE + 1) if (course := turn.listed(number))]
    return _of_list(shop, turn, listed, tell) if listed else None


def _fact(shop: Shop, turn: Turn) -> str:
    if turn.means("about"):
        return turn.reading.asked
    # Whether money can come back: to buyers their orders say it, and more.
    asks_first = turn.means("refund") and turn.reading.asked == "rule"
    return "refund" if asks_first and not _buyer(shop, turn) else ""


def _buyer(shop: Shop, turn: Turn) -> bool:
    course = _talked_of(turn)
    if course:
        return turn.owned.opens(course) or turn.owned.goes_back(course)
    return bool(shop.till.orders_of(turn.openid, 1))


def _talked_of(turn: Turn) -> Course | None:
    course = turn.catalogue.by_id(turn.session.chosen) if turn.session.chosen else None
    return course if course and (course.listed or turn.owned.opens(course)) else None


def _of_one(shop: Shop, turn: Turn, course: Course, tell: Callable[[Shop, Course], str]) -> str:
    if course.is_offer:
        return offer_card.card(shop, turn, course)  # what there is to know of it is short
    return shop.say(
        "about_course.one", title=course.title, fact=tell(shop, course), next_step=_next(shop, turn, course)
    )


def _of_list(
    shop: Shop, turn: Turn, listed: list[tuple[int, Course]], tell: Callable[[Shop, Course], str]
) -> str:
    lines = [
        shop.say("about_course.line", number=number, title=course.title, fact=tell(shop, course))
        for number, course in listed
    ]
    shown = [course for _, course in listed]
    go_on = listing.how_to_go_on(shop, shown, has_more=False)
    return shop.say("about_course.list", courses="\n\n".join(lines), how_to_go_on=go_on)


def _next(shop: Shop, turn: Turn, course: Course) -> str:
    page = shop.course_url(course.slug)
    if turn.owned.opens(course):
        return shop.say("course.owned_hint", link=link(page, shop.say("receipt.start_label")))
    back = going_back.look(shop, turn.openid, turn.owned, course)
    if back.itself:
        return back.note
    if course.price_fen and not shop.selling:
        return link(page, shop.say("course.page_label"))
    words = f"购买 {course.title}"
    return shop.say("about_course.buy", buy=tap(words, words))


def _price(shop: Shop, course: Course) -> str:
    return price_text(shop.say, course.price_fen, course.price_original_fen)


def _minutes(shop: Shop, course: Course) -> str:
    key = "about_course.minutes" if course.minutes < 2 * _HOUR else "about_course.hours"
    return shop.say(
        key, count=len(course.lessons), minutes=course.minutes, hours=round(course.minutes / _HOUR)
    )


def _lessons(shop: Shop, course: Course) -> str:
    page = link(shop.course_url(course.slug), shop.say("about_course.outline_label"))
    return shop.say("about_course.lessons", count=len(course.lessons), link=page)


def _content(shop: Shop, course: Course) -> str:
    return shop.say("about_course.content", summary=course.summary, lessons=_lessons(shop, course))


def _good(shop: Shop, course: Course) -> str:
    return shop.say("about_course.good", summary=course.summary, trial=_trial(shop, course))


def _way(shop: Shop, course: Course) -> str:
    return shop.say("about_course.way", trial=_trial(shop, course))


def _level(shop: Shop, course: Course) -> str:
    return shop.say(_LEVELS[course.level], trial=_trial(shop, course))


def _trial(shop: Shop, course: Course) -> str:
    lesson = course.to_try(shop.clock.now())
    if lesson is None:
        page = link(shop.course_url(course.slug), shop.say("course.page_label"))
        return shop.say("about_course.no_trial", link=page)
    return shop.say("course.trial", link=link(shop.lesson_url(course.slug, lesson.slug), lesson.title))


def _teacher(shop: Shop, course: Course) -> str:
    if not course.teacher:
        return shop.say("about_course.no_teacher")
    return shop.say("about_course.teacher", teacher=course.teacher)


def _access(shop: Shop, course: Course) -> str:
    return access_and_pace(shop.say, course)


def _refund(shop: Shop, course: Course) -> str:
    return refund_text(shop.say, course.refund) if course.price_fen else shop.say("price.free")


def _which(shop: Shop, course: Course) -> str:
    price, level = _price(shop, course), shop.say(f"level.{course.level}")
    return shop.say("about_course.which", price=price, level=level, summary=course.summary)


_FACTS: dict[str, Callable[[Shop, Course], str]] = {
    "price": _price,
    "minutes": _minutes,
    "lessons": _lessons,
    "content": _content,
    "good": _good,
    "way": _way,
    "level": _level,
    "trial": _trial,
    "teacher": _teacher,
    "access": _access,
    "refund": _refund,
    "which": _which,
}
