"""Numbered courses in a reply: how each list looks, and what the next message's numbers mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from bot.conversation import Listing
from bot.reply import tap
from content.course import Course
from handlers import found_lists, going_back
from handlers.chat import offer_card, paging
from handlers.chat.turn import Turn
from handlers.price import price_text
from handlers.sentences import Sentences
from handlers.shop import Shop

PAGE = found_lists.PAGE
LONGEST_WISH = 24  # characters of a wish that is said in one of a few ways
_COURSE = "course:"  # begins the id of a tap that means a course


def show(
    shop: Shop,
    turn: Turn,
    courses: Sequence[Course],
    *,
    query: str,
    reasons: Mapping[str, str],
    opening: str,
) -> str:
    """The first page of a new list; from now on numbers mean this list."""
    remember(turn, courses, query)
    return told(shop, turn, courses, reasons=reasons, opening=opening)


def told(
    shop: Shop, turn: Turn, courses: Sequence[Course], *, reasons: Mapping[str, str], opening: str
) -> str:
    """The first page as a message; what numbers mean is not touched."""
    return shop.say(
        "list.found",
        opening=opening,
        courses=items(shop, turn, courses[:PAGE], reasons),
        how_to_go_on=how_to_go_on(shop, courses[:PAGE], has_more=len(courses) > PAGE),
    )


def remember(turn: Turn, courses: Sequence[Course], query: str) -> None:
    """From now on the follower's numbers mean these courses, ``更多`` the ones after the first page."""
    mean(turn, tuple(course.id for course in courses), query)


def mean(turn: Turn, ids: tuple[str, ...], query: str) -> None:
    """`remember`, by the courses' ids."""
    paging.forget(turn)
    turn.session.listing = Listing(ids, 0, query)
    turn.session.chosen = ""  # 「多少钱」 and 「买这个」 mean nothing of an older list any more


def items(shop: Shop, turn: Turn, courses: Sequence[Course], reasons: Mapping[str, str]) -> str:
    """The numbered lines themselves, from 1."""
    return "\n\n".join(
        item(shop, turn, number, course, reasons.get(course.id, ""))
        for number, course in enumerate(courses, 1)
    )


def item(shop: Shop, turn: Turn, number: int, course: Course, reason: str) -> str:
    if course.is_offer:
        return offer_card.item(shop, number, course)
    price = price_text(shop.say, course.price_fen, course.price_original_fen)
    if turn.seems_owned.opens(course):
        price = shop.say("list.owned_mark")
    elif going_back.look(shop, turn.openid, turn.seems_owned, course).itself:
        price = shop.say("going_back.mark")
    return _item(
        shop.say, number, course.title, price=price, level=course.level, reason=reason or course.summary
    )


@lru_cache(maxsize=4096)
def _item(say: Sentences, number: int, title: str, *, price: str, level: str, reason: str) -> str:
    return say(
        "list.item", number=number, title=title, price=price, level=say(f"level.{level}"), reason=reason
    )


def how_to_go_on(shop: Shop, shown: Sequence[Course], *, has_more: bool) -> str:
    """「回复 1、2、3 看详情，「买 1」直接下单…」, each part a tap."""
    return _how_to_go_on(shop.say, tuple(course.id for course in shown), has_more, shop.selling)


@lru_cache(maxsize=4096)
def _how_to_go_on(say: Sentences, shown: tuple[str, ...], has_more: bool, selling: bool) -> str:
    taps = "、".join(tap_course(f"{number}", course) for number, course in enumerate(shown, 1))
    more = say("list.more_hint", more=tap("更多", "更多")) if has_more else ""
    if not selling:
        return say("list.how_to_look_on", taps=taps, more=more)
    return say("list.how_to_go_on", taps=taps, buy=tap_course("买 1", shown[0]), more=more)


def plain(title: str) -> str:
    """A title as it is compared with what was typed."""
    return "".join(title.casefold().split()).strip("《》「」\"'")


def tap_course(words: str, course_id: str) -> str:
    """A tap that means this course for ever: a message is tapped when others have come after it, too."""
    return tap(words, words, tap_id=_COURSE + course_id)


def tapped(turn: Turn) -> Course | None:
    """The course that stood beside what was tapped; None for what was typed."""
    tap_id = str(getattr(turn.message, "tap_id", ""))
    return turn.catalogue.by_id(tap_id.removeprefix(_COURSE)) if tap_id.startswith(_COURSE) else None
