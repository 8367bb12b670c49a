"""What the rules need to know about the text that is rendered. It travels in the parser's environment."""

from __future__ import annotations

import re
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from content.links import Links
from content.markdown.texts import Texts
from content.problem import Findings

KEY = "page"
MAX_EMBEDS = 40  # in one part of a file, with those inside the embedded
_PLACE = re.compile(r'<made n="([0-9]{1,6})"></made>')


@dataclass
class Page:
    """One part of a file. ``line`` counts from 0 in the part; ``first_line`` is its first one's in the file.

    ``path`` is the file inside its course, ``paid`` whether only buyers read this part. ``made`` keeps the
    HTML that we made ourselves and that is put in behind the sanitiser. ``inside`` are the files that embed
    this one, ``embedded`` those that were taken in so far, and ``render`` makes the HTML of such a one;
    ``host`` is the text with the line that took this one in.
    """

    links: Links
    path: str
    texts: Texts
    findings: Findings
    render: Callable[[str, Page], str]
    first_line: int = 1
    paid: bool = False
    line: int = 0
    made: list[str] = field(default_factory=list)
    inside: tuple[str, ...] = ()
    embedded: list[str] = field(default_factory=list)
    host: tuple[Page, int] | None = None

    def error(self, line: int, message: str, hint: str) -> None:
        self.findings.error(self.first_line + line, message, hint)

    def warning(self, line: int, message: str, hint: str) -> None:
        self.findings.warning(self.first_line + line, message, hint)

    def host_error(self, line: int, message: str, hint: str) -> None:
        """An error of the file that is being published, at the line that began the embedding."""
        if self.host is None:
            self.error(line, message, hint)
        else:
            self.host[0].host_error(self.host[1], message, hint)

    def keep(self, html: str) -> str:
        """A place for ``html``, which must be safe by itself. The sanitiser never sees it.

        The place is an element with a quoted attribute: inside an attribute its quotes would be escaped, so
        it is only ever found where an element may stand.
        """
        self.made.append(html)
        return f'<made n="{len(self.made) - 1}"></made>'

    def put_in(self, html: str) -> str:
        """Sanitised HTML with what was made in its places; a place that nobody made is left out."""
        if "<made" not in html:
            return html
        return _PLACE.sub(lambda match: self._at(int(match[1])), html)

    def _at(self, number: int) -> str:
        """Each once: a writer's own places would make gigabytes of a long drawing."""
        if number >= len(self.made):
            return ""
        html, self.made[number] = self.made[number], ""
        return html


def page_of(env: MutableMapping[str, Any]) -> Page:
    page: Page = env[KEY]
    return page
