"""Pictures with captions and sizes, sound and film from the course's folder, and Tencent Video by its id.

`![words|300](a.png "caption")`: the words are for who cannot see it, the number is the width in CSS pixels.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from content.assets import kind_of
from content.markdown.labels import VIDEO
from content.markdown.page import Page, page_of

MAX_WIDTH = 4_000
_SIZE = re.compile(r"\|\s*([1-9][0-9]{0,3})(?:\s*[x×]\s*([1-9][0-9]{0,3}))?\s*$")
_TENCENT = re.compile(
    r"(?:https?://(?:m\.)?v\.qq\.com/(?:[\w./-]*/)?|tencent:)([A-Za-z0-9]{8,20})(?:\.html)?(?:[?#].*)?"
)
_TENCENT_LIKE = re.compile(r"(?:https?://(?:m\.)?v\.qq\.com/|tencent:)")


def figures_plugin(parser: MarkdownIt) -> None:
    parser.core.ruler.push("figures", _figures)
    parser.add_render_rule("image", _image)


def videos_plugin(parser: MarkdownIt) -> None:
    parser.core.ruler.push("videos", _videos)


def _figures(state: StateCore) -> None:
    page = page_of(state.env)
    for at, token in enumerate(state.tokens):
        if token.type != "inline":
            continue
        pictures = [child for child in token.children or [] if child.type == "image"]
        for picture in pictures:
            _settle(picture, page, token.map[0] if token.map else 0)
        if pictures and _is_alone(token) and _is_paragraph(state.tokens, at):
            _make_figure(state.tokens, at, pictures[0])


def _settle(picture: Token, page: Page, line: int) -> None:
    """Its size, its caption, and what kind of thing it is."""
    url = str(picture.attrGet("src") or "")
    width, height = _take_size(picture)
    if caption := picture.attrGet("title"):
        picture.meta["caption"] = str(caption)
    if _TENCENT_LIKE.match(url):
        _settle_video(picture, url, page, line)
        return
    path = page.links.path_of(url)
    picture.meta["kind"] = kind_of(path) or "image"
    picture.meta["size"] = _shown_size(page.links.size_of(path), width, height)
    if picture.meta["kind"] == "image" and page.links.picture(url) is None:
        picture.meta["kind"] = "missing"
    elif picture.meta["kind"] != "image" and path not in page.links.images:
        page.links.missing.append(url)
        picture.meta["kind"] = "missing"


def _settle_video(picture: Token, url: str, page: Page, line: int) -> None:
    match = _TENCENT.fullmatch(url)
    picture.meta["kind"] = "tencent" if match else "missing"
    if match:
        picture.meta["vid"] = match[1]
    else:
        hint = "写播放页的地址，例如 https://v.qq.com/x/page/a0012abcdef.html"
        page.error(line, "腾讯视频的地址里找不到视频号", hint)


def _take_size(picture: Token) -> tuple[int | None, int | None]:
    """The size that was written behind the words, which it is taken from."""
    last = picture.children[-1] if picture.children else None
    match = _SIZE.search(last.content) if last is not None and last.type == "text" else None
    if match is None or last is None:
        return None, None
    last.content = last.content[: match.start()].rstrip()
    return min(int(match[1]), MAX_WIDTH), int(match[2]) if match[2] else None


def _shown_size(
    real: tuple[int, int] | None, width: int | None, height: int | None
) -> tuple[int, int] | None:
    """Width and height in CSS pixels, or None when nobody knows; what is not written keeps the proportion."""
    if width is None:
        return real
    if height is None:
        height = max(1, round(width * real[1] / real[0])) if real else None
    return (width, height) if height else None


def _is_alone(inline: Token) -> bool:
    children = [child for child in inline.children or [] if child.type != "text" or child.content.strip()]
    return len(children) == 1


def _is_paragraph(tokens: Sequence[Token], at: int) -> bool:
    return tokens[at - 1].type == "paragraph_open" and not tokens[at - 1].hidden


def _make_figure(tokens: list[Token], at: int, picture: Token) -> None:
    if picture.meta["kind"] in ("missing", "tencent"):
        return
    tokens[at - 1].tag = tokens[at + 1].tag = "figure"
    picture.meta["is_figure"] = True


def _image(renderer: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    token = tokens[at]
    words = renderer.renderInlineAsText(token.children, options, env) if token.children else ""
    url, kind = escape(str(token.attrGet("src") or "")), token.meta.get("kind")
    caption = token.meta.get("caption", "")
    if kind == "missing":
        return escape(words)
    if kind == "tencent":
        return _card(token.meta["vid"], caption or words)
    if kind in ("audio", "video"):
        html = f'<{kind} controls preload="none" src="{url}" title="{escape(words)}"></{kind}>'
    else:
        html = f'<img src="{url}" alt="{escape(words)}"{_attributes(token)}>'
    shown = caption or (words if kind != "image" else "")
    return (
        f"{html}<figcaption>{escape(shown)}</figcaption>" if shown and token.meta.get("is_figure") else html
    )


def _attributes(token: Token) -> str:
    size = token.meta.get("size")
    given = f' width="{size[0]}" height="{size[1]}"' if size else ""
    inline = "" if token.meta.get("is_figure") else f' title="{escape(token.meta.get("caption", ""))}"'
    return given + (inline if token.meta.get("caption") else "")


def _card(vid: str, words: str) -> str:
    """A link to the film's page, which a script may turn into a player."""
    address = f"https://v.qq.com/x/page/{vid}.html"
    return f'<a class="video" data-vid="{vid}" href="{address}">{escape(words or VIDEO)}</a>'


def _videos(state: StateCore) -> None:
    """`[words](tencent:ID)`"""
    for token in state.tokens:
        for link in _links(token):
            url = unquote(str(link.attrGet("href")))
            match = _TENCENT.fullmatch(url)
            if match:
                link.attrs = _card_attributes(match[1])
            elif url.startswith("tencent:"):
                page = page_of(state.env)
                page.error(
                    token.map[0] if token.map else 0, "tencent: 后面不是视频号", "例如 tencent:a0012abcdef"
                )


def _links(token: Token) -> Iterator[Token]:
    yield from (child for child in token.children or [] if child.type == "link_open")


def _card_attributes(vid: str) -> dict[str, str | int | float]:
    return {"class": "video", "data-vid": vid, "href": f"https://v.qq.com/x/page/{vid}.html"}
