"""A Hexo site: the posts of `source/_posts`, each perhaps with a folder of pictures of its own name."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import replace

from content.importing.draft import Draft, Text
from content.importing.grouping import group, without_empty
from content.importing.header import moment_of, text_of
from content.importing.hexotags import read_hexo_tags
from content.importing.hugo import read_config
from content.importing.places import Places
from content.importing.plain import read_dialect, texts_below
from content.importing.source import Source
from content.importing.texts import read_markdown, stem_of

_CONFIGS = ("_config.yml", "_config.yaml")
POSTS = "source/_posts"


def is_hexo(source: Source) -> bool:
    return not source.is_file and source.has(POSTS) and any(source.has(name) for name in _CONFIGS)


def read_hexo(source: Source) -> Draft:
    config = read_config(source, _CONFIGS)
    is_whole = source.has(POSTS) and not source.at.startswith(POSTS)
    here = replace(source, at=POSTS if is_whole else source.at)
    texts = [text for path in texts_below(here) if (text := read_markdown(source.tree, path, source.losses))]
    beside = {text.path: posixpath.splitext(text.path)[0] for text in texts}
    # `post_link` and `asset_img` name files from the folder of the posts.
    roots = ("source", POSTS, "source/images", "", "themes")
    places = Places(source.tree.paths, roots=roots, pages=dict(_pages(texts)), beside=beside)
    grouped = group(
        [_converted(text, places, source) for text in texts], here.at, source.losses, by_date=True
    )
    return Draft(
        title=text_of(config, "title") or source.name,
        name=source.name,
        parts=without_empty(grouped.parts),
        find=places.find,
        media=source.tree.picture,
        intro=grouped.intro,
        header={
            "description": text_of(config, "description", "subtitle"),
            "author": text_of(config, "author"),
            "site": text_of(config, "url"),
        },
    )


def _converted(text: Text, places: Places, source: Source) -> Text:
    body = read_hexo_tags(text.body, text.path, text.raw, source.losses)
    return read_dialect(replace(text, body=body), places, source.losses)


def _pages(texts: Iterable[Text]) -> Iterable[tuple[str, str]]:
    """Where each post stood on the site: by the permalinks that Hexo makes unless it is told another form."""
    for text in texts:
        stem, day = stem_of(text.path), moment_of(text.header, "date")[:10].replace("-", "/")
        own = text_of(text.header, "permalink", "abbrlink")
        inside = posixpath.splitext(text.path.removeprefix(f"{POSTS}/"))[0]
        yield from ((page, text.path) for page in (stem, inside) if page)
        yield from ((f"{day}/{page}", text.path) for page in (stem, inside) if day)
        yield from ((page, text.path) for page in (own, f"posts/{own}", f"p/{own}") if own)
