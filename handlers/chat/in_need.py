"""While the store of the talks is gone: what needs none, and changes nothing.

Nobody can say then whether a message is a repeat, so nothing may be done that must be done once; and nobody
knows what was talked of. A question, a greeting or the help can be answered all the same. Everything else,
above all what is about somebody's own orders and money, gets the apology of `bot.webhook`.
"""

from __future__ import annotations

from collections.abc import Callable

from handlers.chat import (
    discount,
    fallback,
    how_to,
    invoice,
    menu,
    not_opened,
    order_number,
    question,
    recommend,
    small_talk,
)
from handlers.chat.turn import Turn
from handlers.shop import Shop

_MEANT = (
    "ask", "recommend", "about", "discount", "help", "who", "greeting", "thanks", "crisis", "offtopic",
)  # fmt: skip
_ASKED: tuple[Callable[[Shop, Turn], str | None], ...] = (
    small_talk.crisis,
    how_to.answer,
    discount.answer,
    small_talk.answer,
    recommend.answer,
    question.answer,
    fallback.off_topic,
)
_KEYS = ("RECOMMEND", "HELP")


def answer(shop: Shop, turn: Turn) -> str | None:
    """None for what has an effect, or is about the follower's own."""
    if not turn.means(*_MEANT) or _of_an_order(turn.text):
        return None
    return next((reply for ask in _ASKED if (reply := ask(shop, turn))), None)


def tapped(shop: Shop, turn: Turn) -> str | None:
    """The buttons of the menu that tell the same to everybody."""
    key = str(getattr(turn.message, "key", None) or "")
    return menu.KEYS[key](shop, turn) if key in _KEYS else None


def _of_an_order(text: str) -> bool:
    """Sentences that are recognised by their words, whatever else they might mean."""
    return not_opened.complains(text) or invoice.holds_details(text) or bool(order_number.number_in(text))
