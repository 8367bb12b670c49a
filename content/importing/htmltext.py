"""HTML of anybody's page as Markdown: the article found, scripts and furniture off, then converted."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

from bs4 import BeautifulSoup, Comment, Tag
from markdownify import ATX, MarkdownConverter

from content.assets import MAX_IMAGE_BYTES
from content.importing.losses import Losses
from content.importing.pieces import fence, picture
from content.importing.tree import clean
from content.paywall import MARK
from infra.errors import Refused

MAX_DEPTH = 200
MAX_TAGS = 200_000
_GONE = [
    "script",
    "style",
    "noscript",
    "template",
    "nav",
    "aside",
    "form",
    "button",
    "svg",
    "head",
    "footer",
    "dialog",
]
# The article of a saved page, the surest sign first; `js_content` is WeChat's.
_ARTICLES = ("#js_content", "article .markdown-body", "article", "main", "[role=main]", ".markdown-body",
             ".post-content",
             ".entry-content", ".article-content", "#content", "body")  # fmt: skip
_LAZY = ("data-src", "data-original", "data-lazy-src", "data-actualsrc")
_LANGUAGE = re.compile(r"(?:language|lang|highlight-source|brush:)-?\s*([\w+#-]+)")
_DATA_URI = re.compile(r"data:(image/[\w.+-]+)?[^,]*?(;base64)?,(.*)", re.DOTALL)
_PAID = re.compile(r"\s*members-only\s*", re.IGNORECASE)
_PAID_TEXT = "kebanpaidpartbeginshere"


@dataclass(frozen=True)
class Page:
    """What a page gave: ``media`` are pictures that stood in the page itself, by a name of ours."""

    raw: str
    title: str
    description: str
    author: str
    body: str
    media: Mapping[str, bytes] = field(default_factory=dict)


def read_html(html: str, path: str, losses: Losses, *, article: bool = True) -> Page:
    """``article``: look for the article in a whole page; otherwise all of it is the text.

    Raises Refused for a page that is nested beyond reason.
    """
    soup = BeautifulSoup(html, "html.parser")
    _refuse_monsters(soup, path)
    title, description, author = (
        _title(soup),
        _meta(soup, "description", "og:description"),
        _meta(soup, "author"),
    )
    body = _article(soup) if article else soup
    _mark_paid(body)
    _clear(body, losses, path)
    media = dict(_embedded(body, path, losses))
    heading = soup.find("h1")
    text = _Converter().convert_soup(body).strip()
    text = re.sub(rf"[ \t]*{_PAID_TEXT}[ \t]*", f"\n\n{MARK}\n\n", text)
    title = title or (heading.get_text(" ", strip=True) if heading else "")
    return Page(html, clean(title), clean(description), clean(author), clean(text), media)


class _Converter(MarkdownConverter):
    """Escapes all that Markdown would read as a mark: what was text in the page stays text, tags included."""

    def __init__(self) -> None:
        super().__init__(
            heading_style=ATX, bullets="-", escape_misc=True, sub_symbol="<sub>", sup_symbol="<sup>",
            keep_inline_images_in=["td", "th", "a", "span", "h1", "h2", "h3", "h4", "h5", "h6"],
        )  # fmt: skip

    def convert_pre(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """WeChat and code hosts put each line of a block into a tag of its own."""
        lines = el.find_all("code", recursive=False)
        code = "\n".join(line.get_text() for line in lines) if len(lines) > 1 else _code_text(el)
        return fence(code.replace("\xa0", " "), _language(el)) if code.strip() else ""

    def convert_figure(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        image, caption = el.find("img"), el.find("figcaption")
        if not isinstance(image, Tag) or len(el.find_all("img")) != 1:
            return f"\n\n{text}\n\n"
        words = caption.get_text(" ", strip=True) if isinstance(caption, Tag) else ""
        made = picture(str(image.get("src") or ""), str(image.get("alt") or "") or words, words)
        return f"\n\n{made}\n\n"

    def convert_mark(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return f"<mark>{text}</mark>" if text.strip() else text

    def convert_iframe(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return _player(el)

    def convert_video(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return _player(el)

    def convert_audio(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return _player(el)


def _player(el: Tag) -> str:
    """As a tag still: who knows the files says what becomes of it."""
    inner = el.find("source")
    told = el.get("src") or el.get("data-src") or (inner.get("src") if isinstance(inner, Tag) else "")
    address = str(told or "").replace('"', "%22").replace("<", "%3C").replace(">", "%3E")
    return f'\n\n<{el.name} src="{address}"></{el.name}>\n\n' if address else ""


def _refuse_monsters(soup: BeautifulSoup, path: str) -> None:
    depth, deepest, tags = 0, 0, 0
    stack: list[tuple[Any, int]] = [(soup, 0)]
    while stack:
        node, depth = stack.pop()
        deepest, tags = max(deepest, depth), tags + 1
        if deepest > MAX_DEPTH or tags > MAX_TAGS:
            raise Refused(
                f"{path} 的标签太多或套得太深", hint="在浏览器里打开，把正文复制到 Word 或编辑器再搬"
            )
        stack.extend((child, depth + 1) for child in node.children if isinstance(child, Tag))


def _article(soup: BeautifulSoup) -> Tag:
    for choice in _ARTICLES:
        found = soup.select(choice)
        if len(found) == 1 and found[0].get_text(strip=True):
            return found[0]
    return soup


def _mark_paid(body: Tag) -> None:
    """Ghost's comment at which the paid part begins becomes ours; every other comment is left out."""
    for each in body.find_all(string=lambda text: isinstance(text, Comment)):
        if _PAID.fullmatch(str(each)):
            paragraph = BeautifulSoup("", "html.parser").new_tag("p")
            paragraph.string = _PAID_TEXT
            each.replace_with(paragraph)
        else:
            each.extract()


