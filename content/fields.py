"""Front matter's values checked one key at a time; every refusal says how the line should read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

from content.frontmatter import Value
from content.problem import Findings
from content.rules import MAX_ACCESS_DAYS, MAX_REFUND_DAYS, is_access, is_refund_rule

MAX_PRICE_FEN = 5_000_000
MAX_TITLE_CHARS = 60
MAX_SUMMARY_CHARS = 120
MAX_TEACHER_CHARS = 30
MAX_TAGS = 12
MAX_TAG_CHARS = 20
MAX_MINUTES = 600
MAX_SLUG_CHARS = 80
MAX_INCLUDED = 50
INCLUDES_HINT = (
    "套餐写课程的 id：includes: [py-start, py-crawler]；会员写 includes: all 或 includes: tag:爬虫"
)

LEVELS: Mapping[str, str] = {
    "入门": "beginner",
    "零基础": "beginner",
    "beginner": "beginner",
    "进阶": "intermediate",
    "intermediate": "intermediate",
    "高级": "advanced",
    "advanced": "advanced",
}

_YUAN = re.compile(r"(0|[1-9][0-9]{0,6})(?:\.([0-9]{1,2}))?")
_ANY_AMOUNT = re.compile(r"[0-9]+(?:\.[0-9]{1,2})?")
_ID = re.compile(r"[a-z0-9-]{3,40}")
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def yuan_to_fen(text: str) -> int | None:
    """``"99.9"`` → 9990, by digits and never through a float; None when it is not an amount."""
    match = _YUAN.fullmatch(text)
    if match is None:
        return None
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))


def normal(text: str) -> str:
    """Unicode NFC, runs of white space as one space."""
    return " ".join(unicodedata.normalize("NFC", text).split())


class Fields:
    """The front matter of one file, asked key by key."""

    def __init__(self, values: Mapping[str, Value], findings: Findings) -> None:
        self._values = values
        self._findings = findings

    def text(self, key: str, *, most: int, example: str = "", needed: bool = True) -> str:
        value = self._values.get(key)
        text = normal(value.text) if value else ""
        if value is None or value.kind in ("null", "seq", "map") or not text:
            if needed or (value is not None and value.kind in ("seq", "map")):
                self._findings.error(value.line if value else 1, f"缺少 {key}", f"写上 {key}: {example}")
            return ""
        if len(text) > most:
            self._findings.error(value.line, f"{key} 有 {len(text)} 个字，最多 {most} 个字", "写短一些")
        return text

    def teacher(self) -> str:
        """One, or the names of several as Hugo and Ghost list their authors."""
        value = self._values.get("teacher")
        if value is None or not value.items:
            return self.text("teacher", most=MAX_TEACHER_CHARS, needed=False)
        together = "、".join(map(normal, value.items))
        if len(together) > MAX_TEACHER_CHARS:
            self.error("teacher", "老师的名字太长", f"一共最多 {MAX_TEACHER_CHARS} 个字")
        return together

    def id(self, example: str) -> str:
        value = self._values.get("id")
        if value is None or not value.text.strip():
            self._findings.error(
                value.line if value else 1,
                "缺少 id",
                f"写上 id: {example}（写一次就不再改，买过的人靠它找回课程）",
            )
            return ""
        if _ID.fullmatch(value.text) is None:
            self._findings.error(
                value.line,
                f"id “{value.text[:60]}” 不合规",
                "3 到 40 个小写字母、数字和 -，例如 py-crawler",
            )
            return ""
        return value.text

    def slug(self, default: str, renaming: str) -> str:
        """The address part: the key ``slug`` if written, else what the file or folder is called.

        Hugo's ``url`` is a whole path: its last part counts.
        """
        value = self._values.get("slug")
        slug, line = (value.text.strip("/").rpartition("/")[2], value.line) if value else (default, 1)
        if SLUG.fullmatch(slug) is None or len(slug) > MAX_SLUG_CHARS:
            self._findings.error(
                line,
                f"“{slug[:60]}” 不能用作网址",
                f"只用小写字母、数字和 -：{renaming}",
            )
            return ""
        return slug

    def price(self, key: str, *, needed: bool) -> int | None:
        """Fen, or None when the key is missing or wrong (and that has been noted)."""
        value = self._values.get(key)
        if value is None:
            if needed:
                self._findings.error(1, f"缺少 {key}", f'写上 {key}: "99.00"；免费课写 {key}: "0"')
            return None
        fen = yuan_to_fen(value.text) if value.quoted else None
        if fen is None:
            self._findings.error(value.line, *_wrong_price(key, value))
        elif fen > MAX_PRICE_FEN:
            self._findings.error(value.line, f"{key} 太大了", f"最高 {MAX_PRICE_FEN // 100} 元，单位是元")
            return None
        return fen

    def flag(self, key: str) -> bool:
        value = self._values.get(key)
        if value is None:
            return False
        if value.kind != "bool":
            self._findings.error(value.line, f"{key} 只能是 true 或 false", f"写成 {key}: true，不加引号")
            return False
        return value.text.lower() in ("true", "yes", "on")

    def minutes(self) -> int | None:
        value = self._values.get("minutes")
        if value is None:
            return None
        if re.fullmatch(r"[1-9][0-9]{0,2}", value.text) is None or int(value.text) > MAX_MINUTES:
            self._findings.error(value.line, "minutes 要写分钟数", f"1 到 {MAX_MINUTES}，例如 minutes: 12")
            return None
        return int(value.text)

    def tags(self) -> tuple[str, ...]:
        value = self._values.get("tags")
        if value is None:
            return ()
        if value.items is None and value.kind in ("map", "seq"):
            self._findings.error(value.line, "tags 要写成列表", "例如 tags: [爬虫, Python]")
            return ()
        # Obsidian takes a text of tags, too, and a # before each.
        items = value.items if value.items is not None else re.split(r"[,，、\s]+", value.text)
        tags = tuple(dict.fromkeys(filter(None, (normal(item).removeprefix("#") for item in items))))
        if len(tags) > MAX_TAGS or any(len(tag) > MAX_TAG_CHARS for tag in tags):
            self._findings.error(
                value.line, "标签太多或太长", f"最多 {MAX_TAGS} 个，每个最多 {MAX_TAG_CHARS} 个字"
            )
        return tags

    def includes(self) -> tuple[tuple[str, str], ...]:
        """``(("course", id), …)``, ``(("tag", name),)`` or ``(("all", "*"),)``; () when wrong (noted)."""
        value = self._values.get("includes")
        if value is None:
            return ()
        if value.items is not None:
            return self._included_ids(value.line, value.items)
        text = normal(value.text)
        tag = normal(text.removeprefix("tag:"))
        if text == "all":
            return (("all", "*"),)
        if text.startswith("tag:") and 0 < len(tag) <= MAX_TAG_CHARS:
            return (("tag", tag),)
        self._findings.error(value.line, f"includes 的写法不对：“{text[:30]}”", INCLUDES_HINT)
        return ()

    def _included_ids(self, line: int, items: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        ids = tuple(dict.fromkeys(normal(item) for item in items))
        wrong = next((one for one in ids if _ID.fullmatch(one) is None), None)
        if wrong is not None:
            self._findings.error(line, f"includes 里的 “{wrong[:60]}” 不是课程 id", INCLUDES_HINT)
            return ()
        if not 2 <= len(ids) <= MAX_INCLUDED:
            self._findings.error(
                line, f"套餐里要有 2 到 {MAX_INCLUDED} 门课，现在是 {len(ids)} 门", INCLUDES_HINT
            )
            return ()
        return tuple(("course", one) for one in ids)

    def level(self) -> str:
        value = self._values.get("level")
        if value is None:
            return "beginner"
        level = LEVELS.get(normal(value.text).lower())
        if level is None:
            self._findings.error(value.line, f"不认识的难度 “{value.text[:30]}”", "写 入门、进阶 或 高级")
        return level or "beginner"

    def access(self) -> str:
        """``forever``, ``<n>d`` or an ISO date."""
        hint = f"写 forever、365d（最多 {MAX_ACCESS_DAYS} 天）或 2027-12-31 这样的日期"
        return self._rule("access", "forever", is_access, hint)

    def refund(self) -> str:
        """``none``, ``<n>d`` or ``<n>d <a/b``: within n days, and while less than that share is read."""
        hint = f"写 none、7d（最多 {MAX_REFUND_DAYS} 天），或 7d <1/3（7 天内、学了不到三分之一才能退）"
        return self._rule("refund", "none", is_refund_rule, hint)

    def _rule(self, key: str, plain: str, fits: Callable[[str], bool], hint: str) -> str:
        """A missing key means ``plain``."""
        value = self._values.get(key)
        if value is None:
            return plain
        text = value.text.strip()
        if text != plain and not fits(text):
            self._findings.error(value.line, f"{key} 的写法不对：“{text[:30]}”", hint)
            return plain
        return text

    def has(self, key: str) -> bool:
        return key in self._values

    def value(self, key: str) -> Value | None:
        return self._values.get(key)

    def written(self, key: str) -> str:
        """A scalar's text, or an empty one."""
        value = self._values.get(key)
        return "" if value is None or value.kind == "null" else value.text.strip()

    def name(self, key: str) -> str:
        """The key as this file writes it."""
        value = self._values.get(key)
        return (value.name if value else "") or key

    def error(self, key: str, message: str, hint: str) -> None:
        self._findings.error(self.line(key), message, hint)

    def warning(self, key: str, message: str, hint: str) -> None:
        self._findings.warning(self.line(key), message, hint)

    def lines(self) -> dict[str, int]:
        return {key: value.line for key, value in self._values.items()}

    def line(self, key: str) -> int:
        """Where a key stands, or the first line."""
        value = self._values.get(key)
        return value.line if value else 1


def _wrong_price(key: str, value: Value) -> tuple[str, str]:
    if value.text.strip().startswith("-"):
        return f"{key} 是负数", f'价格不能小于 0；免费课写 {key}: "0"'
    amount = _ANY_AMOUNT.search(value.text)
    suggestion = amount[0] if amount and yuan_to_fen(amount[0]) is not None else "99.00"
    if not value.quoted and yuan_to_fen(value.text) is not None:
        return f"{key} 要写成带引号的文字", f'改成 {key}: "{suggestion}"'
    return f"{key} 不是金额：“{value.text[:30]}”", f'单位是元，最多两位小数，带引号：{key}: "{suggestion}"'
