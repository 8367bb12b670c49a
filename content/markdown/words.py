"""The words of a token stream, for the search and for anchors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markdown_it.token import Token

SILENT = "silent"  # in a token's meta: these words are not the writer's


def words(tokens: Sequence[Token]) -> Iterator[str]:
    """Text block by block. Code, diagrams, formulas and raw HTML are left out."""
    for token in tokens:
        if token.type == "inline" and SILENT not in token.meta:
            yield "".join(_inline(token.children or []))


def _inline(children: Sequence[Token]) -> Iterator[str]:
    for child in children:
        if child.type in ("text", "code_inline", "text_special"):
            yield child.content
        elif child.type in ("softbreak", "hardbreak"):
            yield " "
        elif child.type == "image":
            yield from _inline(child.children or [])
            if caption := child.meta.get("caption"):
                yield f" {caption}"
