"""Where relative links and images of one file lead on the site, and which of them lead nowhere."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

_HAS_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
ANCHOR_PREFIX = "t-"  # keeps ids of the text apart from ids of the page around it


@dataclass
class Links:
    """Resolves the relative addresses of one Markdown file.

    ``base`` is the file's folder inside the course ("" at its root), ``images`` the paths of the course's
    pictures, ``lessons`` leads from a lesson file's path to its slug. Collects what was ``used`` (picture
    paths), and as they were written the addresses of pictures that are ``missing`` and of links that are
    ``broken``.
    """

    course_slug: str
    base: str
    images: Collection[str]
    lessons: Mapping[str, str]
    used: set[str] = field(default_factory=set)
    missing: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def picture(self, url: str) -> str | None:
        """The address where a picture is shown from, as written; None unless it is one of the course's.

        A picture of another site is left alone here.
        """
        if _HAS_SCHEME.match(url) or self._path(url) in self.images:
            return url
        self.missing.append(url)
        return None

    def resolve(self, url: str) -> str | None:
        """The site's address for a relative one; None (the attribute is dropped) when it leads nowhere."""
        if url.startswith("#"):
            return f"#{ANCHOR_PREFIX}{url[1:]}"
        if url.startswith("//"):
            self.broken.append(url)
            return None
        if url.startswith("/"):
            return url
        return self._inside(url)

    def _inside(self, url: str) -> str | None:
        path = self._path(url)
        if path in self.images:
            self.used.add(path)
            return f"/courses/{self.course_slug}/assets/{quote(path)}"
        if path in self.lessons:
            fragment = urlsplit(url).fragment
            anchor = f"#{ANCHOR_PREFIX}{fragment}" if fragment else ""
            return f"/courses/{self.course_slug}/{self.lessons[path]}{anchor}"
        if path == "_index.md":
            return f"/courses/{self.course_slug}"
        self.broken.append(url)
        return None

    def _path(self, url: str) -> str:
        """Where a relative address leads inside the course; ``..`` or ``/`` begin one that leaves it."""
        written = unicodedata.normalize("NFC", unquote(url.partition("#")[0].partition("?")[0]))
        return posixpath.normpath(posixpath.join(self.base, written))
