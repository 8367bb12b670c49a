"""The colours of code, made by the highlighter for the very classes that it writes."""

from __future__ import annotations

import re
from functools import cache
from hashlib import sha256

from content.highlight import highlight_css
from handlers.web.base import Page

_DAY_S = 86_400


_BY_NIGHT = re.compile(r"@media \(prefers-color-scheme: dark\) \{\n(.*?)\n\}\n", re.DOTALL)
_RULE = re.compile(r"^ *(?=[^\s/].*\{)", re.MULTILINE)


@cache
def sheet() -> str:
    return switched(highlight_css())


def switched(css: str) -> str:
    """Rules for the night that follow the page's own switch, and the system where nothing was chosen.

    ``css`` has them in ``@media (prefers-color-scheme: dark)``, one rule a line.
    """

    def both(found: re.Match[str]) -> str:
        by_system = _RULE.sub(':root:not([data-theme="light"]) ', found[1])
        chosen = _RULE.sub(':root[data-theme="dark"] ', found[1])
        return f"@media (prefers-color-scheme: dark) {{\n{by_system}\n}}\n{chosen}\n"

    return _BY_NIGHT.sub(both, css)


@cache
def address() -> str:
    """With a digest, so that a changed sheet has a new address and may be kept for long."""
    return f"/highlight.css?v={sha256(sheet().encode()).hexdigest()[:12]}"


class HighlightHandler(Page):
    name = "highlight"

    async def get(self) -> None:
        self.set_header("Content-Type", "text/css; charset=utf-8")
        self.set_header("Cache-Control", f"public, max-age={365 * _DAY_S}, immutable")
        self.finish(sheet())
