"""``有优惠吗``: the truth about prices, and what costs little or nothing."""

from __future__ import annotations

from bot.reply import tap
from handlers.chat.turn import Turn
from handlers.shop import Shop

_FREE, _CHEAP = "有没有免费的课", "100 元以内的课"


def answer(shop: Shop, turn: Turn) -> str | None:
    if not turn.means("discount"):
        return None
    return shop.say("discount.today", free=tap(_FREE, _FREE), cheap=tap(_CHEAP, _CHEAP))
