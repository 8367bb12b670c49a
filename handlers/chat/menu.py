"""The custom menu: each key leads to the answer that its words would get."""

from __future__ import annotations

from collections.abc import Callable

from handlers.chat import mine, orders, recommend, resume, small_talk
from handlers.chat.turn import Turn
from handlers.shop import Shop

KEYS: dict[str, Callable[[Shop, Turn], str]] = {
    "RECOMMEND": recommend.show,
    "MY_COURSES": mine.show,
    "MY_ORDERS": orders.show,
    "RESUME": resume.show,
    "HELP": small_talk.show_help,
}


def answer(shop: Shop, turn: Turn) -> str | None:
    """A key that is none of ours (an old menu on somebody's phone) gets the help."""
    key = str(getattr(turn.message, "key", None) or "")
    return KEYS.get(key, small_talk.show_help)(shop, turn)
