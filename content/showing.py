"""The keys that say when, where and to whom a course or a lesson is shown."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from content.fields import SLUG, Fields, normal
from content.moment import HINT, moment
from content.problem import did_you_mean

MAX_LEARN = 12
MAX_LEARN_CHARS = 60
MAX_ALIASES = 20
MAX_DRIP_DAYS = 365
MAX_TRIAL = 50
MAX_WEIGHT = 1_000_000

PUBLIC, UNLISTED, MEMBERS = "public", "unlisted", "members"

# A course that Ghost calls paid is on the shelf like any other: its price says that it is sold.
COURSE_VISIBILITY: Mapping[str, str] = {
    "public": PUBLIC,
    "公开": PUBLIC,
    "paid": PUBLIC,
    "unlisted": UNLISTED,
    "hidden": UNLISTED,
    "不列出": UNLISTED,
    "members": MEMBERS,
    "private": MEMBERS,
    "仅会员": MEMBERS,
}
# Of a lesson: whether it is free. Only one word opens it.
LESSON_VISIBILITY: Mapping[str, bool] = {
    "public": True,
    "公开": True,
    "paid": False,
    "members": False,
    "tiers": False,
    "filter": False,
    "private": False,
    "付费": False,
}
# Ghost's word for the state of a post: whether it is a draft.
_STATUS: Mapping[str, bool] = {"draft": True, "published": False, "scheduled": False, "sent": False}

T = TypeVar("T")
_DAYS = re.compile(r"([1-9][0-9]{0,2})d?")
_WHOLE = re.compile(r"-?[0-9]{1,7}")
_HAS_SCHEME = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//")


@dataclass(frozen=True)
class Showing:
    """Of a course; as `content.course.Course` has it."""

    cover: str = ""
    weight: int | None = None
    opens_at: datetime | None = None
    ends_at: datetime | None = None
    visibility: str = PUBLIC
    aliases: tuple[str, ...] = ()
    learn: tuple[str, ...] = ()
    drip_days: int = 0


class ShowingFields(Fields):
    """Asked for what is not the course itself but its being shown."""

    def showing(self, images: Collection[str], zone: ZoneInfo) -> Showing:
        opens_at = self.opens_at(zone)
        ends_at = self._moment("expiryDate", zone, whole_day=True)
        if opens_at and ends_at and ends_at <= opens_at:
            self.error("expiryDate", "结束的时间不晚于开始的时间", "检查 publishDate 和 expiryDate")
        return Showing(
            cover=self._cover(images),
            weight=self.weight(),
            opens_at=opens_at,
            ends_at=ends_at,
            visibility=self.visibility(),
            aliases=self.aliases(),
            learn=self._learn(),
            drip_days=self.drip_days(),
        )

    def is_draft(self) -> bool:
        """By any of the words for it: when two contradict, it is one."""
        is_unpublished = self.has("publish") and self._is_a_flag("publish") and not self.flag("publish")
        return any([self.flag("draft"), is_unpublished, self._is_draft_status()])

    def is_free(self) -> bool:
        """A lesson that says so itself. Ghost's ``visibility: public`` says it, nothing missing does."""
        is_open = self._one_of("visibility", LESSON_VISIBILITY, default=False)
        if not self.has("free"):
            return is_open
        free = self.flag("free")
        if self.has("visibility") and free != is_open:
            self.error(
                "visibility", "free 和 visibility 说的不一样", "留下一个：免费写 free: true，付费都不用写"
            )
        return free and is_open if self.has("visibility") else free

    @property
    def says_whether_free(self) -> bool:
        return self.has("free") or self.has("visibility")

    def opens_at(self, zone: ZoneInfo) -> datetime | None:
        return self._moment("publishDate", zone)

    def weight(self) -> int | None:
        """Hugo takes 0 for none."""
        text = self.written("weight")
        if text and (_WHOLE.fullmatch(text) is None or abs(int(text)) > MAX_WEIGHT):
            self.error("weight", f"weight 要写整数，现在是“{text[:20]}”", "例如 weight: 10，小的排在前面")
            return None
        return int(text or 0) or None

    def drip_days(self) -> int:
        text = self.written("drip")
        match = _DAYS.fullmatch(text)
        days = int(match[1]) if match else 0
        if text not in ("", "0", "none") and not 0 < days <= MAX_DRIP_DAYS:
            self.error(
                "drip", f"drip 的写法不对：“{text[:20]}”", f"写天数，例如 drip: 1d（最多 {MAX_DRIP_DAYS} 天）"
            )
            return 0
        return days

    def trial(self) -> int:
        """How many lessons from the first on are free to read."""
        text = self.written("trial")
        if not text:
            return 0
        if not text.isascii() or not text.isdigit() or int(text) > MAX_TRIAL:
            self.error(
                "trial", f"trial 要写试读几课，现在是“{text[:20]}”", f"0 到 {MAX_TRIAL}，例如 trial: 2"
            )
            return 0
        return int(text)

    def aliases(self) -> tuple[str, ...]:
        """Former addresses. Hugo writes paths, Obsidian names: the last part counts, as an address."""
        value = self.value("aliases")
        if value is None:
            return ()
        items = value.items if value.items is not None else (value.text,) if value.text.strip() else ()
        last = (item.strip().strip("/").rpartition("/")[2].removesuffix(".html") for item in items)
        slugs = tuple(dict.fromkeys(slug for slug in last if SLUG.fullmatch(slug) and len(slug) <= 80))
        if len(slugs) > MAX_ALIASES:
            self.error("aliases", f"曾用网址有 {len(slugs)} 个", f"最多 {MAX_ALIASES} 个，删掉不再有人用的")
        return slugs

    def visibility(self) -> str:
        return self._one_of("visibility", COURSE_VISIBILITY, default=PUBLIC, otherwise=MEMBERS)

    def _is_draft_status(self) -> bool:
        return self._one_of("status", _STATUS, default=False, otherwise=True)

    def _is_a_flag(self, key: str) -> bool:
        """Jekyll's ``published`` is one, elsewhere it may be a date."""
        value = self.value(key)
        return value is not None and value.kind == "bool"

    def _one_of(self, key: str, words: Mapping[str, T], *, default: T, otherwise: T | None = None) -> T:
        """``otherwise``: what a word that nobody knows means, besides an error."""
        value = self.value(key)
        if value is None:
            return default
        word = normal(value.text).lower()
        if word in words:
            return words[word]
        hint = did_you_mean(word, list(words)) or f"写 {'、'.join(words)} 中的一个"
        self.error(key, f"不认识的 {value.name or key}：“{value.text[:30]}”", hint)
        return default if otherwise is None else otherwise

    def _moment(self, key: str, zone: ZoneInfo, *, whole_day: bool = False) -> datetime | None:
        text = self.written(key)
        read = moment(text, zone, whole_day=whole_day) if text else None
        if text and read is None:
            self.error(key, f"{self.name(key)} 不是日期：“{text[:30]}”", HINT)
        return read

    def _cover(self, images: Collection[str]) -> str:
        written = self.written("cover")
        if not written:
            return ""
        if _HAS_SCHEME.match(written):
            self.warning("cover", "外站图片不能当封面", "把图片下载到课程文件夹，写它的文件名")
            return ""
        path = posixpath.normpath(unicodedata.normalize("NFC", unquote(written)))
        if path not in images:
            self.error("cover", f"找不到封面图片 {written[:60]}", "放进课程文件夹，例如 cover: cover.png")
            return ""
        return path

    def _learn(self) -> tuple[str, ...]:
        value = self.value("learn")
        if value is None:
            return ()
        if value.items is None:
            self.error("learn", "learn 要写成列表", "每行一条：  - 能写一个会断点续抓的爬虫")
            return ()
        lines = tuple(filter(None, map(normal, value.items)))
        if len(lines) > MAX_LEARN or any(len(line) > MAX_LEARN_CHARS for line in lines):
            self.error(
                "learn", "学完会什么写得太多或太长", f"最多 {MAX_LEARN} 条，每条最多 {MAX_LEARN_CHARS} 个字"
            )
        return lines
