"""The addresses in a text, led to where their files stand in the new course; what leads nowhere is told."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from urllib.parse import unquote

from content.assets import is_asset_name
from content.importing.anchors import anchors_of, letters
from content.importing.draft import Draft, Text
from content.importing.layout import Layout
from content.importing.losses import Losses, comment, shown
from content.importing.passages import outside_code
from content.importing.pictures import Pictures
from content.importing.places import is_elsewhere
from content.importing.texts import is_markdown
from content.importing.wikilinks import EMBEDDED

_TO = r"(?:<[^<>\n]*>|(?:[^\s()<>]|\((?:[^\s()]|\([^\s()]*\))*\))*)"
_PICTURE = r"[^()<>\n\"]+ [^()<>\n\"]*\.(?:png|jpe?g|gif|webp|svg)"
_TIP = r"""(?:\s+(?:"[^"]*"|'[^']*'))?"""
_INNER = r"(?:\\.|[^\[\]\\]|!?\[[^\[\]]*\](?:\([^()\n]*\))?)*"
_ADDRESSES = re.compile(
    # Some editors write spaces into a picture's address as they are.
    rf"(?<!\\)!\[(?P<alt>{_INNER})\]\(\s*(?P<src>{_PICTURE}|{_TO})(?P<caption>{_TIP})\s*\)"
    rf"|(?<!\\)\[(?P<label>{_INNER})\]\(\s*(?P<href>{_TO})(?P<tip>{_TIP})\s*\)"
    rf"|^ {{0,3}}\[(?P<ref>[^\[\]^][^\[\]]*)\]:[ \t]*(?P<to>\S{_TO})"
    r"|(?<!\\)<(?P<tag>img|a|iframe|video|audio|source|embed)\b(?P<attributes>[^<>]*)>(?:\s*</(?:iframe|video|audio)>)?",
    re.MULTILINE | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(
    r"""\b(?P<key>src|href|alt)\s*=\s*(?P<quote>["'])(?P<value>.*?)(?P=quote)""", re.IGNORECASE
)
_TENCENT_FRAME = re.compile(r"v\.qq\.com/.*\bvid=([A-Za-z0-9]{8,20})")
_TENCENT_PAGES = ("https://v.qq.com/", "http://v.qq.com/", "https://m.v.qq.com/", "tencent:")
_PICTURE_HINT = "把图片放进课程文件夹，再写 ![说明](文件名)"


class Carrier:
    """Rewrites the texts of one draft."""

    def __init__(
        self, draft: Draft, layout: Layout, pictures: Pictures, losses: Losses, site: str = ""
    ) -> None:
        """``site``: the address that the source had on the web, for links to what was not carried."""
        self._draft, self._layout, self._pictures, self._losses = draft, layout, pictures, losses
        self._site = site.rstrip("/")
        self._anchors: dict[tuple[str, int], Mapping[str, str]] = {}

    def body(self, text: Text, file: str) -> str:
        """The text's Markdown for its place ``file`` in the course."""
        return outside_code(
            _ADDRESSES, lambda found: self._address(found, text, file), text.body, comments=True
        )

    def picture(self, text: Text, address: str, file: str) -> str | None:
        """Where a picture that a text names stands in the course, from ``file``; None when it has none."""
        path = self._draft.find(text.path, _bare(address))
        placed = self._pictures.place(path, posixpath.dirname(file)) if path else None
        return _relative(placed, file) if placed else None

    def _address(self, found: re.Match[str], text: Text, file: str) -> str:
        if found["src"] is not None:
            return self._image(found, text, file)
        if found["href"] is not None:
            label = outside_code(_ADDRESSES, lambda inner: self._address(inner, text, file), found["label"])
            if found["tip"].strip() == f'"{EMBEDDED}"':
                return self._embedded(found, label, text, file)
            to = self._link(_bare(found["href"]), text, file)
            if to is None:
                return self._lost_link(found, text, label)
            return f"[{label}]({to}{found['tip']})"
        if found["to"] is not None:
            return self._definition(found, text, file)
        return self._tag(found, text, file)

    def _embedded(self, found: re.Match[str], label: str, text: Text, file: str) -> str:
        """A lesson shown within this one, where that can be; elsewhere a link to it."""
        path, _, heading = _bare(found["href"]).partition("#")
        target = self._embeddable(self._draft.find(text.path, path), text)
        found_heading = not heading or (target and self._anchor(target, unquote(heading)) is not None)
        if target is not None and found_heading and _stands_alone(found):
            name = self._layout.files[target.key].removesuffix(".md")
            return f"![[{name}{'#' if heading else ''}{unquote(heading)}]]"
        what = f"嵌入的笔记 {shown(label)} 变成了链接"
        self._losses.at(text.path, text.raw, f"![[{label}", what, "想显示在同一页，就把那一段复制过来")
        to = self._link(_bare(found["href"]), text, file)
        return self._lost_link(found, text, label) if to is None else f"[{label}]({to})"

    def _embeddable(self, path: str | None, text: Text) -> Text | None:
        """A lesson that embeds none itself: so nothing can go round in a circle."""
        targets = self._layout.by_source.get(path or "", ())
        if len(targets) != 1 or targets[0].key == text.key or targets[0].draft:
            return None
        return None if f'"{EMBEDDED}"' in targets[0].body else targets[0]

    def _image(self, found: re.Match[str], text: Text, file: str) -> str:
        address = _bare(found["src"])
        if is_elsewhere(address):
            if not address.startswith(_TENCENT_PAGES):
                self._tell_of_foreign(text, address)
            return found[0]
        to = self.picture(text, address, file)
        if to is None:
            return self._lost_picture(found[0], address, found["alt"], text)
        return f"![{found['alt']}]({to}{found['caption']})"

    def _definition(self, found: re.Match[str], text: Text, file: str) -> str:
        address = _bare(found["to"])
        to = self._link(address, text, file)
        if to is None:
            self._losses.at(
                text.path, text.raw, found["to"], f"链接 {shown(address)} 没有搬过来", "改成新的地址，或删掉"
            )
            return found[0]
        return found[0].replace(found["to"], to)

    def _tag(self, found: re.Match[str], text: Text, file: str) -> str:
        values = {each["key"].lower(): each["value"] for each in _ATTRIBUTE.finditer(found["attributes"])}
        tag, address = found["tag"].lower(), values.get("src") or values.get("href") or ""
        if tag in ("iframe", "embed", "video", "audio", "source"):
            return self._player(found, address, text, file)
        if not address:
            return found[0]
        if tag == "img":
            if is_elsewhere(address):
                self._tell_of_foreign(text, address)
                return found[0]
            to = self.picture(text, address, file)
            if to is None:
                return self._lost_picture(found[0], address, values.get("alt", ""), text)
        else:
            to = self._link(address, text, file) or ""
        return found[0].replace(address, to)

    def _player(self, found: re.Match[str], address: str, text: Text, file: str) -> str:
        """Sound and film of the source are carried; a film of Tencent's is shown by its own number."""
        film = _TENCENT_FRAME.search(address)
        if film:
            return f"![视频](https://v.qq.com/x/page/{film[1]}.html)"
        to = None if is_elsewhere(address) else self.picture(text, address, file)
        if to is not None:
            return f"![{posixpath.basename(unquote(address))}]({to})"
        if not address:
            return "" if found["tag"].lower() == "source" else found[0]
        what = f"嵌入的 {shown(address)} 没有搬过来"
        self._losses.at(text.path, text.raw, address, what, "改成链接；视频可以传到腾讯视频再嵌入")
        full = f"https:{address}" if address.startswith("//") else address
        return f"[在新页面打开]({full})" if is_elsewhere(full) else f"（{shown(address)}）{comment(found[0])}"

    def _link(self, address: str, text: Text, file: str) -> str | None:
        """The new address of a link; None when what it means was not carried."""
        if is_elsewhere(address) or not address:
            return address
        target, _, fragment = address.partition("#")
        path = self._draft.find(text.path, target) if target else text.path
        if path is None:
            return f"{self._site}{address}" if address.startswith("/") and self._site else None
        if path == self._layout.intro and not (fragment and path in self._layout.by_source):
            return _relative("_index.md", file)
        if path in self._layout.by_source:
            return self._to_text(path, unquote(fragment), text, file)
        if is_markdown(path):
            return None
        placed = self._pictures.place(path, posixpath.dirname(file)) if _may_be_picture(path) else None
        return _relative(placed, file) if placed else None

    def _to_text(self, path: str, fragment: str, text: Text, file: str) -> str:
        texts = self._layout.by_source[path]
        # A file that became several lessons: the link means the one that has the heading.
        ends = ((each, self._anchor(each, fragment)) for each in texts)
        target, anchor = next(((each, end) for each, end in ends if end is not None), (texts[0], None))
        if anchor is None:
            target = text if fragment and text in texts else texts[0]
            if fragment:
                what = f"链接里的 #{shown(fragment)} 没有找到那个小标题"
                self._losses.at(text.path, text.raw, fragment, what, "检查小标题，或去掉 # 后面的部分")
        to = "" if target is text and anchor else _relative(self._layout.files[target.key], file)
        return f"{to}#{anchor}" if anchor else to

    def _anchor(self, text: Text, fragment: str) -> str | None:
        """ "" for the top of the text, None when it has no such heading."""
        if not fragment:
            return None
        if text.key not in self._anchors:
            self._anchors[text.key] = anchors_of(text)
        return self._anchors[text.key].get(letters(fragment.rpartition("#")[2]))

    def _tell_of_foreign(self, text: Text, address: str) -> None:
        what = f"外站图片 {shown(address)} 没有下载"
        self._losses.at(text.path, text.raw, address, what, f"页面上不会显示；{_PICTURE_HINT}")

    def _lost_picture(self, written: str, address: str, alt: str, text: Text) -> str:
        what = f"没有搬到图片 {shown(unquote(address))}"
        self._losses.at(text.path, text.raw, address, what, _PICTURE_HINT)
        return f"（图：{alt or shown(unquote(address))}）{comment(written)}"

    def _lost_link(self, found: re.Match[str], text: Text, label: str) -> str:
        address = _bare(found["href"])
        what = f"链接 {shown(unquote(address))} 没有搬过来，只留了文字"
        self._losses.at(text.path, text.raw, address, what, "改成课里的文件名，或写完整网址")
        return f"{label or shown(unquote(address))}{comment(address)}"


def _stands_alone(found: re.Match[str]) -> bool:
    """Whether a match is a paragraph of its own."""
    before, behind = found.string[: found.start()], found.string[found.end() :]
    return (not before or before.endswith("\n\n")) and (not behind or behind.startswith("\n\n"))


def _bare(address: str) -> str:
    return address[1:-1].strip() if address.startswith("<") and address.endswith(">") else address


def _may_be_picture(path: str) -> bool:
    return is_asset_name(path) or path.lower().endswith((".bmp", ".svg", ".tiff", ".heic"))


def _relative(path: str, file: str) -> str:
    return posixpath.relpath(path, posixpath.dirname(file) or ".")
