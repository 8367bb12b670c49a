"""Obsidian's links and embeds as plain Markdown, with the addresses that they have in the vault."""

from __future__ import annotations

import posixpath
import re

from content.importing.losses import Losses, comment, shown
from content.importing.passages import outside_code
from content.importing.pieces import bracketed, in_brackets
from content.importing.places import Places
from content.importing.texts import is_markdown, stem_of

_WIKI = re.compile(r"(?<!\\)(?P<embed>!?)\[\[(?P<to>[^\[\]|\n]*?)(?:\\?\|(?P<label>[^\[\]\n]*))?\]\]")
_COMMENT = re.compile(r"%%.*?%%", re.DOTALL)
_MARKED = re.compile(r"(?<![=\w])==(?=[^\s=])(.+?)(?<=[^\s=])==(?!=)")
_BLOCK_NAME = re.compile(r"[ \t]+\^[A-Za-z0-9-]+[ \t]*$|^\^[A-Za-z0-9-]+[ \t]*$", re.MULTILINE)
# Behind the address of a link, for who knows which texts become lessons.
EMBEDDED = "keban:embedded"
_SIZE = re.compile(r"\d+(?:x\d+)?")
_MADE_BY_PLUGIN = re.compile(
    r"^[ \t]*(`{3,})(dataview|dataviewjs|tasks|button|query|excalidraw)\b", re.MULTILINE
)


def has_wiki_links(text: str) -> bool:
    return _WIKI.search(text) is not None


def read_wiki_links(text: str, path: str, raw: str, places: Places, losses: Losses) -> str:
    """`[[Note#Heading|label]]` as a link, `![[picture.png|300]]` as an image; an embedded note as a link."""

    def put(found: re.Match[str]) -> str:
        to, label = found["to"].strip(), (found["label"] or "").strip()
        target, _, fragment = to.partition("#")
        file = places.find(path, target) if target else path
        if file is None:
            return _lost(found[0], label or target or fragment, path, raw, losses)
        if found["embed"] and not is_markdown(file):
            return f"![{_alt(label, file)}]({_from_root(file)})"
        heading = "" if fragment.startswith("^") else fragment
        made = _link(file if target else "", heading, label)
        return f'{made[:-1]} "{EMBEDDED}")' if found["embed"] and target else made

    return outside_code(_WIKI, put, text, comments=True)


def read_obsidian(text: str, path: str, raw: str, losses: Losses) -> str:
    """What only Obsidian has: its comments go (they are the writer's own), marked text is kept as marked."""
    text = outside_code(_COMMENT, lambda _: "", text)
    text = outside_code(_MARKED, lambda found: f"<mark>{found[1]}</mark>", text)
    text = outside_code(_BLOCK_NAME, lambda _: "", text)
    for found in _MADE_BY_PLUGIN.finditer(text):
        what = f"插件 {found[2]} 算出来的内容没有搬过来"
        losses.at(path, raw, found[0].strip(), what, "把结果写成普通的列表或表格")
    return text


def _link(file: str, fragment: str, label: str) -> str:
    words = label or " › ".join(filter(None, [stem_of(file) if file else "", *fragment.split("#")]))
    anchor = f"#{fragment.rpartition('#')[2]}" if fragment else ""
    return f"[{in_brackets(words)}]({bracketed(f'{_quoted(file)}{anchor}') or '#'})"


def _from_root(file: str) -> str:
    return bracketed(_quoted(file))


def _quoted(file: str) -> str:
    # A leading slash says that the path is the vault's; signs with a meaning in an address are written out.
    escaped = (
        file.replace("%", "%25")
        .replace("#", "%23")
        .replace("?", "%3F")
        .replace("<", "%3C")
        .replace(">", "%3E")
    )
    return f"/{escaped}" if file else ""


def _alt(label: str, file: str) -> str:
    words = [word for word in label.split("|") if word and not _SIZE.fullmatch(word)]
    size = next((f"|{word}" for word in label.split("|") if _SIZE.fullmatch(word)), "")
    return f"{in_brackets(' '.join(words) or posixpath.splitext(posixpath.basename(file))[0])}{size}"


def _lost(written: str, label: str, path: str, raw: str, losses: Losses) -> str:
    what = f"{shown(written)} 没有找到"
    losses.at(path, raw, written, what, "检查名字；那篇不在这个文件夹里，就先把它放进来再搬")
    return f"{in_brackets(label) or '（空链接）'}{comment(written)}"
