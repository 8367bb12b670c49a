"""``买 2``, ``购买 <课程名>``: an order at today's price and its pay link."""

from __future__ import annotations

from collections.abc import Sequence

from bot.reply import link
from content.course import Course
from handlers.buying import NotOnSale, NotOpen, buy
from handlers.chat import choose, listing
from handlers.chat.turn import Turn
from handlers.offers import note_text
from handlers.opening import before_paying
from handlers.price import price_text
from handlers.shop import Shop
from payments.errors import AlreadyOwned, RefundUnderWay
from payments.order import Order


def answer(shop: Shop, turn: Turn) -> str | None:
    """Buys by number, by name, or what was looked at last."""
    if not turn.means("buy"):
        return None
    tapped = listing.tapped(turn)
    if tapped is not None:
        return sell(shop, turn, tapped)
    if turn.reading.number is not None:
        return _by_number(shop, turn, turn.reading.number)
    if turn.reading.name:
        return _by_name(shop, turn, turn.reading.name)
    course = turn.catalogue.by_id(turn.session.chosen) if turn.session.chosen else None
    return sell(shop, turn, course) if course else shop.say("buy.which")


def sell(shop: Shop, turn: Turn, course: Course) -> str:
    """The order of one course, as a message."""
    turn.session.chosen = course.id
    note = note_text(shop, turn.openid, course)  # before: a free course is open after it
    try:
        order = buy(shop, turn.openid, course)
    except AlreadyOwned:
        key = "offers.already_owned" if course.is_offer else "buy.already_owned"
        return shop.say(key, link=_start(shop, course))
    except (NotOnSale, NotOpen, RefundUnderWay) as refusal:
        return shop.say(refusal.say)
    if order.is_paid:
        return _opened(shop, course)
    told = _to_pay(shop, order, before_paying(shop, turn.openid, course))
    return f"{told}\n\n{note}" if note else told


def _by_number(shop: Shop, turn: Turn, number: int) -> str:
    problem = choose.out_of_reach(shop, turn, number)
    if problem:
        return problem
    course = turn.listed(number)
    return sell(shop, turn, course) if course else shop.say("course.gone")


def _by_name(shop: Shop, turn: Turn, name: str) -> str:
    """An exact title is bought at once; anything less is shown first, because money is at stake."""
    wanted = listing.plain(name)
    sold = (*turn.catalogue.courses, *turn.catalogue.offers)
    exact = [course for course in sold if listing.plain(course.title) == wanted]
    if len(exact) == 1:
        return sell(shop, turn, exact[0])
    containing = [course for course in sold if wanted in listing.plain(course.title)]
    if len(containing) == 1:
        return sell(shop, turn, containing[0])
    alike = turn.librarian.called(name) or turn.librarian.search(name, limit=listing.PAGE).hits
    found = [turn.catalogue.by_id(hit.id) for hit in alike]
    courses = containing or [course for course in found if course is not None]
    if not courses:
        shop.members.record(turn.openid, "unanswered", {"text": turn.text, "shown": []})
        return shop.say("fallback.nothing", query=name)
    return _unsure(shop, turn, courses, name)


def _unsure(shop: Shop, turn: Turn, courses: Sequence[Course], name: str) -> str:
    """A list like any other, under a question."""
    listing.remember(turn, courses, name)
    shown = courses[: listing.PAGE]
    return shop.say(
        "buy.unsure",
        name=name,
        courses=listing.items(shop, turn, shown, {}),
        how_to_go_on=listing.how_to_go_on(shop, shown, has_more=len(courses) > listing.PAGE),
    )


def _to_pay(shop: Shop, order: Order, opening: str) -> str:
    return shop.say(
        "buy.order",
        title=order.title,
        price=price_text(shop.say, order.total_fen),
        link=link(shop.pay_url(order.order_no), shop.say("buy.pay_label")),
        opening=opening,
    )


def _opened(shop: Shop, course: Course) -> str:
    return shop.say("buy.free_opened", title=course.title, link=_start(shop, course))


def _start(shop: Shop, course: Course) -> str:
    if not course.lessons:
        return link(shop.course_url(course.slug), shop.say("course.page_label"))
    return link(shop.lesson_url(course.slug, course.lessons[0].slug), shop.say("buy.start_label"))
