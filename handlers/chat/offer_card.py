"""A bundle or a membership in a message: one line of a list, the whole card, and where courses name it."""

from __future__ import annotations

from bot.reply import link, tap
from content.course import Course
from handlers import going_back
from handlers.buying import NotOpen
from handlers.chat.turn import Turn
from handlers.offers import last_day_text, note_text, state_of, what_text
from handlers.price import price_text
from handlers.shop import Shop
from handlers.terms import access_text, refund_text

MAX_COURSES = 8
MAX_NAMED = 2  # offers that a course's card names


def item(shop: Shop, number: int, offer: Course) -> str:
    """A line of a list."""
    price = price_text(shop.say, offer.price_fen, offer.price_original_fen)
    what = what_text(shop, offer)
    return shop.say(
        "offers.item", number=number, title=offer.title, price=price, what=what, summary=offer.summary
    )


def card(shop: Shop, turn: Turn, offer: Course) -> str:
    """What it holds, what of that the follower has, and how to buy."""
    turn.session.chosen = offer.id
    return shop.say(
        "offers.card",
        title=offer.title,
        summary=offer.summary,
        price=price_text(shop.say, offer.price_fen, offer.price_original_fen),
        what=what_text(shop, offer),
        courses=_courses(shop, turn, offer),
        page=link(shop.course_url(offer.slug), shop.say("offers.page_label")),
        next_step=_next_step(shop, turn, offer),
    )


def included_in(shop: Shop, turn: Turn, course: Course) -> str:
    """「也包含在…里」, for a course's card; empty when no offer has it."""
    offers = turn.catalogue.offers_with(course)[:MAX_NAMED]
    if not offers or not shop.selling:
        return ""
    links = "、".join(link(shop.course_url(offer.slug), offer.title) for offer in offers)
    return "\n" + shop.say("offers.included_in", offers=links)


def _courses(shop: Shop, turn: Turn, offer: Course) -> str:
    courses = turn.catalogue.contents_of(offer)
    lines = [_line(shop, turn, course) for course in courses[:MAX_COURSES]]
    if len(courses) > MAX_COURSES:
        lines.append(shop.say("offers.courses_left", count=len(courses) - MAX_COURSES))
    return "\n".join(lines)


def _line(shop: Shop, turn: Turn, course: Course) -> str:
    mark = shop.say("offers.owned_mark") if turn.seems_owned.opens(course) else ""
    return shop.say("offers.course_line", title=course.title, mark=mark)


def _next_step(shop: Shop, turn: Turn, offer: Course) -> str:
    state = state_of(shop, turn.openid, offer)
    if state.nothing_new:
        until = state.until
        if until is not None:
            return shop.say("offers.runs", day=last_day_text(shop, until))
        return shop.say("offers.all_owned")
    back = going_back.look(shop, turn.openid, turn.owned, offer)
    if back.itself:
        return back.note
    if not shop.selling:
        return shop.say(NotOpen.say)
    words = f"购买 {offer.title}"
    hint = shop.say(
        "course.buy_hint",
        buy=tap(words, words),
        access=access_text(shop.say, offer.access),
        refund=refund_text(shop.say, offer.refund),
    )
    note = note_text(shop, turn.openid, offer)
    return f"{note}\n{hint}" if note else hint
