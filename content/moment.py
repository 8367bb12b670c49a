"""Dates and times as creators write them, as moments in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
HINT = "写成 2027-01-31 或 2027-01-31 20:00（北京时间），也可以带时区：2027-01-31T20:00:00+08:00"

# What Hugo, Hexo, Obsidian and Ghost write; `fromisoformat` alone would take week numbers and bare digits.
_WRITTEN = re.compile(
    r"((?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2})"
    r"(?:(?:[Tt]| +)([0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)(?:\.[0-9]{1,9})?"
    r"(?: *([Zz]|[+-][0-9]{2}:?[0-9]{2}))?)?"
)


def moment(text: str, zone: ZoneInfo, *, whole_day: bool = False) -> datetime | None:
    """The moment in UTC, or None when it is no date. What names no zone is a time in ``zone``.

    A date alone is its first moment, or with ``whole_day`` the end of it: 「到 12 月 31 日」 lasts that day.
    """
    match = _WRITTEN.fullmatch(text.strip())
    if match is None:
        return None
    day, at, offset = match.groups()
    try:
        read = datetime.fromisoformat(f"{day}T{_two_digits(at or '00:00')}")
        here = zone if offset is None else datetime.fromisoformat(f"{day}T00:00{offset.upper()}").tzinfo
    except ValueError:
        return None
    if whole_day and at is None:
        read = datetime.combine(read.date() + timedelta(days=1), time())
    return read.replace(tzinfo=here).astimezone(UTC)


def _two_digits(at: str) -> str:
    return f"0{at}" if at[1] == ":" else at
