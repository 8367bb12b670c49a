"""A Word file, by Mammoth: its headings become lessons, its pictures stand beside them."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import ParseError

import mammoth
from bs4 import BeautifulSoup
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from content.importing.draft import Draft, Text
from content.importing.htmltext import read_html
from content.importing.losses import Losses
from content.importing.places import Places
from content.importing.plain import cut
from content.importing.source import Source
from infra.errors import Refused

MAX_WORD_BYTES = 64 * 1024 * 1024
MAX_UNPACKED_BYTES = 256 * 1024 * 1024
MAX_XML_BYTES = 32 * 1024 * 1024
MAX_PARTS = 5_000
_STYLES = "\n".join(
    (
        *(f"p[style-name='标题 {level}'] => h{level}:fresh" for level in range(1, 7)),
        *(f"p[style-name='{name}'] => h1.title:fresh" for name in ("Title", "标题")),
        *(f"p[style-name='{name}'] => p:fresh" for name in ("Subtitle", "副标题")),
        *(
            f"p[style-name='{name}'] => pre:separator('\\n')"
            for name in ("Code", "HTML Preformatted", "代码", "源代码", "Source Code")
        ),
        *(f"p[style-name='{name}'] => blockquote:fresh" for name in ("Quote", "Intense Quote", "引用")),
        "u => ",
    )
)
_UNKNOWN = re.compile(r"unrecognised element was ignored: (?:\{[^}]*\})?(?:\w+:)?(\w+)", re.IGNORECASE)
_NAMES = {
    "oMath": "公式",
    "oMathPara": "公式",
    "shape": "图形",
    "wsp": "图形",
    "chart": "图表",
    "object": "嵌入的对象",
    "AlternateContent": "图形",
}
# What a package that is cut off, encrypted or packed in an unknown way raises.
_BROKEN = (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError, ValueError, ParseError)
_NOTE = re.compile(r"\[\^([\w-]+)\]")


def is_word(source: Source) -> bool:
    return source.is_file and source.path.suffix.lower() in (".docx", ".docm")


def read_word(source: Source) -> Draft:
    """Raises Refused for a file that is no Word file, is cut off, or would unpack into too much."""
    data = source.tree.read(source.file, MAX_WORD_BYTES)
    if data is None:
        raise Refused(f"{source.file} 超过 {MAX_WORD_BYTES // 1024 // 1024} MiB", hint="拆成几个文件再搬")
    _refuse_bad(data, source.file)
    html, media = _html(data, source.file, source.losses)
    declared, html = _declared_title(html)
    html, notes = _footnotes(html)
    page = read_html(html, source.file, source.losses, article=False)
    text = Text(source.file, "", page.body, source.name, source.name)
    title, intro, lessons = cut(text)
    parts = tuple(_with_notes(lesson, notes) for lesson in lessons if lesson.body.strip())
    return Draft(
        title=declared or title or source.name,
        name=source.name,
        parts=parts,
        find=Places(media).find,
        media=media.get,
        intro=_with_notes(intro, notes) if intro else None,
    )


def _refuse_bad(data: bytes, name: str) -> None:
    """Looks into the package before anything unpacks it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            infos = package.infolist()
            total = sum(info.file_size for info in infos)
            if len(infos) > MAX_PARTS or total > MAX_UNPACKED_BYTES:
                raise Refused(f"{name} 解开以后太大", hint="把图片压缩一下，或拆成几个文件再搬")
            if "word/document.xml" not in package.namelist():
                raise Refused(f"{name} 不是 Word 文件", hint="旧的 .doc 先在 Word 或 WPS 里另存为 .docx")
            for info in infos:
                if info.filename.endswith((".xml", ".rels")):
                    _refuse_bad_xml(package, info, name)
    except (DefusedXmlException, RecursionError) as error:
        raise Refused(
            f"{name} 里有不该有的东西（实体定义）", hint="在 Word 里打开，另存一份 .docx 再搬"
        ) from error
    except _BROKEN as error:
        raise Refused(
            f"{name} 打不开：文件不完整，或者加了密码", hint="在 Word 里打开，另存一份 .docx 再搬"
        ) from error


def _refuse_bad_xml(package: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> None:
    with package.open(info) as part:
        xml = part.read(MAX_XML_BYTES + 1)
    if len(xml) > MAX_XML_BYTES:
        raise Refused(f"{name} 里的文字太多", hint="拆成几个文件再搬")
    # Mammoth's own parser would unfold entities; a document of Word's never declares any.
    fromstring(xml, forbid_dtd=True)


def _html(data: bytes, name: str, losses: Losses) -> tuple[str, dict[str, bytes]]:
    media: dict[str, bytes] = {}

    def keep(image: Any) -> dict[str, str]:
        with image.open() as opened:
            content = opened.read()
        ending = str(image.content_type).partition("/")[2].partition("+")[0] or "png"
        path = f"image-{len(media) + 1}.{ending}"
        media[path] = content
        return {"src": path}

    try:
        made = mammoth.convert_to_html(
            io.BytesIO(data), style_map=_STYLES, convert_image=mammoth.images.img_element(keep)
        )
    except (KeyError, ValueError, AttributeError, IndexError, TypeError, OSError, RecursionError) as error:
        # A package whose parts do not fit together breaks Mammoth in any of these ways.
        raise Refused(f"{name} 读不懂：文件不完整", hint="在 Word 里打开，另存一份 .docx 再搬") from error
    unknown = Counter(found[1] for message in made.messages if (found := _UNKNOWN.search(message.message)))
    for element, count in unknown.items():
        what = _NAMES.get(element)
        if what:
            losses.of(
                name, f"{count} 处{what}没有搬过来", "对照原文，公式写成 $…$，图形截图以后放进课程文件夹"
            )
    return str(made.value), media


def _declared_title(html: str) -> tuple[str, str]:
    """What stands in Word's style for titles, and the HTML without it."""
    soup = BeautifulSoup(html, "html.parser")
    title = soup.select_one("h1.title")
    if title is None:
        return "", html
    words = " ".join(title.get_text(" ").split())
    title.decompose()
    return words, str(soup)


def _footnotes(html: str) -> tuple[str, dict[str, str]]:
    """Marks of footnotes as `[^1]`, and the notes by their number, out of the list at the end."""
    soup = BeautifulSoup(html, "html.parser")
    notes: dict[str, str] = {}
    for row in soup.select("li[id^=footnote-], li[id^=endnote-]"):
        for back in row.select("a[href^='#footnote-ref'], a[href^='#endnote-ref']"):
            back.decompose()
        notes[_number(str(row["id"]))] = " ".join(row.get_text(" ").split())
        row.decompose()
    for mark in soup.select("sup > a[href^='#footnote-'], sup > a[href^='#endnote-']"):
        if mark.parent is not None:
            mark.parent.replace_with(f"kebannote{_number(str(mark['href'])[1:])}x")
    return str(soup), notes


def _number(name: str) -> str:
    kind, _, number = name.partition("-")
    return f"e{number}" if kind == "endnote" else number


def _with_notes(text: Text, notes: dict[str, str]) -> Text:
    body = re.sub(r"kebannote(e?\d+)x", r"[^\1]", text.body)
    used = [name for name in dict.fromkeys(_NOTE.findall(body)) if name in notes]
    below = "".join(f"\n\n[^{name}]: {_escaped(notes[name])}" for name in used)
    return replace(text, body=body + below, raw=text.raw)


def _escaped(note: str) -> str:
    return re.sub(r"([\\`*_<\[\]])", r"\\\1", note)
