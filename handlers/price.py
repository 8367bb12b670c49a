"""Money as a follower reads it."""

from __future__ import annotations

from functools import lru_cache

from handlers.sentences import Sentences


def yuan(fen: int) -> str:
    """``9900`` is ``99``, ``9990`` is ``99.90``: exact, without floats."""
    whole, cents = divmod(fen, 100)
    return f"{whole}.{cents:02d}" if cents else str(whole)


@lru_cache(maxsize=512)
def price_text(say: Sentences, fen: int, original_fen: int | None = None) -> str:
    """``免费``, ``¥99`` or ``¥99（原价 ¥199）``."""
    if original_fen and not fen:
        return say("price.crossed_free", original=yuan(original_fen))
    if original_fen and original_fen > fen:
        return say("price.crossed", yuan=yuan(fen), original=yuan(original_fen))
    return say("price.plain", yuan=yuan(fen)) if fen else say("price.free")
