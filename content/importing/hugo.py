"""A Hugo site, or one section of it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import replace

from content.importing.draft import Draft, Text
from content.importing.grouping import group, is_index, without_empty
from content.importing.header import Header, UnreadableHeader, read_values, text_of, words_of
from content.importing.places import Places
from content.importing.plain import read_dialect, texts_below
from content.importing.shortcodes import read_shortcodes
from content.importing.source import Source, is_old_hugo
from content.importing.texts import name_of, read_markdown

_CONFIGS = tuple(
    f"{folder}{name}.{form}"
    for folder in ("", "config/_default/")
    for name in ("hugo", "config")
    for form in ("toml", "yaml", "yml", "json")
)


def is_hugo(source: Source) -> bool:
    if source.is_file or source.has("_config.yml"):
        return False
    return is_old_hugo(source.root) or any(source.has(name) for name in _CONFIGS if "hugo." in name)


def read_hugo(source: Source) -> Draft:
    config = read_config(source, _CONFIGS)
    content = text_of(config, "contentDir") or "content"
    here = replace(source, at=source.at or content) if source.has(content) else source
    texts = [text for path in texts_below(here) if (text := read_markdown(source.tree, path, source.losses))]
    places = Places(
        source.tree.paths,
        roots=("static", "assets", content, "", *_themes(source)),
        pages=dict(_pages(texts, content)),
    )
    read = [_converted(text, places, source) for text in texts]
    grouped = group(read, here.at, source.losses, by_date=True)
    intro = grouped.intro
    title = intro.title if intro and text_of(intro.header, "title") else text_of(config, "title")
    return Draft(
        title=title or source.name,
        name=source.name,
        parts=without_empty(grouped.parts),
        find=places.find,
        media=source.tree.picture,
        intro=intro,
        header={**(intro.header if intro else {}), "site": text_of(config, "baseURL")},
    )


def read_config(source: Source, names: Iterable[str]) -> Header:
    """The first of these files that is there; empty when there is none or it cannot be read (told)."""
    path = next((name for name in names if name in source.tree), "")
    block = source.tree.text(path) if path else None
    if not block:
        return {}
    try:
        return read_values(block, path.rpartition(".")[2])
    except UnreadableHeader:
        source.losses.of(path, "网站的配置读不懂，没有用上", "课名和站内链接请自己看一遍")
        return {}


def _converted(text: Text, places: Places, source: Source) -> Text:
    body = read_shortcodes(text.body, text.path, text.raw, source.losses)
    return read_dialect(replace(text, body=body), places, source.losses)


def _pages(texts: Iterable[Text], content: str) -> Iterable[tuple[str, str]]:
    """Where each page stood on the site: by its place, by `slug`, `url` and its aliases."""
    for text in texts:
        inside = text.path.removeprefix(f"{content}/")
        place = posixpath.dirname(inside) if is_index(inside) else posixpath.splitext(inside)[0]
        yield place, text.path
        yield (
            posixpath.join(posixpath.dirname(place), text_of(text.header, "slug") or name_of(place)),
            text.path,
        )
        for url in (text_of(text.header, "url"), *words_of(text.header, "aliases")):
            if url:
                yield url, text.path


def _themes(source: Source) -> tuple[str, ...]:
    tops = {
        path.split("/")[1] for path in source.tree.paths if path.startswith("themes/") and path.count("/") > 1
    }
    return tuple(f"themes/{name}/static" for name in sorted(tops))
