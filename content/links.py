"""Where relative links and images of one file lead on the site, and which of them lead nowhere."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

from content.assets import is_asset_name, kind_of

_FOOTNOTE = re.compile(r"fn(?:ref)?(?:-[a-z0-9]+-)?[0-9]")
_HAS_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
ANCHOR_PREFIX = "t-"  # keeps ids of the text apart from ids of the page around it


@dataclass
class Links:
    """Resolves the relative addresses of one Markdown file.

    ``base`` is the file's folder inside the course ("" at its root), ``images`` the paths of the course's
    pictures, sound and film, ``lessons`` leads from a lesson file's path to its slug. ``size_of`` tells a
    picture's width and height, ``mark_of`` a mark of a file's contents: with it in the address the file
    may be kept for a year. ``here`` is the address of the text when it is shown within another one.
    Collects what was ``used`` (such files' paths), and as they were written the addresses of files that are
    ``missing`` and of links that are ``broken``; and ``fragments``, the anchors that are linked to: the file
    ("": this one), the anchor, the address as written.
    """

    course_slug: str
    base: str
    images: Collection[str]
    lessons: Mapping[str, str]
    size_of: Callable[[str], tuple[int, int] | None] = lambda path: None
    mark_of: Callable[[str], str] = lambda path: ""
    here: str = ""
    used: set[str] = field(default_factory=set)
    missing: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    fragments: list[tuple[str, str, str]] = field(default_factory=list)

    def picture(self, url: str) -> str | None:
        """The address where a picture is shown from, as written; None unless it is one of the course's.

        A picture of another site is left alone here.
        """
        path = self.path_of(url)
        if _HAS_SCHEME.match(url) or (path in self.images and kind_of(path) == "image"):
            return url
        self.missing.append(url)
        return None

    def shown(self, tag: str, url: str) -> str | None:
        """As `picture`, for what may be a picture, sound or film. The last two come from the course alone."""
        if tag == "img":
            return self.picture(url)
        path = self.path_of(url)
        if path in self.images and kind_of(path) == tag:
            return url
        self.missing.append(url)
        return None

    def file_named(self, name: str) -> str | None:
        """The course's file that a wiki link means: by path, or by its name alone wherever it lies."""
        if not is_asset_name(name):
            return None
        for path in (self.path_of(quote(name)), posixpath.normpath(name)):
            if path in self.images:
                return path
        same = sorted(path for path in self.images if posixpath.basename(path) == posixpath.basename(name))
        return same[0] if same else None

    def resolve(self, url: str) -> str | None:
        """The site's address for a relative one; None (the attribute is dropped) when it leads nowhere."""
        if url.startswith("#"):
            return self._in_text(url[1:])
        if url.startswith("//"):
            self.broken.append(url)
            return None
        if url.startswith("/"):
            return url
        return self._inside(url)

    def _in_text(self, anchor: str) -> str:
        # Footnotes are shown along with an embedded text, its headings have no anchors but where it stands.
        here = "" if _FOOTNOTE.match(anchor) else self.here
        if anchor and not self.here and not _FOOTNOTE.match(anchor):
            self.fragments.append(("", anchor, f"#{anchor}"))
        return f"{here}#{anchor if anchor.startswith(ANCHOR_PREFIX) else ANCHOR_PREFIX + anchor}"

    def _inside(self, url: str) -> str | None:
        path = self.path_of(url)
        if path in self.images:
            self.used.add(path)
            mark = self.mark_of(path)
            return f"/courses/{self.course_slug}/assets/{quote(path)}{mark and f'?v={mark}'}"
        if path in self.lessons:
            fragment = urlsplit(url).fragment
            anchor = f"#{ANCHOR_PREFIX}{fragment}" if fragment else ""
            if fragment:
                self.fragments.append((path, fragment, url))
            return f"/courses/{self.course_slug}/{self.lessons[path]}{anchor}"
        if path == "_index.md":
            return f"/courses/{self.course_slug}"
        self.broken.append(url)
        return None

    def path_of(self, url: str) -> str:
        """Where a relative address leads inside the course; ``..`` or ``/`` begin one that leaves it."""
        written = unicodedata.normalize("NFC", unquote(url.partition("#")[0].partition("?")[0]))
        return posixpath.normpath(posixpath.join(self.base, written))
