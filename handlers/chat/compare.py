"""``第一个和第三个有什么区别``, ``和第一个有什么区别``: courses of the last list beside each other."""

from __future__ import annotations

from collections.abc import Sequence

from content.course import Course
from handlers import going_back
from handlers.chat import choose, listing
from handlers.chat.turn import Turn
from handlers.price import price_text, yuan
from handlers.shop import Shop
from nlp import LEVELS

MOST = 3  # courses beside each other; more is a list
_HOUR = 60
_SHORTER = 0.8  # of the other's length: what is shorter by less is as long


def answer(shop: Shop, turn: Turn) -> str | None:
    """What they cost, how hard and how long they are and what each is about; then where they differ."""
    if not turn.means("choose") or turn.reading.asked != "compare":
        return None
    numbers = list(dict.fromkeys(turn.reading.numbers))[:MOST]
    for number in numbers:
        if problem := choose.out_of_reach(shop, turn, number):
            return problem
    courses = _meant(turn, numbers)
    if any(not (course.listed or turn.seems_owned.opens(course)) for course in courses):
        return shop.say("course.gone")
    if len(courses) < 2:
        return shop.say("compare.same_course")
    shop.members.record(turn.openid, "compare", {"courses": [course.id for course in courses]})
    return shop.say(
        "compare.answer",
        opening=shop.say("compare.opening"),
        courses="\n\n".join(_item(shop, turn, course) for course in courses),
        differences=_differences(shop, turn, courses),
        next_step=shop.say("compare.next_step", taps=_taps(turn, courses)),
    )


def _meant(turn: Turn, numbers: Sequence[int]) -> list[Course]:
    """The courses with these numbers; a single one is held against what was looked at last, or else against
    the first other one of the list."""
    listed = [course for number in numbers if (course := turn.listed(number))]
    if len(numbers) == 1:
        looked_at = turn.catalogue.by_id(turn.session.chosen) if turn.session.chosen else None
        others = (turn.listed(number) for number in range(1, listing.PAGE + 1))
        other = looked_at or next((each for each in others if each and each not in listed), None)
        listed = [other, *listed] if other else listed
    return list({course.id: course for course in listed}.values())


def _item(shop: Shop, turn: Turn, course: Course) -> str:
    price = price_text(shop.say, course.price_fen, course.price_original_fen)
    if turn.seems_owned.opens(course):
        price = shop.say("list.owned_mark")
    elif going_back.look(shop, turn.openid, turn.seems_owned, course).itself:
        price = shop.say("going_back.mark")
    return shop.say(
        "compare.item",
        number=_number(turn, course) or "·",
        title=course.title,
        price=price,
        level=shop.say(f"level.{course.level}"),
        length=_length(shop, course),
        summary=course.summary,
    )


def _length(shop: Shop, course: Course) -> str:
    if not course.minutes:
        return ""
    key = "compare.minutes" if course.minutes < 2 * _HOUR else "compare.hours"
    return shop.say(key, minutes=course.minutes, hours=round(course.minutes / _HOUR))


def _differences(shop: Shop, turn: Turn, courses: Sequence[Course]) -> str:
    """What speaks for each, in figures only: which one is better, nobody but the follower knows."""
    told = [
        shop.say("compare.merits", name=_name(shop, turn, course), merits="、".join(merits))
        for course in courses
        if (merits := _merits(shop, course, courses))
    ]
    return shop.say("compare.difference", told="；".join(told)) if told else shop.say("compare.same")


def _merits(shop: Shop, course: Course, courses: Sequence[Course]) -> list[str]:
    """Where this one is ahead of all the others: price, level, length."""
    told: list[str] = []
    others = [other for other in courses if other is not course]
    less = min(other.price_fen for other in others) - course.price_fen
    if less > 0:
        told.append(shop.say("compare.cheaper", yuan=yuan(less)))
    if all(LEVELS.index(course.level) < LEVELS.index(other.level) for other in others):
        told.append(shop.say("compare.easier"))
    if course.minutes and all(course.minutes < _SHORTER * other.minutes for other in others):
        told.append(shop.say("compare.shorter"))
    return told


def _name(shop: Shop, turn: Turn, course: Course) -> str:
    """By its number in the list; one that stands there no more by its title."""
    number = _number(turn, course)
    if number is None:
        return shop.say("compare.titled", title=course.title)
    return shop.say("compare.numbered", number=number)


def _number(turn: Turn, course: Course) -> int | None:
    """Its number on the page that was shown last."""
    shown = ((number, turn.listed(number)) for number in range(1, listing.PAGE + 1))
    return next((number for number, each in shown if each and each.id == course.id), None)


def _taps(turn: Turn, courses: Sequence[Course]) -> str:
    numbered = [(number, course) for course in courses if (number := _number(turn, course))]
    return "、".join(listing.tap_course(f"{number}", course.id) for number, course in numbered)
