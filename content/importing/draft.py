"""What a reader makes of its source: texts in their order, before they have names and addresses of ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Find = Callable[[str, str], str | None]
"""From a text's path and an address in it to the path of the file it means, or None."""


@dataclass(frozen=True)
class Text:
    """One text of the source. ``path`` is its file's, ``raw`` all that stood there, for messages' lines.

    ``body`` is Markdown with the source's addresses; ``header`` its front matter; ``name`` what its address
    is made from. ``key`` tells texts of one file apart (a Word file's lessons); links find a text by it.
    """

    path: str
    raw: str
    body: str
    title: str
    name: str
    header: Mapping[str, Any] = field(default_factory=dict)
    draft: bool = False
    free: bool = False
    part: int = 0

    @property
    def key(self) -> tuple[str, int]:
        return self.path, self.part


@dataclass(frozen=True)
class Chapter:
    """Texts that stand together under one title."""

    title: str
    name: str
    texts: tuple[Text, ...]


@dataclass(frozen=True)
class Draft:
    """A course as its source has it. ``header`` is what the source says of the course as a whole.

    ``media`` are pictures by path, already in memory or read when asked for; None (told) when they cannot be
    had.
    """

    title: str
    name: str
    parts: tuple[Text | Chapter, ...]
    find: Find
    media: Callable[[str], bytes | None]
    intro: Text | None = None
    header: Mapping[str, Any] = field(default_factory=dict)

    @property
    def texts(self) -> tuple[Text, ...]:
        return tuple(
            text for part in self.parts for text in (part.texts if isinstance(part, Chapter) else (part,))
        )
