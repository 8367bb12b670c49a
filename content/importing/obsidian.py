"""An Obsidian vault, or a folder of one: wiki links, embeds, properties, attachments wherever they are."""

from __future__ import annotations

import json
import posixpath
from dataclasses import replace

from content.importing.dialect import read_common
from content.importing.draft import Draft, Text
from content.importing.grouping import group, without_empty
from content.importing.header import Header, text_of, words_of
from content.importing.places import Places
from content.importing.plain import texts_below
from content.importing.source import Source
from content.importing.texts import read_markdown
from content.importing.wikilinks import read_obsidian, read_wiki_links

_NOT_CARRIED = {".canvas": "白板", ".base": "数据库视图"}
MAX_SETTING_BYTES = 256 * 1024


def is_vault(source: Source) -> bool:
    return not source.is_file and source.has(".obsidian")


def read_vault(source: Source) -> Draft:
    tree, losses = source.tree, source.losses
    templates = text_of(_setting(source, "templates.json"), "folder").strip("/")
    paths = [path for path in texts_below(source) if not templates or not path.startswith(f"{templates}/")]
    texts = [text for path in paths if (text := read_markdown(tree, path, losses))]
    attachments = text_of(_setting(source, "app.json"), "attachmentFolderPath").strip("./")
    aliases = {alias: text.path for text in texts for alias in words_of(text.header, "aliases", "alias")}
    places = Places(tree.paths, roots=("", attachments), pages=aliases, by_name=True)
    for path in tree.paths:
        what = _NOT_CARRIED.get(posixpath.splitext(path)[1])
        if what and path.startswith(source.at):
            losses.of(path, f"{what}没有搬", "要用就导出成图片，放进课程文件夹")
    grouped = group([_converted(text, places, source) for text in texts], source.at, losses)
    intro = grouped.intro
    return Draft(
        title=intro.title if intro else source.name,
        name=source.name,
        parts=without_empty(grouped.parts),
        find=places.find,
        media=tree.picture,
        intro=intro,
        header=intro.header if intro else {},
    )


def _converted(text: Text, places: Places, source: Source) -> Text:
    body = read_obsidian(text.body, text.path, text.raw, source.losses)
    body = read_wiki_links(body, text.path, text.raw, places, source.losses)
    return replace(text, body=read_common(body))


def _setting(source: Source, name: str) -> Header:
    """One of the vault's own settings; empty when it is not there or cannot be read."""
    try:
        with (source.root / ".obsidian" / name).open("rb") as file:
            values = json.loads(file.read(MAX_SETTING_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}
