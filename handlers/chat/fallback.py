"""Whatever nobody before could answer."""

from __future__ import annotations

from handlers.chat.turn import Turn
from handlers.shop import Shop


def off_topic(shop: Shop, turn: Turn) -> str | None:
    """An honest answer instead of a random course; the creator sees what was asked."""
    shop.members.record(turn.openid, "unanswered", {"text": turn.text, "shown": []})
    return shop.say("fallback.off_topic")
