"""What is sent instead of words: each kind gets a sentence that leads on."""

from __future__ import annotations

from bot.message import inside
from bot.reply import tap
from handlers.chat import question
from handlers.chat.turn import Turn
from handlers.shop import Shop

_NOT_OPENED, _HELP = "我付了没开通", "帮助"


def picture(shop: Shop, turn: Turn) -> str | None:
    """Mostly a question on paper, or the screenshot of a payment."""
    return shop.say("media.picture", not_opened=tap(_NOT_OPENED, _NOT_OPENED))


def unheard(shop: Shop, turn: Turn) -> str | None:
    """A voice message of which WeChat heard no words; with words it is like any text."""
    return None if turn.text else shop.say("media.voice")


def video(shop: Shop, turn: Turn) -> str | None:
    return shop.say("media.video")


def place(shop: Shop, turn: Turn) -> str | None:
    """Where somebody is says nothing about what they want to learn, and is not kept."""
    return shop.say("media.place")


def shared_link(shop: Shop, turn: Turn) -> str | None:
    """An article or a page: its title is a question when courses fit it. The page itself is never fetched."""
    title = " ".join(inside(turn.message, "Title").split())
    found = question.about(shop, turn.asking(title)) if title else None
    return found or shop.say("media.link")


def scanned_code(shop: Shop, turn: Turn) -> str | None:
    """``scancode_waitmsg``: the follower's phone shows that it waits for an answer."""
    words = " ".join(inside(turn.message, "ScanCodeInfo", "ScanResult").split())
    found = question.about(shop, turn.asking(words)) if words and "://" not in words else None
    return found or shop.say("media.code", help=tap(_HELP, _HELP))


def unknown(shop: Shop, turn: Turn) -> str | None:
    """Messages get a sentence; events that nobody waits for get silence."""
    return None if str(turn.message.type).endswith("_event") else shop.say("media.other")
