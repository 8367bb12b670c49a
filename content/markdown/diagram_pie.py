"""A pie chart for a telephone: its legend goes below the pie, and the box holds all of it.

The drawing library puts the legend beside the pie, where a telephone's screen has ended, into a box that cuts
the lowest share off.
"""

from __future__ import annotations

from collections.abc import Callable
from xml.etree.ElementTree import Element

LEGEND, _LETTERS_PX = "pie-legend", 14.0
_DX, _DY = -340.0, 380.0  # from beside the pie to below it
_WIDTH, _MARGIN = 400.0, 12.0

Measure = Callable[[str, float], tuple[float, float]]


def with_legend_below(root: Element, measure: Measure) -> None:
    """Moves the legend and fits the box, in place."""
    right, bottom = _WIDTH, 0.0
    for element in root.iter():
        if element.get("class") != LEGEND:
            continue
        x, y = float(element.get("x", "0")) + _DX, float(element.get("y", "0")) + _DY
        element.set("x", f"{x:g}")
        element.set("y", f"{y:g}")
        width = measure("".join(element.itertext()), _LETTERS_PX)[0]
        right, bottom = max(right, x + width + _MARGIN), max(bottom, y + _MARGIN)
    if bottom:
        root.set("viewBox", f"0 0 {right:g} {bottom:g}")
