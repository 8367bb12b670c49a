"""A GitBook or mdBook: `SUMMARY.md` says what belongs to it, in which order and under which parts."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from content.importing.bookblocks import read_book_blocks, read_book_directives, visible_rust
from content.importing.draft import Chapter, Draft, Text
from content.importing.header import text_of, words_of
from content.importing.hugo import read_config
from content.importing.places import Places, file_part, is_elsewhere
from content.importing.plain import read_dialect
from content.importing.source import Source
from content.importing.texts import is_markdown, name_of, plain, read_markdown

_ROW = re.compile(
    r"^(?P<indent>[ \t]*)(?P<mark>[-*+]|\d+[.)])?[ \t]*\[(?P<title>(?:\\.|[^\[\]\\])*)\]"
    r"\((?P<to>[^()\n]*(?:\([^()\n]*\))?[^()\n]*)\)"
)
_PART = re.compile(r"^#{1,6}[ \t]+(?P<title>.+?)[ \t]*#*$")
_BARE_ROW = re.compile(r"^[ \t]*(?:[-*+]|\d+[.)])[ \t]+(?P<title>[^\[\n].*)$")
_RULE = re.compile(r"^[ \t]*(?:-[ \t]*){3,}$")
_TAB = 4


@dataclass
class Row:
    """A line of the summary: ``path`` is "" for one without a page; ``rows`` are those below it."""

    title: str
    path: str
    line: int
    indent: int = 0
    rows: list[Row] = field(default_factory=list)


def summary_of(source: Source) -> str:
    """The path of the book's summary; "" when there is none."""
    folders = (source.at, posixpath.join(source.at, "src"), "src", "docs", "")
    paths = (posixpath.join(folder, "SUMMARY.md") for folder in folders)
    return next((path for path in paths if source.has(path)), "")


def is_book(source: Source) -> bool:
    return not source.is_file and bool(summary_of(source))


def read_book(source: Source) -> Draft:
    config = read_config(source, ("book.toml", "book.json"))
    summary = summary_of(source)
    base = posixpath.dirname(summary)
    rows = list(_below(_rows(source.tree.text(summary) or ""), base, source.at))
    places = Places(
        source.tree.paths, roots=(base, "", posixpath.join(base, ".gitbook/assets")), by_name=False
    )
    reader = _Reader(source, summary, places)
    intro = reader.intro(rows)
    told = config.get("book")
    about = told if isinstance(told, dict) else config
    return Draft(
        title=text_of(about, "title") or (intro.title if intro else "") or source.name,
        name=source.name,
        parts=tuple(reader.parts(rows)),
        find=places.find,
        media=source.tree.picture,
        intro=intro,
        header={
            "description": text_of(about, "description")
            or (text_of(intro.header, "description") if intro else ""),
            "author": "、".join(words_of(about, "authors", "author")),
        },
    )


class _Reader:
    """Reads the pages of a summary, each once."""

    def __init__(self, source: Source, summary: str, places: Places) -> None:
        self._source, self._summary, self._places = source, summary, places
        self._seen: set[str] = set()

    def intro(self, rows: Sequence[Row]) -> Text | None:
        """The README as the course's page."""
        base = posixpath.dirname(self._summary)
        path = self._places.find(self._summary, "/" + posixpath.join(base, "README.md").lstrip("/"))
        first = next((row for row in rows if row.path), None)
        if path is None and first and first.path.lower().endswith("readme.md"):
            path = self._places.find(self._summary, first.path)
        return self._text(path, "") if path else None

    def parts(self, rows: Iterable[Row]) -> Iterable[Text | Chapter]:
        for row in rows:
            own = self._page(row)
            below = [text for inner in row.rows for text in self._all(inner)]
            if below:
                name = name_of(row.path) if row.path else row.title
                yield Chapter(row.title, name, (own, *below) if own else tuple(below))
            elif own:
                yield own

    def _all(self, row: Row) -> Iterable[Text]:
        """A row and all below it: our courses have one level of chapters."""
        own = self._page(row)
        if own:
            yield own
        for inner in row.rows:
            yield from self._all(inner)

    def _page(self, row: Row) -> Text | None:
        if not row.path or is_elsewhere(row.path):
            if not row.rows:
                self._lost(row, "目录里的这一行没有文章", "写好以后自己加一课")
            return None
        path = self._places.find(self._summary, row.path)
        if path is None or not is_markdown(path):
            self._lost(row, f"目录里的 {row.path} 没有这个文件", "检查文件名，或从目录里删掉")
            return None
        return self._text(path, row.title)

    def _lost(self, row: Row, what: str, hint: str) -> None:
        self._source.losses.of(self._summary, f"「{row.title}」：{what}", hint, row.line)

    def _text(self, path: str, title: str) -> Text | None:
        if path in self._seen:
            return None
        self._seen.add(path)
        text = read_markdown(self._source.tree, path, self._source.losses)
        if text is None:
            return None
        if not text.body.strip() and title:
            self._source.losses.of(path, "这一篇是空的，没有搬", "写好以后自己加一课")
            return None
        return self._converted(replace(text, title=title or text.title))

    def _converted(self, text: Text) -> Text:
        losses = self._source.losses
        include = partial(self._included, text.path)
        if self._source.has("book.toml"):
            body = visible_rust(read_book_directives(text.body, text.path, text.raw, losses, include))
        else:
            body = read_book_blocks(text.body, text.path, text.raw, losses)
        return read_dialect(replace(text, body=body), self._places, losses)

    def _included(self, path: str, address: str) -> str | None:
        found = self._places.find(path, address)
        return self._source.tree.text(found) if found else None


def _below(rows: Iterable[Row], base: str, at: str) -> Iterable[Row]:
    """The rows of the folder that was given, when it is a part of the book only."""
    if not at or base == at or base.startswith(f"{at}/"):
        yield from rows
        return
    for row in rows:
        inside = list(_below(row.rows, base, at))
        is_inside = bool(row.path) and posixpath.join(base, row.path).startswith(f"{at}/")
        if inside or is_inside:
            yield Row(row.title, row.path if is_inside else "", row.line, row.indent, inside)


def _rows(summary: str) -> list[Row]:
    """The summary as a tree; a heading inside it opens a part, under which the rows that follow stand."""
    top: list[Row] = []
    within, path = top, list[Row]()
    for number, line in enumerate(summary.split("\n"), 1):
        part, row = _PART.match(line), _row(line, number)
        if (
            part
            and number > 1
            and plain(part["title"]).lower() not in ("summary", "table of contents", "目录")
        ):
            top.append(Row(plain(part["title"]), "", number))
            within, path = top[-1].rows, []
        elif _RULE.match(line):
            within, path = top, []
        elif row:
            while path and path[-1].indent >= row.indent:
                path.pop()
            (path[-1].rows if path else within).append(row)
            path.append(row)
    return [row for row in top if row.path or row.rows or not _is_part(row, summary)]


def _is_part(row: Row, summary: str) -> bool:
    return _PART.match(summary.split("\n")[row.line - 1]) is not None


def _row(line: str, number: int) -> Row | None:
    found = _ROW.match(line)
    if found:
        title = plain(found["title"].replace("\\", ""))
        to = file_part(found["to"].strip().split(' "')[0].strip("<>"))
        return Row(title, to, number, len(found["indent"].expandtabs(_TAB)))
    bare = _BARE_ROW.match(line)
    if bare:
        return Row(
            plain(bare["title"]), "", number, len(line.expandtabs(_TAB)) - len(line.expandtabs(_TAB).lstrip())
        )
    return None
