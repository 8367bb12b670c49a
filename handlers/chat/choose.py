"""``1``, ``第2个``: a course of the last list."""

from __future__ import annotations

from bot.reply import link
from content.course import Course
from handlers import going_back
from handlers.buying import NotOpen
from handlers.chat import listing, offer_card
from handlers.chat.turn import Turn
from handlers.price import price_text
from handlers.shop import Shop
from handlers.terms import access_and_pace, refund_text

MAX_LESSONS = 8


def answer(shop: Shop, turn: Turn) -> str | None:
    """The course with that number: what it is about, its lessons, a free one, how to buy."""
    if not turn.means("choose") or turn.reading.number is None:
        return None
    number = turn.reading.number
    course = listing.tapped(turn)
    if course is None:
        problem = out_of_reach(shop, turn, number)
        if problem:
            return problem
        course = turn.listed(number)
    if course is None or not (course.listed or turn.seems_owned.opens(course)):
        return shop.say("course.gone")
    turn.session.chosen = course.id
    shop.members.record(turn.openid, "choose", {"course": course.id})
    if course.is_offer:
        return offer_card.card(shop, turn, course)
    return card(shop, turn, course, f"买 {number}")


def out_of_reach(shop: Shop, turn: Turn, number: int) -> str | None:
    """What to say to a number that points at nothing; None when it points at a course."""
    ids, offset = turn.session.listing.ids, turn.session.listing.offset
    if not ids:
        return shop.say("list.no_list")
    # Only what was shown: nobody should order a course by a number that stood beside nothing.
    shown = min(len(ids) - offset, listing.PAGE)
    if not 1 <= number <= shown:
        return shop.say("list.only_one") if shown == 1 else shop.say("list.out_of_range", count=shown)
    return None


def card(shop: Shop, turn: Turn, course: Course, buy_words: str) -> str:
    """Everything that one wants to know before buying, in one message."""
    say = shop.say
    return say(
        "course.card",
        title=course.title,
        summary=course.summary,
        price=price_text(say, course.price_fen, course.price_original_fen),
        level=say(f"level.{course.level}"),
        teacher=say("course.by_teacher", teacher=course.teacher) if course.teacher else "",
        count=len(course.lessons),
        outline=_outline(shop, course),
        trial=_trial(shop, course),
        page=say("course.page", link=link(shop.course_url(course.slug), say("course.page_label"))),
        next_step=_next_step(shop, turn, course, buy_words),
    )


def _outline(shop: Shop, course: Course) -> str:
    lines = [
        shop.say(
            "course.lesson_line",
            title=lesson.title,
            free=shop.say("course.lesson_free") if lesson.free and course.price_fen else "",
        )
        for lesson in course.lessons[:MAX_LESSONS]
    ]
    left = len(course.lessons) - MAX_LESSONS
    if left > 0:
        lines.append(shop.say("course.lessons_left", count=left))
    return "\n".join(lines)


def _trial(shop: Shop, course: Course) -> str:
    lesson = course.to_try(shop.clock.now())
    if lesson is None:
        return shop.say("course.no_trial")
    return shop.say("course.trial", link=link(shop.lesson_url(course.slug, lesson.slug), lesson.title))


def _next_step(shop: Shop, turn: Turn, course: Course, buy_words: str) -> str:
    if turn.seems_owned.opens(course):
        label = shop.say("receipt.start_label")
        return shop.say("course.owned_hint", link=link(shop.course_url(course.slug), label))
    back = going_back.look(shop, turn.openid, turn.seems_owned, course)
    if back.itself:
        return back.note
    buy = listing.tap_course(buy_words, course.id)
    access = access_and_pace(shop.say, course)
    if not course.price_fen:
        return shop.say("course.get_hint", buy=buy, access=access)
    if not shop.selling:
        return shop.say(NotOpen.say)
    hint = shop.say("course.buy_hint", buy=buy, access=access, refund=refund_text(shop.say, course.refund))
    return hint + offer_card.included_in(shop, turn, course)
