"""One Markdown file's bytes as text with front matter, or a finding that says why not."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from urllib.parse import unquote

from content.frontmatter import FrontMatter, FrontMatterError
from content.head import read_head
from content.problem import Findings

# PostgreSQL cannot store NUL, and the others are never meant.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def read_text(data: bytes, findings: Findings) -> FrontMatter | None:
    """The front matter and body of a file; None with a finding when it cannot be read."""
    text = decoded(data)
    if text is None:
        findings.error(_bad_byte_line(data), "文件不是 UTF-8 编码", "在编辑器里另存为 UTF-8")
        return None
    control = _CONTROL.search(text)
    if control:
        findings.error(line_at(text, control.start()), "有看不见的控制字符", "删掉它再保存")
        return None
    try:
        return read_head(text)
    except FrontMatterError as error:
        findings.error(error.line, error.message, error.hint)
        return None


def decoded(data: bytes) -> str | None:
    r"""The text in Unicode NFC with \n line ends, or None when it is not UTF-8."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def line_at(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def line_of(address: str, data: bytes) -> int:
    """The first line of a file in which an address stands, percent-encoded or not; 1 when it is not found."""
    text = _small_letters(data)
    for wanted in (address.lower(), unquote(address).lower()):
        at = text.find(wanted)
        if at >= 0:
            return line_at(text, at)
    return 1


@lru_cache(maxsize=1)
def _small_letters(data: bytes) -> str:
    """Of the file that was asked about last: whoever has one wrong address may have hundreds."""
    return (decoded(data) or "").lower()


def _bad_byte_line(data: bytes) -> int:
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return data.count(b"\n", 0, error.start) + 1
    return 1