def _clear(body: Tag, losses: Losses, path: str) -> None:
    for gone in body.find_all(_GONE):
        gone.decompose()
    for player in body.find_all(["object", "embed", "mpvoice", "mp-common-mpaudio"]):
        losses.of(path, f"页面里的 {player.name} 没有搬过来", "视频传到腾讯视频再嵌入；音频换成链接")
        player.decompose()
    for image in body.find_all("img"):
        lazy = next((image[name] for name in _LAZY if image.get(name)), None)
        if lazy:
            image["src"] = lazy
        if not str(image.get("src") or "").strip():
            image.decompose()


def _embedded(body: Tag, path: str, losses: Losses) -> Iterable[tuple[str, bytes]]:
    """Pictures that stand in the page as `data:` addresses, which get names instead."""
    for number, image in enumerate(body.find_all("img"), 1):
        found = _DATA_URI.fullmatch(str(image.get("src") or ""))
        if not found:
            continue
        data = _decoded(found)
        if data is None or len(data) > MAX_IMAGE_BYTES:
            size = f"第 {number} 张图片读不了，或者超过 {MAX_IMAGE_BYTES // 1024 // 1024} MiB"
            losses.of(path, size, "单独存下来，压缩以后放进课程文件夹再引用")
            image.decompose()
            continue
        name = f"image-{number}.{(found[1] or 'image/png').partition('/')[2].partition('+')[0]}"
        image["src"] = name
        yield name, data


def _decoded(found: re.Match[str]) -> bytes | None:
    if len(found[3]) > 2 * MAX_IMAGE_BYTES:
        return None
    try:
        raw = unquote_to_bytes(found[3])
        return base64.b64decode(raw, validate=False) if found[2] else raw
    except (binascii.Error, ValueError):
        return None


def _code_text(el: Tag) -> str:
    for line_break in el.find_all("br"):
        line_break.replace_with("\n")
    return el.get_text()


def _language(el: Tag) -> str:
    """By the class names of the tag, of what is in it and of what is around it."""
    code = el.find("code")
    for tag in (el, code, el.parent):
        if not isinstance(tag, Tag):
            continue
        told = tag.get("data-lang") or tag.get("data-language") or tag.get("lang")
        classes: Any = tag.get("class") or []
        found = _LANGUAGE.search(" ".join(classes) if isinstance(classes, list) else str(classes))
        if told or found:
            name = str(told) if told else found[1] if found else ""
            return name if re.fullmatch(r"[\w+#-]{1,20}", name) else ""
    return ""


def _title(soup: BeautifulSoup) -> str:
    own = soup.select_one("#activity-name")
    told = _meta(soup, "og:title") or (soup.title.get_text(" ", strip=True) if soup.title else "")
    return " ".join((own.get_text(" ", strip=True) if own else told).split())


def _meta(soup: BeautifulSoup, *names: str) -> str:
    for name in names:
        tag = soup.find("meta", attrs={"property": name}) or soup.find("meta", attrs={"name": name})
        if isinstance(tag, Tag) and tag.get("content"):
            return " ".join(str(tag["content"]).split())
    return ""
