"""Whatever nobody before could answer."""

from __future__ import annotations

from handlers.chat.turn import Turn
from handlers.shop import Shop


def off_topic(shop: Shop, turn: Turn) -> str | None:
    """An honest answer instead of a random course; the creator sees what was asked."""
    shop.members.record(turn.openid, "unanswered", {"text": turn.text, "shown": []})
    return shop.say("fallback.off_topic")


def picture(shop: Shop, turn: Turn) -> str | None:
    return shop.say("fallback.picture")


def unheard(shop: Shop, turn: Turn) -> str | None:
    """A voice message of which WeChat heard no words; with words it is like any text."""
    return None if turn.text else shop.say("fallback.voice")


def other(shop: Shop, turn: Turn) -> str | None:
    """Messages get a sentence; events that nobody waits for get silence."""
    return None if str(turn.message.type).endswith("_event") else shop.say("fallback.other")
