"""Markdown to sanitised HTML, and to plain text for the search."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from content.links import Links
from content.markdown.headings import ANCHORS, NO_ANCHORS
from content.markdown.page import KEY, Page
from content.markdown.parser import parser_for
from content.markdown.sanitise import sanitise
from content.markdown.texts import NO_TEXTS, Texts
from content.markdown.words import words
from content.problem import Findings


@dataclass(frozen=True)
class Rendered:
    """``html`` is sanitised; ``text`` is plain, without code blocks; ``scope`` lets a following part of the
    same file use this part's link definitions and keep its heading anchors apart."""

    html: str
    text: str
    scope: dict[str, Any]

    @property
    def link_labels(self) -> set[str]:
        """Labels of the link definitions in this part, upper case."""
        return set(self.scope.get("references", {}))

    @property
    def footnote_labels(self) -> set[str]:
        """Labels of the footnotes that are defined in this part."""
        refs = self.scope.get("footnotes", {}).get("refs", {})
        return {label.removeprefix(":") for label in refs}


@dataclass(frozen=True)
class Place:
    """Where a part stands: its file inside the course, the number of its first line, who reads it, and the
    lessons beside it. ``findings`` are told what is wrong, at its line."""

    path: str = ""
    first_line: int = 1
    paid: bool = False
    texts: Texts = NO_TEXTS
    findings: Findings = field(default_factory=lambda: Findings(""))


def render(
    source: str, links: Links, *, after: Rendered | None = None, place: Place | None = None
) -> Rendered:
    """Renders one part of a file by itself; nothing of any other part can appear in it.

    ``after`` is the part above it: its definitions may be used below, never the other way round.
    """
    scope = _scope_below(after) if after else {}
    if not source.strip():
        return Rendered("", "", scope)
    here = place or Place()
    page = Page(links, here.path, here.texts, here.findings, _render_embedded, here.first_line, here.paid)
    html, text = _render(source, page, scope)
    return Rendered(html, text, scope)


def _render(source: str, page: Page, scope: dict[str, Any]) -> tuple[str, str]:
    parser = parser_for(source)
    env = scope | {KEY: page}
    tokens = parser.parse(source, env)
    html = page.put_in(sanitise(str(parser.renderer.render(tokens, parser.options, env)), page.links))
    scope.update((key, value) for key, value in env.items() if key != KEY)
    return html, " ".join(words(tokens))


def _render_embedded(source: str, page: Page) -> str:
    """Footnotes get names of their own; headings have their anchors where they stand."""
    part = "p" if page.paid else "f"
    return _render(source, page, {"docId": f"{part}{len(page.embedded)}", NO_ANCHORS: True})[0]


def _scope_below(above: Rendered) -> dict[str, Any]:
    return {
        "docId": "m",
        "references": dict(above.scope.get("references", {})),
        ANCHORS: dict(above.scope.get(ANCHORS, {})),
    }
