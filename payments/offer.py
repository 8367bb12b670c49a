"""What is sold, as the till sees it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Offer:
    """One thing at today's price. Whatever stands here is frozen in the order.

    ``access``: ``forever``, ``365d`` or a last day ``2027-12-31``. ``refund``: ``none`` or ``7d``.
    ``contents``: the ``(kind, id)`` of each thing that it opens; empty for the item itself.
    """

    item_id: str
    title: str
    price_fen: int
    access: str = "forever"
    refund: str = "none"
    item_kind: str = "course"
    contents: tuple[tuple[str, str], ...] = ()

    @property
    def opens(self) -> tuple[tuple[str, str], ...]:
        return self.contents or ((self.item_kind, self.item_id),)
