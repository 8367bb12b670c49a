"""What has ended by now, told to whoever checks: a text read by itself knows no clock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from content.problem import Findings, Problem
from content.written import CourseSource


def out_of_date(sources: Iterable[CourseSource], now: datetime, zone: ZoneInfo) -> list[Problem]:
    """Courses that nobody can buy at ``now``, though nothing says that this is meant."""
    problems: list[Problem] = []
    for source in sources:
        findings, ends_at = Findings(source.path, problems), source.showing.ends_at
        if source.draft:
            continue
        if _is_over(source.access, now, zone):
            told = f"期限只到 {source.access}，已经过了，谁也买不了"
            findings.warning(source.line("access"), told, "改成以后的日期，或写 access: 365d")
        if ends_at is not None and ends_at <= now:
            told = "已经过了卖的日子，这门课不在架上"
            findings.warning(source.line("expiryDate"), told, "还要卖就改 expiryDate，或删掉这一行")
    return problems


def _is_over(access: str, now: datetime, zone: ZoneInfo) -> bool:
    if access == "forever" or access.endswith("d"):
        return False
    day_after = date.fromisoformat(access) + timedelta(days=1)
    return datetime.combine(day_after, datetime.min.time(), zone) <= now
