"""Whatever nobody before could answer."""

from __future__ import annotations

from bot.reply import tap
from handlers.chat.turn import Turn
from handlers.shop import Shop

_HELP, _PERSON = "帮助", "人工"


def off_topic(shop: Shop, turn: Turn) -> str | None:
    """An honest answer instead of a random course; the creator sees what was asked."""
    shop.members.record(turn.openid, "unanswered", {"text": turn.text, "shown": []})
    return shop.say("fallback.off_topic", help=tap(_HELP, _HELP), person=tap(_PERSON, _PERSON))
