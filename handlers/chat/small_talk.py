"""``帮助``, a greeting, thanks, and the wish for a person."""

from __future__ import annotations

from handlers.chat.turn import Turn
from handlers.shop import Shop

_SENTENCES = {
    "help": "help.text",
    "greeting": "small_talk.greeting",
    "thanks": "small_talk.thanks",
    "human": "small_talk.human",
}


def answer(shop: Shop, turn: Turn) -> str | None:
    key = _SENTENCES.get(turn.reading.intent) if turn.text else None
    return shop.say(key) if key else None


def show_help(shop: Shop, turn: Turn) -> str:
    return shop.say("help.text")
