"""Lines over an axis as a small SVG: its texts stay text, so they are drawn by the reader's fonts."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure


@dataclass(frozen=True)
class Line:
    name: str
    x: Sequence[float]
    y: Sequence[float]


def draw(lines: Sequence[Line], path: Path, *, across: str, up: str) -> None:
    """Writes ``path``; upwards by powers of ten. ``across`` and ``up`` name the axes."""
    # The salt: the same figures make the same file.
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "keban"}), warnings.catch_warnings():
        # Glyphs that the font here does not have are only missed in measuring; the texts are short.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure = Figure(figsize=(7, 3.6), layout="constrained")
        axes = figure.subplots()
        for line in lines:
            axes.plot(line.x, line.y, marker="o", label=line.name)
        axes.set(yscale="log", xlabel=across, ylabel=up, xticks=lines[0].x)
        axes.yaxis.set_major_formatter("{x:g}")
        axes.grid(alpha=0.3)
        axes.legend()
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
