"""Which file an address in a text means, by the rules of the tool that the source was made with."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import unquote

_HAS_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_INDEXES = ("index.md", "_index.md", "README.md", "readme.md", "index.html")
_ENDINGS = (".html", ".htm", ".md", ".markdown")


def is_elsewhere(address: str) -> bool:
    """Whether an address leads to another site (or is a mail address, a telephone number …)."""
    return _HAS_SCHEME.match(address) is not None


def file_part(address: str) -> str:
    return unicodedata.normalize("NFC", unquote(address.partition("#")[0].partition("?")[0]))


class Places:
    """Finds files by the addresses of a text.

    ``roots`` are the folders that an address with a leading slash may begin in; ``pages`` leads from
    addresses on the old site to files; ``beside`` from a text to a folder whose files it names as if they
    stood beside it; with ``by_name`` a bare name is looked for everywhere, as Obsidian does.
    """

    def __init__(
        self,
        paths: Iterable[str],
        *,
        roots: Sequence[str] = ("",),
        pages: Mapping[str, str] | None = None,
        beside: Mapping[str, str] | None = None,
        by_name: bool = False,
    ) -> None:
        self._paths = {path.lower(): path for path in paths}
        self._exact = set(self._paths.values())
        self._roots, self._beside, self._by_name = roots, beside or {}, by_name
        self._pages = {_page_key(page): path for page, path in (pages or {}).items()}
        self._names: dict[str, list[str]] = defaultdict(list)
        for path in sorted(self._exact, key=lambda path: (path.count("/"), path)):
            self._names[posixpath.basename(path).lower()].append(path)

    def find(self, source: str, address: str) -> str | None:
        """The path of the file that ``address`` means in the text at ``source``; None if there is none."""
        name = file_part(address)
        if not name or is_elsewhere(address):
            return None
        found = self._below_roots(name) if name.startswith("/") else self._relative(source, name)
        return found or self._pages.get(_page_key(name)) or self._anywhere(source, name)

    def _relative(self, source: str, name: str) -> str | None:
        folder, stem = posixpath.dirname(source), posixpath.splitext(source)[0]
        folders = [folder, *([self._beside[source]] if source in self._beside else []), stem]
        return self._first(
            posixpath.normpath(posixpath.join(base, name)) for base in folders
        ) or self._below_roots(name)

    def _below_roots(self, name: str) -> str | None:
        inside = posixpath.normpath(name.lstrip("/"))
        return self._first(posixpath.join(root, inside) for root in self._roots)

    def _first(self, paths: Iterable[str]) -> str | None:
        for path in paths:
            for candidate in _candidates(path):
                if candidate in self._exact:
                    return candidate
                if candidate.lower() in self._paths:
                    return self._paths[candidate.lower()]
        return None

    def _anywhere(self, source: str, name: str) -> str | None:
        """The nearest file of this name; with folders before it, one whose path ends so."""
        if not self._by_name:
            return None
        base = posixpath.basename(name).lower()
        for ending in ("", ".md"):
            wanted = f"/{name.lower().lstrip('./')}{ending}"
            same = [
                path for path in self._names.get(base + ending, ()) if f"/{path.lower()}".endswith(wanted)
            ]
            if same:
                return max(same, key=lambda path: len(posixpath.commonprefix([path, source])))
        return None


def _candidates(path: str) -> Iterable[str]:
    if path.startswith(".."):
        return
    yield path
    yield f"{path}.md"
    for ending in _ENDINGS:
        if path.endswith(ending):
            yield f"{path.removesuffix(ending)}.md"
            yield f"{path.removesuffix(ending)}.markdown"
    for index in _INDEXES:
        yield posixpath.normpath(posixpath.join(path, index))


def _page_key(page: str) -> str:
    return page.strip("/").removesuffix(".html").removesuffix("/index").lower()
