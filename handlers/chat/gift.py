"""``送 2``, ``兑换 CODE``, a bare code: a course for somebody else."""

from __future__ import annotations

import re

from bot.reply import link, tap
from content.course import Course
from handlers import gifts
from handlers.buying import NotOnSale, NotOpen
from handlers.buying import buy as order_of
from handlers.chat import choose, listing
from handlers.chat.orders import pay_link
from handlers.chat.turn import Turn
from handlers.gifts import TooManyTries
from handlers.price import price_text
from handlers.shop import Shop
from payments.errors import AlreadyOwned, GiftNotFound, GiftUsed, GiftVoid, TermOver
from payments.gift import code_in
from payments.order import Order

_GIVE = r"我?(?:想|要)?(?:把)?(?:赠送|送)(?:一份|一个|一门)?"
_BY_NUMBER = re.compile(rf"{_GIVE}\s*第?\s*(\d{{1,2}})\s*[门个号]?(?:给朋友)?")
_BY_NAME = re.compile(rf"{_GIVE}\s*《?(?P<name>[^《》]{{2,60}}?)》?(?:给朋友)?")
_THIS = re.compile(rf"{_GIVE}(?:这个|这门|它|这门课|那门|那个)?(?:给?(?:朋友|别人|同学|人|家人|同事))?")
_REDEEM = re.compile(
    r"(?:我要|我想)?(?:兑换|领取礼物)(?:码|礼物|课程)?\s*[:：]?\s*(?P<code>[0-9A-Za-z \-–—]*)"
)
# In a message that was handed on as it is; alone it needs a digit, or it might be a word.
_INSIDE = re.compile(r"(?<![0-9A-Za-z-])[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}(?![0-9A-Za-z-])")
_BARE = re.compile(r"(?=.*[2-7])(?=.*[A-Za-z])[A-Za-z2-7]{4}(?:[ -]?[A-Za-z2-7]{4}){3}")


def redeem(shop: Shop, turn: Turn) -> str | None:
    """``兑换`` alone tells how."""
    asked = _REDEEM.fullmatch(turn.text)
    inside = _INSIDE.search(turn.text)
    code = inside[0] if inside else turn.text if _BARE.fullmatch(turn.text) else ""
    if not code and asked is None:
        return None
    code = code or (asked["code"].strip() if asked else "")
    return _redeem(shop, turn, code) if code else shop.say("gift.how_to_redeem")


def give(shop: Shop, turn: Turn) -> str | None:
    """By number, by name, or what was looked at last; a question about giving is answered elsewhere."""
    number = _BY_NUMBER.fullmatch(turn.text)
    if number:
        return _by_number(shop, turn, int(number[1]))
    named = _BY_NAME.fullmatch(turn.text)
    course = _called(turn, named["name"]) if named else None
    if course is None and _THIS.fullmatch(turn.text) and turn.session.chosen:
        course = turn.catalogue.by_id(turn.session.chosen)
    return sell(shop, turn, course) if course else None


def sell(shop: Shop, turn: Turn, course: Course) -> str:
    """The order of a gift, as a message."""
    turn.session.chosen = course.id
    if not course.price_fen:
        page = link(shop.course_url(course.slug), course.title)
        return shop.say("gift.is_free", link=page)
    try:
        order = order_of(shop, turn.openid, course, is_gift=True)
    except (NotOnSale, NotOpen) as refusal:
        return shop.say(refusal.say)
    price = price_text(shop.say, order.total_fen)
    return shop.say("gift.order", title=order.title, price=price, link=pay_link(shop, order))


def told(shop: Shop, order: Order) -> str:
    """How the code of a paid order stands, for its buyer."""
    gift = shop.till.gift_of(order.order_no)
    if gift is None or gift.status == "void":
        return shop.say("gift.void")
    if gift.status == "redeemed":
        return shop.say("gift.taken")
    return gifts.forward_text(shop, order, gift)


def _by_number(shop: Shop, turn: Turn, number: int) -> str:
    problem = choose.out_of_reach(shop, turn, number)
    if problem:
        return problem
    course = turn.listed(number)
    return sell(shop, turn, course) if course else shop.say("course.gone")


def _called(turn: Turn, name: str) -> Course | None:
    """The one with exactly this title: money is at stake."""
    wanted = listing.plain(name)
    sold = (*turn.catalogue.courses, *turn.catalogue.offers)
    exact = [course for course in sold if listing.plain(course.title) == wanted]
    return exact[0] if len(exact) == 1 else None


def _redeem(shop: Shop, turn: Turn, code: str) -> str:
    if not code_in(code):
        return shop.say(GiftNotFound.say)
    try:
        order = gifts.redeem(shop, turn.openid, code)
    except AlreadyOwned:
        return shop.say("gift.owned")
    except (GiftNotFound, GiftUsed, GiftVoid, TermOver, TooManyTries) as refusal:
        return shop.say(refusal.say)
    return shop.say("gift.redeemed", title=order.title, mine=tap("我的课程", "我的课程"))
