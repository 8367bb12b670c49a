"""A Ghost export: one JSON file with all posts as HTML; its pictures are in another download."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from content.importing.draft import Draft, Text
from content.importing.htmltext import read_html
from content.importing.places import Places
from content.importing.source import Source
from content.importing.tree import clean, readable
from infra.errors import Refused

MAX_EXPORT_BYTES = 64 * 1024 * 1024
_SITE = "__GHOST_URL__"


def is_ghost(source: Source) -> bool:
    return source.is_file and source.path.suffix.lower() == ".json"


def read_ghost(source: Source) -> Draft:
    """Posts in the order of their dates; their tags, excerpts and drafts as they are.

    Raises Refused for a file that is no export.
    """
    tables = _tables(source)
    tags, settings = _tags(tables), _settings(tables)
    posts = sorted(
        _rows(tables, "posts"), key=lambda post: str(post.get("published_at") or post.get("created_at") or "")
    )
    texts = [_text(post, tags, source) for post in posts if post.get("type", "post") == "post"]
    # Links of the site name a post by its slug.
    places = Places(source.tree.paths, roots=("", "content"), pages={text.name: text.path for text in texts})
    return Draft(
        title=settings.get("title") or source.name,
        name=settings.get("title") or source.name,
        parts=tuple(text for text in texts if text.body.strip()),
        find=places.find,
        media=source.tree.picture,
        header={"description": settings.get("description", ""), "site": settings.get("url", "")},
    )


def _tables(source: Source) -> Mapping[str, Any]:
    data = source.tree.read(source.file, MAX_EXPORT_BYTES)
    try:
        export = json.loads(readable(data or b"") or "")
        export = export["db"][0] if "db" in export else export
        if isinstance(export["data"]["posts"], list):
            return dict(export["data"])
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        pass
    raise Refused(f"{source.file} 不是 Ghost 的导出文件", hint="在 Ghost 的 Settings → Labs → Export 里下载")


def _rows(tables: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    rows = tables.get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _tags(tables: Mapping[str, Any]) -> dict[str, list[str]]:
    names = {str(tag.get("id")): clean(str(tag.get("name") or "")) for tag in _rows(tables, "tags")}
    found: dict[str, list[str]] = defaultdict(list)
    for row in _rows(tables, "posts_tags"):
        name = names.get(str(row.get("tag_id")), "")
        if name and not name.startswith("#"):  # a name with # is for the site's own use
            found[str(row.get("post_id"))].append(name)
    return found


def _settings(tables: Mapping[str, Any]) -> dict[str, str]:
    return {str(row.get("key")): clean(str(row.get("value") or "")) for row in _rows(tables, "settings")}


def _text(post: Mapping[str, Any], tags: Mapping[str, Iterable[str]], source: Source) -> Text:
    title = " ".join(clean(str(post.get("title") or "没有标题")).split())
    name = str(post.get("slug") or title)
    path = f"{source.file}/{name}"
    html = str(post.get("html") or "").replace(_SITE, "")
    if not html.strip():
        source.losses.of(
            path, f"《{title}》没有正文（html 是空的），没有搬", "在 Ghost 里打开再存一次，重新导出"
        )
    page = read_html(html, path, source.losses, article=False)
    header = {
        "date": str(post.get("published_at") or ""),
        "description": clean(str(post.get("custom_excerpt") or "")),
        "tags": list(tags.get(str(post.get("id")), ())),
        "feature_image": str(post.get("feature_image") or "").replace(_SITE, ""),
    }
    draft = post.get("status") not in (None, "published", "sent")
    return Text(path, html, page.body, title, name, header, draft)
