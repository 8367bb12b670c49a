"""The colours of code, made by the highlighter for the very classes that it writes."""

from __future__ import annotations

from functools import cache
from hashlib import sha256

from content.highlight import highlight_css
from handlers.web.base import Page

_DAY_S = 86_400


@cache
def sheet() -> str:
    return highlight_css()


@cache
def address() -> str:
    """With a digest, so that a changed sheet has a new address and may be kept for long."""
    return f"/highlight.css?v={sha256(sheet().encode()).hexdigest()[:12]}"


class HighlightHandler(Page):
    name = "highlight"

    async def get(self) -> None:
        self.set_header("Content-Type", "text/css; charset=utf-8")
        self.set_header("Cache-Control", f"public, max-age={30 * _DAY_S}")
        self.finish(sheet())
