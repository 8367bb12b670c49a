"""Messages that follow a payment: outbox parcels, put into words and sent as customer-service messages."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Protocol

from bot.reply import link, tap
from handlers.gifts import forward_text
from handlers.next_lesson import next_lesson
from handlers.opening import after_paying
from handlers.owning import owns
from handlers.price import price_text, yuan
from handlers.shop import Shop
from infra.outbox import Handler, Parcel, Ready, Undeliverable


class SendText(Protocol):
    """Sends a text; under one key ``once``, however often it is asked."""

    def __call__(self, openid: str, text: str, *, once: str) -> None: ...


def handlers(shop: Shop, send_text: SendText) -> dict[str, Handler]:
    """What the worker hands parcels to, by topic."""

    def pushing(text_of: Callable[[Shop, Parcel], str]) -> Handler:
        def push(parcel: Parcel) -> None:
            openid = _openid(parcel)
            if not shop.members.is_subscribed(openid):
                raise Undeliverable("the follower has left; the page shows the same")
            # A worker that was killed after sending leaves the parcel to the next one.
            send_text(openid, text_of(shop, parcel), once=parcel.key)

        return push

    return {topic: pushing(text_of) for topic, text_of in TEXTS.items()}


def ready(reachable: Callable[[Collection[str]], set[str]]) -> Ready:
    """Which of the parcels that wait for their followers can go now; ``reachable`` knows the followers."""

    def can_go(parcels: Sequence[Parcel]) -> list[Parcel]:
        there = reachable({_openid(parcel) for parcel in parcels})
        return [parcel for parcel in parcels if _openid(parcel) in there]

    return can_go


def receipt(shop: Shop, parcel: Parcel) -> str:
    """The receipt, with the link that goes straight to where the follower reads on."""
    paid = parcel.payload
    openid, item_id = str(paid["openid"]), str(paid["item_id"])
    return shop.say(
        "receipt.paid",
        title=paid["title"],
        price=price_text(shop.say, int(paid["total_fen"])),
        order_no=paid["order_no"],
        link=link(_start_url(shop, openid, item_id), shop.say("receipt.start_label")),
        opening=_opening(shop, openid, item_id),
    )


def refunded(shop: Shop, parcel: Parcel) -> str:
    """The money is back, on the gateway's word."""
    about = parcel.payload
    price = price_text(shop.say, int(about["fen"]))
    return shop.say("receipt.refunded", title=about["title"], price=price, order_no=about["order_no"])


def alert(shop: Shop, parcel: Parcel) -> str:
    """What is new at the till, for its operator."""
    lines = [_line(shop, one) for one in parcel.payload["news"]]
    if parcel.payload["more"]:
        lines.append(
            shop.say("alert.more", count=parcel.payload["more"], command=f"{_MANAGE}orders list --care")
        )
    return "\n\n".join([shop.say("alert.head"), *lines])


def _line(shop: Shop, one: dict[str, Any]) -> str:
    figure = int(one["figure"])
    key, command = ALERTS[one["word"]]
    words = {"about": one["about"], "figure": figure, "yuan": yuan(figure)}
    matter = shop.say(key, **words, command=_MANAGE + command.format(about=one["about"]))
    return matter if one["what"] == "begins" else shop.say(_STANDS[one["what"]], matter=matter)


def open_again(shop: Shop, parcel: Parcel) -> str:
    """A refund has failed: what was closed meanwhile is open."""
    about = parcel.payload
    if about["is_gift"]:
        return shop.say("going_back.open_again_gift", title=about["title"])
    return shop.say(
        "going_back.open_again", title=about["title"], order_no=about["order_no"], person=tap("人工", "人工")
    )


def gift_bought(shop: Shop, parcel: Parcel) -> str:
    """The receipt of a gift: its code, in words to be handed on. It is looked up: no parcel holds a code."""
    order_no = str(parcel.payload["order_no"])
    order, gift = shop.till.get(order_no), shop.till.gift_of(order_no)
    if order is None or gift is None or gift.status == "void":
        raise Undeliverable("the gift is refunded already")
    return shop.say(
        "gift.bought",
        title=order.title,
        price=price_text(shop.say, order.total_fen),
        order_no=order_no,
        forward=forward_text(shop, order, gift),
    )


def gift_redeemed(shop: Shop, parcel: Parcel) -> str:
    return shop.say("gift.told_buyer", title=parcel.payload["title"], order_no=parcel.payload["order_no"])


def gift_received(shop: Shop, parcel: Parcel) -> str:
    about = parcel.payload
    openid, item_id = str(about["openid"]), str(about["item_id"])
    return shop.say(
        "gift.told_redeemer",
        title=about["title"],
        link=link(_start_url(shop, openid, item_id), shop.say("receipt.start_label")),
        opening=_opening(shop, openid, item_id),
    )


def gift_ended(shop: Shop, parcel: Parcel) -> str:
    """To who redeemed it: its buyer's money is back. Nothing is said to who can read it all the same."""
    openid, course = _openid(parcel), shop.shelf.catalogue().by_id(str(parcel.payload["item_id"]))
    if course is not None and owns(shop, openid, course):
        raise Undeliverable("it is open to the follower by other means")
    title = str(parcel.payload["title"])
    return shop.say("gift.ended", title=title, course=tap(title, title))


def _openid(parcel: Parcel) -> str:
    return str(parcel.payload["openid"])


def _opening(shop: Shop, openid: str, course_id: str) -> str:
    """A paragraph of its own between the link and what follows; an empty line when all is open."""
    told = after_paying(shop, openid, shop.shelf.catalogue().by_id(course_id))
    return f"\n{told}\n" if told else ""


def _start_url(shop: Shop, openid: str, course_id: str) -> str:
    course = shop.shelf.catalogue().by_id(course_id)
    if course is None:
        return f"{shop.base_url}/me"
    lesson = next_lesson(shop, openid, course)
    return shop.lesson_url(course.slug, lesson.slug) if lesson else shop.course_url(course.slug)


# By the words of `payments.alerts.KINDS`: the sentence, and the command that shows more.
ALERTS = {
    "unopened": ("alert.unopened", "orders show {about}"),
    "surplus": ("alert.surplus", "orders show {about}"),
    "difference": ("alert.difference", "reconcile --date {about}"),
    "unread": ("alert.unread", "reconcile --date {about}"),
    "refused": ("alert.refused", "orders list --care"),
    "overdue": ("alert.overdue", "worker"),
    "verification": ("alert.verification", "doctor"),
}
_MANAGE = "python manage.py "
_STANDS = {"stands": "alert.stands", "over": "alert.over"}

TEXTS: dict[str, Callable[[Shop, Parcel], str]] = {
    "receipt": receipt,
    "refund": refunded,
    "open_again": open_again,
    "alert": alert,
    "gift_bought": gift_bought,
    "gift_redeemed": gift_redeemed,
    "gift_received": gift_received,
    "gift_ended": gift_ended,
}
