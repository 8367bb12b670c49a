"""What is sold, as the till sees it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Offer:
    """One thing at today's price. Whatever stands here is frozen in the order.

    ``access``: ``forever``, ``365d`` or a last day ``2027-12-31``. ``refund``: ``none``, ``7d`` or
    ``7d <1/3``.
    ``contents``: the ``(kind, id)`` of each thing that it opens; empty for the item itself.
    ``is_gift``: a code is bought, for somebody else to redeem.
    """

    item_id: str
    title: str
    price_fen: int
    access: str = "forever"
    refund: str = "none"
    item_kind: str = "course"
    contents: tuple[tuple[str, str], ...] = ()
    is_gift: bool = False

    @property
    def opens(self) -> tuple[tuple[str, str], ...]:
        return self.contents or ((self.item_kind, self.item_id),)
