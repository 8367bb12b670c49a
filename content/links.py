"""Where relative links and images of one file lead on the site, and which of them lead nowhere."""

from __future__ import annotations

import posixpath
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

ANCHOR_PREFIX = "t-"  # keeps ids of the text apart from ids of the page around it


@dataclass
class Links:
    """Resolves the relative addresses of one Markdown file.

    ``base`` is the file's folder inside the course ("" at its root), ``images`` the paths of the course's
    pictures, ``lessons`` leads from a lesson file's path to its slug. Collects what was ``used`` (picture
    paths) and what is ``broken`` (addresses as written).
    """

    course_slug: str
    base: str
    images: Collection[str]
    lessons: Mapping[str, str]
    used: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)

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
        parts = urlsplit(url)
        written = unicodedata.normalize("NFC", unquote(parts.path))
        path = posixpath.normpath(posixpath.join(self.base, written))
        if path in self.images:
            self.used.add(path)
            return f"/courses/{self.course_slug}/assets/{quote(path)}"
        if path in self.lessons:
            anchor = f"#{ANCHOR_PREFIX}{parts.fragment}" if parts.fragment else ""
            return f"/courses/{self.course_slug}/{self.lessons[path]}{anchor}"
        if path == "_index.md":
            return f"/courses/{self.course_slug}"
        self.broken.append(url)
        return None
