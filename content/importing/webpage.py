"""An HTML article: one file, or a folder of saved pages with what they show beside them."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import replace

from content.importing.draft import Draft, Text
from content.importing.grouping import group, without_empty
from content.importing.htmltext import Page, read_html
from content.importing.places import Places
from content.importing.plain import cut
from content.importing.source import Source
from content.importing.texts import name_of, titled
from infra.errors import Refused

ENDINGS = (".html", ".htm", ".xhtml")
MAX_HTML_BYTES = 8 * 1024 * 1024


def is_webpage(source: Source) -> bool:
    if source.is_file:
        return source.file.lower().endswith(ENDINGS)
    return bool(_pages(source))


def read_webpage(source: Source) -> Draft:
    """One page is cut at its headings; of several, each is a lesson."""
    paths = [source.file] if source.is_file else _pages(source)
    read = {path: page for path in paths if (page := _page(path, source))}
    media = {posixpath.join(posixpath.dirname(path), _own(path, name)): data
             for path, page in read.items() for name, data in page.media.items()}  # fmt: skip
    texts = [_text(path, page) for path, page in read.items()]
    places = Places({*source.tree.paths, *media})
    first = next(iter(read.values()), None)
    header = {"description": first.description, "author": first.author} if first else {}
    draft = Draft(
        source.name, source.name, (), places.find, lambda path: _picture(path, media, source), None, header
    )
    if len(texts) == 1:
        title, intro, lessons = cut(texts[0])
        found = tuple(lesson for lesson in lessons if lesson.body.strip())
        return replace(draft, title=title or texts[0].title, parts=found, intro=intro)
    grouped = group(texts, source.at, source.losses)
    title = grouped.intro.title if grouped.intro else source.name
    return replace(draft, title=title, parts=without_empty(grouped.parts), intro=grouped.intro)


def _pages(source: Source) -> list[str]:
    """The pages in a folder, but for what browsers put into a page's own folder of files."""
    paths = (
        path for path in source.tree.paths if path.lower().endswith(ENDINGS) and path.startswith(source.at)
    )
    return [
        path for path in paths if not any(part.endswith(("_files", "文件")) for part in path.split("/")[:-1])
    ]


def _page(path: str, source: Source) -> Page | None:
    html = source.tree.text(path, MAX_HTML_BYTES)
    if html is None and source.is_file:
        why = next(
            (str(problem.message) for problem in source.losses.problems if problem.path == path), "读不了"
        )
        raise Refused(f"{path}：{why}", hint="在浏览器里只另存正文，或者复制到 Word 再搬")
    return read_html(html, path, source.losses) if html else None


def _text(path: str, page: Page) -> Text:
    body = page.body
    for name in page.media:
        body = body.replace(f"]({name}", f"]({_own(path, name)}")
    heading, below = titled("", body)
    return Text(path, page.raw, below, heading or page.title or name_of(path), name_of(path))


def _own(path: str, name: str) -> str:
    """A picture out of a page, by a name that no other page's has."""
    return f"{posixpath.splitext(posixpath.basename(path))[0]}-{name}".replace(" ", "-")


def _picture(path: str, media: Mapping[str, bytes], source: Source) -> bytes | None:
    return media[path] if path in media else source.tree.picture(path)
