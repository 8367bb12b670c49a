"""What a spreadsheet does with a CSV that it opens."""

from __future__ import annotations

BOM = "\ufeff"  # or it takes the text for another encoding
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def plain(cell: str) -> str:
    """A cell that would be computed is made a plain text: followers write what stands in some of them."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
