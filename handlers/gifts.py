"""Gift codes, the same in the chat and on the pages: shown, looked at, redeemed; and no place to guess."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.shop import Shop
from infra.errors import Conflict
from payments.errors import GiftNotFound
from payments.gift import Gift
from payments.order import Order

MOST_TRIES = 20  # within an hour, of one follower: right or wrong, they are the same to whoever guesses
TRIES_S = 3600.0
_GROUP = 4


class TooManyTries(Conflict):
    """This follower tries code after code."""

    say = "gift.too_many"


@dataclass(frozen=True)
class Present:
    """A gift and the order that bought it."""

    gift: Gift
    order: Order


def look(shop: Shop, openid: str, code: str) -> Present:
    """What a code is for. Raises GiftNotFound or TooManyTries."""
    _count(shop, openid)
    gift = shop.till.gift(code)
    order = shop.till.get(gift.order_no) if gift else None
    if gift is None or order is None:
        raise GiftNotFound("no such gift code")
    return Present(gift, order)


def redeem(shop: Shop, openid: str, code: str) -> Order:
    """Raises TooManyTries, or what `payments.till.Till.redeem` raises."""
    _count(shop, openid)
    tags = {course.id: course.tags for course in shop.shelf.catalogue().opened_together}
    order = shop.till.redeem(openid, code, tags)
    shop.members.record(openid, "redeem", {"order_no": order.order_no, "item": order.item_id})
    shop.nudge()  # both are told by the outbox
    return order


def shown(code: str) -> str:
    """``ABCD-EFGH-IJKL-MNOP``, as it is read and copied."""
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def forward_text(shop: Shop, order: Order, gift: Gift) -> str:
    """A message that the buyer hands on as it is."""
    code = shown(gift.code)
    return shop.say("gift.forward", title=order.title, code=code, url=shop.gift_url(gift.code))


def _count(shop: Shop, openid: str) -> None:
    if shop.count(f"gift:tries:{openid}", TRIES_S) > MOST_TRIES:
        raise TooManyTries("too many gift codes tried")
