"""Anchors of headings, and which headings a text has."""

from __future__ import annotations

import re
from typing import Any

from markdown_it.rules_core import StateCore

from content.markdown.words import words

_NOT_IN_ANCHOR = re.compile(r"[^\w-]+")
ANCHORS = "anchors"
NO_ANCHORS = "no_anchors"  # an embedded text: its headings have their anchors where they stand


def mark_headings(state: StateCore) -> None:
    """An anchor for each heading; a first-level one steps down, the page's title is the only h1."""
    env: Any = state.env
    taken: dict[str, int] = env.setdefault(ANCHORS, {})
    for at, token in enumerate(state.tokens):
        if token.tag == "h1":
            token.tag = "h2"
        if token.type == "heading_open" and not env.get(NO_ANCHORS):
            token.attrSet("id", free_anchor("".join(words([state.tokens[at + 1]])), taken))


def free_anchor(title: str, taken: dict[str, int]) -> str:
    """An anchor for ``title`` that is not in ``taken``, and is from then on.

    ``taken``: each anchor with the last number that was put behind it, so that the next of many headings with
    the same words does not try them all again.
    """
    stem = _NOT_IN_ANCHOR.sub("-", title.lower()).strip("-")[:60] or "s"
    anchor, number = stem, taken.get(stem, 1)
    while anchor in taken:
        number += 1
        anchor = f"{stem}-{number}"
    taken[stem] = number
    taken.setdefault(anchor, 1)
    return anchor
