"""What is told and not looked up: ``帮助``, a greeting, thanks, trouble and anger."""

from __future__ import annotations

from functools import cache

from bot.reply import tap
from handlers.chat.turn import Turn
from handlers.shop import Shop

_SENTENCES = {
    "help": "help.text",
    "who": "small_talk.who",
    "greeting": "small_talk.greeting",
    "thanks": "small_talk.thanks",
    "complaint": "small_talk.complaint",
    "support": "support.text",
}

# What a sentence may offer to tap, by the name it has there: each is answered by one of the other files.
_TAPS = {
    "orders": "我的订单",
    "mine": "我的课程",
    "refund": "退款",
    "not_opened": "我付了没开通",
    "person": "人工",
    "help": "帮助",
}


def crisis(shop: Shop, turn: Turn) -> str | None:
    """Somebody may be in danger. Asked before all others, and nothing of it is kept in the event log."""
    return shop.say("small_talk.crisis") if turn.means("crisis") else None


def answer(shop: Shop, turn: Turn) -> str | None:
    key = _SENTENCES.get(turn.reading.intent) if turn.text else None
    return shop.say(key, **_taps()) if key else None


def show_help(shop: Shop, turn: Turn) -> str:
    return shop.say("help.text", **_taps())


@cache
def _taps() -> dict[str, str]:
    return {name: tap(words, words) for name, words in _TAPS.items()}
