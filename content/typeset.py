"""The texts of one course made into HTML, with what they show of its folder: pictures, sound, film."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from urllib.parse import unquote

from content.assets import Asset, is_asset_name, is_what_it_says, kind_of, media_type, picture_size
from content.folder import Snapshot
from content.links import ANCHOR_PREFIX, Links
from content.markdown import Place, Rendered, Text, Texts, render
from content.neighbours import Neighbours
from content.problem import Findings
from content.shown_asset import mark_of
from content.textfile import line_of

_FOREIGN_IMAGE = re.compile(r'<img[^>]* src="(https?://[^"]+)"')
_MEND = {
    "image": "把 png、jpg、gif 或 webp 放进课程文件夹，检查文件名",
    "audio": "把 mp3 或 m4a 放进课程文件夹，检查文件名",
    "video": "把 mp4 或 webm 放进课程文件夹，检查文件名",
}


class Typesetter:
    """Renders the parts of a course's texts one by one, and remembers which files of the course they show.

    ``slugs`` leads from a lesson file's path to its slug, and must hold all that can be linked to.
    """

    def __init__(self, snapshot: Snapshot, findings: Findings, slugs: Mapping[str, str]) -> None:
        self.texts = Texts((), Neighbours(snapshot.path))
        self.course_slug = ""
        self._snapshot = snapshot
        self._findings = findings
        self._slugs = slugs
        # File → where it is shown: the lesson's slug ("" for the course page), and if its paid part.
        self._shown: dict[str, set[tuple[str, bool]]] = defaultdict(set)
        self._sizes: dict[str, tuple[int, int] | None] = {}
        self._digests: dict[str, str] = {}

    def let_know(self, texts: list[Text]) -> None:
        """The lessons that texts may link to by name, and embed."""
        self.texts = Texts(texts, Neighbours(self._snapshot.path))

    def render(self, path: str, source: str, first_line: int, *, after: Rendered | None = None) -> Rendered:
        """One part of a file. A paid part is always rendered ``after`` a free one, be that empty."""
        links = Links(
            self.course_slug,
            posixpath.dirname(path),
            self._files,
            self._slugs,
            size_of=self._size_of,
            mark_of=lambda file: mark_of(self._digest_of(file)),
        )
        paid, findings = after is not None, self._at(path)
        place = Place(path, first_line, paid=paid, texts=self.texts, findings=findings)
        rendered = render(source, links, after=after, place=place)
        for file in links.used:
            self._shown[file].add((self._slugs.get(path, ""), paid))
        self._note_broken(path, links, rendered)
        if links.fragments:
            self._note_lost_anchors(path, links, rendered.html)
        return rendered

    def render_again(self, path: str, source: str) -> Rendered:
        """A piece of what was rendered before, whose findings have been told."""
        silent = Typesetter(self._snapshot, Findings(""), self._slugs)
        silent.course_slug, silent.texts = self.course_slug, self.texts
        return silent.render(path, source, 1)

    def assets(self, cover: str) -> tuple[Asset, ...]:
        """The files that are shown somewhere; what no text shows is not published."""
        if cover:
            self._shown[cover].add(("", False))
        return tuple(self._asset(path) for path in sorted(self._shown))

    @cached_property
    def _files(self) -> set[str]:
        return {path for path in self._snapshot.files if is_asset_name(path)}

    def _size_of(self, path: str) -> tuple[int, int] | None:
        if path not in self._sizes:
            self._sizes[path] = picture_size(self._snapshot.files.get(path, b""))
        return self._sizes[path]

    def _digest_of(self, path: str) -> str:
        if path not in self._digests:
            self._digests[path] = sha256(self._snapshot.files.get(path, b"")).hexdigest()
        return self._digests[path]

    def _note_broken(self, path: str, links: Links, rendered: Rendered) -> None:
        findings, data = self._at(path), self._snapshot.files[path]
        for url in dict.fromkeys(links.missing):
            name, line = unquote(url) or "（没有写地址）", line_of(url, data)
            findings.error(line, f"找不到图片 {name}", _MEND[kind_of(url) or "image"])
        for url in dict.fromkeys(links.broken):
            name, line = unquote(url), line_of(url, data)
            findings.warning(line, f"链接 {name} 打不开，页面上只留文字", "检查文件名，或写完整网址")
        for url in _FOREIGN_IMAGE.findall(rendered.html) if "<img" in rendered.html else ():
            findings.warning(line_of(url, data), "外站图片不会显示", "把图片下载到课程文件夹再引用")

    def _note_lost_anchors(self, path: str, links: Links, html: str) -> None:
        """Links to headings that are not there: in this file's other part they may be, too."""
        for file, fragment, url in dict.fromkeys(links.fragments):
            anchor, text = unquote(fragment), self.texts.at(file or path)
            known = {section.anchor for section in text.sections} if text else set()
            is_here = not file and f' id="{ANCHOR_PREFIX}{anchor}"' in html
            if is_here or anchor in known or (file and text is None):
                continue
            hint = (text.nearest_heading(anchor) if text else "") or "检查 # 后面的标题；空格写成 -"
            line = line_of(url, self._snapshot.files[path])
            self._at(path).warning(line, f"链接 {unquote(url)} 指向的标题不存在", hint)

    def _asset(self, path: str) -> Asset:
        data = self._snapshot.files[path]
        if not is_what_it_says(path, data):
            self._at(path).error(1, "文件内容和扩展名对不上", "重新导出，不要只改扩展名")
        shown_in = tuple(sorted(self._shown[path]))
        paid = all(is_paid for _, is_paid in shown_in)
        return Asset(path, media_type(path), self._digest_of(path), paid, data, shown_in)

    def _at(self, path: str) -> Findings:
        return self._findings.of(self._snapshot.file(path))
