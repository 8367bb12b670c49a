"""Dates that have passed are told at their line, and those of a draft are not."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from content.check import read_folder
from content.out_of_date import out_of_date
from tests.unit.content.conftest import INDEX, WriteCourse

ZONE = ZoneInfo("Asia/Shanghai")
LAST_MOMENT = datetime(2027, 3, 1, 15, 59, tzinfo=UTC)  # of the first of March, in Shanghai
NEXT_DAY = datetime(2027, 3, 1, 16, 0, tzinfo=UTC)
MARCH = "2027-03-01"


@pytest.mark.parametrize(
    ("key", "line", "told"),
    [("access", 10, "谁也买不了"), ("expiryDate", 10, "不在架上")],
)
def test_a_day_that_has_passed_is_told_at_its_line(
    write_course: WriteCourse, key: str, line: int, told: str
) -> None:
    index = INDEX.format(id="py-crawler").replace("access: 365d", f"{key}: {MARCH}")
    courses, _ = read_folder(write_course(files={"_index.md": index}).parent)
    assert out_of_date(courses, LAST_MOMENT, ZONE) == []
    [problem] = out_of_date(courses, NEXT_DAY, ZONE)
    assert (problem.line, problem.severity, told in problem.message) == (line, "warning", True)
    assert key in problem.hint


@pytest.mark.parametrize("access", ["forever", "365d", "2099-01-01"])
def test_what_goes_on_is_not_told(write_course: WriteCourse, access: str) -> None:
    index = INDEX.format(id="py-crawler").replace("access: 365d", f"access: {access}")
    courses, _ = read_folder(write_course(files={"_index.md": index}).parent)
    assert len(courses) == 1 and out_of_date(courses, NEXT_DAY, ZONE) == []


def test_of_a_draft_nothing_is_told(write_course: WriteCourse) -> None:
    index = INDEX.format(id="py-crawler").replace("access: 365d", f"access: {MARCH}\ndraft: true")
    courses, _ = read_folder(write_course(files={"_index.md": index}).parent)
    assert len(courses) == 1 and out_of_date(courses, NEXT_DAY, ZONE) == []
