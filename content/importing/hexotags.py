"""Hexo's tag plugins as Markdown, with those of the NexT and Butterfly themes that its writers mostly use."""

from __future__ import annotations

import re
from functools import partial

from content.importing.losses import Losses, shown
from content.importing.pieces import PLAYERS, callout, fence, left_out, link, picture, player, quoted
from content.importing.tags import Grammar, Tag, put_into_markdown

_GRAMMAR = Grammar(
    re.compile(r"\{%-?\s*(?P<end>end)?(?P<name>[a-zA-Z][\w-]*)(?P<rest>[^\n]*?)\s*-?%\}"),
    named=False,
    verbatim=frozenset(("codeblock", "code", "mermaid")),
)
_RAW = re.compile(r"\{%\s*raw\s*%\}(.*?)\{%\s*endraw\s*%\}", re.DOTALL)
_RAW_TAG = re.compile(r"\{%\s*(?:end)?raw\s*%\}")
_LANGUAGE = re.compile(r"lang(?:uage)?:\s*(\S+)", re.IGNORECASE)
_SIZE = re.compile(r"\d+%?")
_TITLE_AND_ALT = re.compile(r"\s*'?(.*?)'?\s*'(.*)'\s*")
_URL = re.compile(r"https?://\S+")


def read_hexo_tags(text: str, path: str, raw: str, losses: Losses) -> str:
    """The text with its tags as Markdown; what has no like in Markdown is told."""
    pieces, at = [], 0
    put = partial(_put, path=path, raw=raw, losses=losses)
    for found in _RAW.finditer(text):
        # Between `raw` and `endraw` nothing is a tag.
        pieces += [put_into_markdown(text[at : found.start()], _GRAMMAR, put), found[1]]
        at = found.end()
    pieces.append(put_into_markdown(text[at:], _GRAMMAR, put))
    return "".join(pieces)


def _put(tag: Tag, *, path: str, raw: str, losses: Losses) -> str:
    if tag.name.startswith("/"):
        return ""
    name = tag.name.lower()
    known = _known(name, tag)
    if known is None:
        what = f"标签 {shown(tag.written)} 没有搬过来"
        losses.at(path, raw, tag.written, what, "看看原来的页面，用 Markdown 写出它的内容")
        return f"{left_out(tag.written)}{tag.inner or ''}"
    if name in PLAYERS:
        losses.at(path, raw, tag.written, f"嵌入的播放器 {name} 变成了链接", "要在页面里播放，改用腾讯视频")
    return known


def _known(name: str, tag: Tag) -> str | None:
    """Markdown for a tag; None for one that we do not know."""
    if name in ("asset_img", "img", "image"):
        return _image(tag)
    if name in ("asset_link", "post_link"):
        words = [word for word in tag.words if word not in ("true", "false")]
        return link(tag.get(at=0), " ".join(words[1:]) or tag.get(at=0).rpartition("/")[2]) if words else ""
    if name in ("post_path", "asset_path"):
        return tag.get(at=0)
    if name in ("link", "btn", "button"):
        return _link(tag)
    if name in PLAYERS:
        return player(name, "/".join(tag.words[:2] if name == "gist" else tag.words[:1]))
    return None if tag.inner is None else _paired(name, tag, tag.inner)


def _paired(name: str, tag: Tag, inner: str) -> str | None:
    if name in ("codeblock", "code"):
        language = _LANGUAGE.search(tag.written)
        return fence(inner, language[1] if language else "")
    if name in ("blockquote", "quote", "pullquote", "centerquote", "cq"):
        who = " ".join(tag.words)
        return f"\n\n{quoted(inner.strip() + (f'{chr(10)}{chr(10)}—— {who}' if who else ''))}\n\n"
    if name in ("note", "hint", "tip", "callout", "noteblock"):
        return callout(tag.get(at=0) or name, inner, " ".join(tag.words[1:]))
    if name in ("mermaid", "plantuml"):
        return fence(inner, name)
    if name in ("folding", "hideToggle".lower(), "hideblock", "details"):
        title = " ".join(tag.words) or "展开"
        return f"\n\n<details>\n<summary>{title}</summary>\n\n{inner.strip()}\n\n</details>\n\n"
    # What only lays out keeps its text.
    return (
        inner
        if name in ("tabs", "subtabs", "gallery", "gp", "grouppicture", "label", "centerblock")
        else None
    )


def _image(tag: Tag) -> str:
    """`[class …] /address [width [height]] ["title" ["alt"]]`"""
    words = list(tag.words)
    while len(words) > 1 and "." not in words[0] and "/" not in words[0]:
        words.pop(0)
    if not words:
        return ""
    rest = [word for word in words[1:] if not _SIZE.fullmatch(word)]
    # A title and an alternative text stand in one pair of quotes, the inner ones in another kind.
    told = _TITLE_AND_ALT.fullmatch(rest[0]) if rest else None
    title = told[1] if told else (rest[0] if rest else "")
    alt = told[2] if told else (rest[1] if len(rest) > 1 else "")
    return picture(words[0], alt or title, title.strip("'"))


def _link(tag: Tag) -> str:
    url = _URL.search(tag.written)
    address = url[0].rstrip(",%}") if url else next((word for word in tag.words if "/" in word), "")
    words = [
        word.strip(",")
        for word in tag.words
        if address not in word and word not in ("true", "false", "external")
    ]
    return link(address, " ".join(filter(None, words))) if address else ""
