"""Front matter as Hugo, Obsidian and Ghost write it means what it meant there; nothing foreign is free."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from content import frontmatter
from content.check import read_folder
from content.head import read_head
from content.problem import Problem
from content.written import CourseSource

WriteCourse = Callable[..., Path]

HUGO = """\
+++
# 从 Hugo 搬来的
id = "py-crawler"
Title = "Python 爬虫"
description = "抓网页"
price = "99.00"
tags = ["爬虫", "Python"]
date = 2025-12-01T08:00:00+08:00
expiryDate = 2099-01-01
weight = 5
draft = false
url = "/courses/py-new/"
aliases = ["/old/py-old/", "/posts/older.html"]
authors = ["林间", "阿文"]
layout = "single"

[params]
price = "0"
free = true
+++
介绍
"""
GHOST = """\
---
id: py-crawler
title: Python 爬虫
slug: py-ghost
status: published
visibility: public
custom_excerpt: 抓网页
feature_image: cover.png
published_at: 2025-12-01T00:00:00.000Z
price: "99.00"
tags: [爬虫]
---
介绍
"""
OBSIDIAN = """\
---
id: py-crawler
title: Python 爬虫
summary: 抓网页
price: "99.00"
tags: 爬虫, Python
aliases: [爬虫入门, py-old]
publish: true
cssclasses: [wide]
---
介绍
"""
JSON = """\
{
  "id": "py-crawler",
  "title": "Python 爬虫",
  "summary": "抓网页",
  "price": "99.00",
  "tags": ["爬虫", "Python"]
}
介绍
"""
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 16


def read(root: Path, write: WriteCourse, index: str, **files: object) -> tuple[CourseSource, list[Problem]]:
    write(files={"_index.md": index, "cover.png": PNG, **files})
    courses, problems = read_folder(root)
    assert courses, [str(problem) for problem in problems]
    return courses[0], [problem for problem in problems if problem.severity != "info"]


def lesson(head: str, body: str = "正文\n") -> str:
    return f"---\ntitle: 三\n{head}\n---\n{body}"


def test_a_course_of_hugo(root: Path, write_course: WriteCourse) -> None:
    course, problems = read(root, write_course, HUGO)
    assert problems == []
    assert (course.title, course.summary, course.price_fen) == ("Python 爬虫", "抓网页", 9900)
    assert (course.slug, course.tags, course.teacher) == ("py-new", ("爬虫", "Python"), "林间、阿文")
    showing = course.showing
    assert (showing.aliases, showing.weight) == (("py-old", "older"), 5)
    assert showing.opens_at == datetime(2025, 12, 1, tzinfo=UTC)
    assert showing.ends_at == datetime(2099, 1, 1, 16, tzinfo=UTC)
    assert course.page_html == "<p>介绍</p>\n"


def test_a_course_of_ghost(root: Path, write_course: WriteCourse) -> None:
    course, problems = read(root, write_course, GHOST)
    assert problems == []
    assert (course.slug, course.summary, course.showing.cover) == ("py-ghost", "抓网页", "cover.png")
    assert (course.showing.visibility, course.draft, course.price_fen) == ("public", False, 9900)
    assert course.showing.opens_at == datetime(2025, 12, 1, tzinfo=UTC)
    assert [asset.path for asset in course.assets] == ["cover.png"]


def test_a_course_of_obsidian(root: Path, write_course: WriteCourse) -> None:
    course, problems = read(root, write_course, OBSIDIAN)
    assert problems == []
    assert (course.tags, course.showing.aliases) == (("爬虫", "Python"), ("py-old",))


def test_a_course_in_json(root: Path, write_course: WriteCourse) -> None:
    course, problems = read(root, write_course, JSON)
    assert problems == []
    assert (course.price_fen, course.tags, course.page_html) == (
        9900,
        ("爬虫", "Python"),
        "<p>介绍</p>\n",
    )


@pytest.mark.parametrize(
    "line",
    ["draft: true", "status: draft", "publish: false", "published: false", "status: published\ndraft: true"],
)
def test_each_word_for_a_draft_keeps_a_lesson_back(root: Path, write_course: WriteCourse, line: str) -> None:
    write_course(files={"03-third.md": lesson(line)})
    assert len(read_folder(root)[0][0].lessons) == 2


@pytest.mark.parametrize("head", ["visibility: public", "Free: true", "free: true\nvisibility: public"])
def test_a_lesson_is_free_when_it_says_so(root: Path, write_course: WriteCourse, head: str) -> None:
    write_course(files={"03-third.md": lesson(head)})
    assert read_folder(root)[0][0].lessons[2].lesson.free


@pytest.mark.parametrize(
    "head",
    [
        "visibility: members",
        "visibility: paid",
        "visibility: tiers",
        "layout: free",
        "type: public",
        "access: public",
        "price: '0'",
        "publish: true",
        "status: published",
        "featured: true",
        "params: {free: true}",
        "fre: true",
        "free: false",
        "minutes: 3",
    ],
)
def test_nothing_that_is_foreign_or_missing_makes_a_lesson_free(
    root: Path, write_course: WriteCourse, head: str
) -> None:
    write_course(files={"03-third.md": lesson(head)})
    third = read_folder(root)[0][0].lessons[2]
    assert not third.lesson.free and third.free_html == "" and third.paid_html


@pytest.mark.parametrize("head", ["visibility: everyone", "free: true\nvisibility: paid"])
def test_a_doubt_about_what_is_free_is_an_error(root: Path, write_course: WriteCourse, head: str) -> None:
    write_course(files={"03-third.md": lesson(head)})
    courses, problems = read_folder(root)
    assert courses == [] and "visibility" in str(problems)


@pytest.mark.parametrize(("trial", "free"), [("0", 1), ("1", 1), ("2", 1), ("3", 2), ("50", 3)])
def test_a_trial_frees_the_first_lessons_and_no_mark(
    root: Path, write_course: WriteCourse, trial: str, free: int
) -> None:
    index = JSON.replace('"price"', f'"trial": {trial}, "price"')
    files = {"03-third.md": lesson("minutes: 3"), "04-fourth.md": lesson("minutes: 3")}
    course, _ = read(root, write_course, index, **files)
    assert [source.lesson.free for source in course.lessons].count(True) == free
    assert course.lessons[1].paid_html and not course.lessons[1].lesson.free


def test_a_lesson_kept_back_frees_no_other_on_trial(root: Path, write_course: WriteCourse) -> None:
    index = JSON.replace('"price"', '"trial": 3, "price"')
    files = {"03-third.md": lesson("draft: true"), "04-fourth.md": lesson("minutes: 3")}
    course, _ = read(root, write_course, index, **files)
    assert not course.lessons[-1].lesson.free


def test_an_explicit_word_is_stronger_than_the_trial(root: Path, write_course: WriteCourse) -> None:
    index = JSON.replace('"price"', '"trial": 9, "price"')
    files = {"03-third.md": lesson("free: false"), "04-fourth.md": lesson("visibility: paid")}
    course, _ = read(root, write_course, index, **files)
    assert [source.lesson.free for source in course.lessons] == [True, False, False, False]


def test_a_mark_on_the_first_line_is_kept_on_trial(root: Path, write_course: WriteCourse) -> None:
    index = JSON.replace('"price"', '"trial": 9, "price"')
    body = "<!--members-only-->\n付费\n"
    course, _ = read(root, write_course, index, **{"03-third.md": lesson("minutes: 3", body)})
    assert course.lessons[2].free_html == "" and course.lessons[2].paid_html


def test_weights_order_lessons_and_chapters(root: Path, write_course: WriteCourse) -> None:
    write_course(
        files={
            "01-first.md": lesson("weight: 90\nfree: true"),
            "no-number.md": lesson("weight: 1"),
            "parts/_index.md": "---\ntitle: 章\nweight: 50\n---\n",
            "parts/09-deep.md": lesson("minutes: 1"),
        }
    )
    lessons = [source.lesson for source in read_folder(root)[0][0].lessons]
    assert [one.slug for one in lessons] == ["no-number", "second", "deep", "first"]


def test_days_of_waiting_count_paid_lessons_only(root: Path, write_course: WriteCourse) -> None:
    index = JSON.replace('"price"', '"drip": "2d", "price"')
    files = {
        "03-third.md": lesson("minutes: 3"),
        "04-fourth.md": lesson("drip: 30d"),
        "05-fifth.md": lesson("drip: 0"),
        "06-sixth.md": lesson("minutes: 3"),
    }
    course, _ = read(root, write_course, index, **files)
    days = [source.lesson.opens_after_days for source in course.lessons]
    assert days == [0, 0, 2, 30, 0, 8]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2027-01-31", datetime(2027, 1, 30, 16, tzinfo=UTC)),
        ("2027-01-31 9:05", datetime(2027, 1, 31, 1, 5, tzinfo=UTC)),
        ("2027-01-31T09:05:06", datetime(2027, 1, 31, 1, 5, 6, tzinfo=UTC)),
        ("2027-01-31 09:05:06 +0000", datetime(2027, 1, 31, 9, 5, 6, tzinfo=UTC)),
        ("2027-01-31T09:05:06.123Z", datetime(2027, 1, 31, 9, 5, 6, tzinfo=UTC)),
        ("2027-01-31T09:05:06-05:00", datetime(2027, 1, 31, 14, 5, 6, tzinfo=UTC)),
    ],
)
def test_a_time_without_a_zone_is_of_shanghai(
    root: Path, write_course: WriteCourse, text: str, expected: datetime
) -> None:
    course, _ = read(root, write_course, GHOST.replace("2025-12-01T00:00:00.000Z", text))
    assert course.showing.opens_at == expected


def test_the_zone_of_the_shop_counts(root: Path, write_course: WriteCourse) -> None:
    write_course(
        files={"_index.md": GHOST.replace("2025-12-01T00:00:00.000Z", "2027-01-31"), "cover.png": PNG}
    )
    courses, _ = read_folder(root, zone=ZoneInfo("America/New_York"))
    assert courses[0].showing.opens_at == datetime(2027, 1, 31, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["明天", "2027-02-30", "2027/01/01", "2027-W01-1", "20270101", "2027-01-01 25:00"]
)
def test_what_is_no_date_is_refused_at_its_line(root: Path, write_course: WriteCourse, text: str) -> None:
    write_course(files={"_index.md": GHOST.replace("2025-12-01T00:00:00.000Z", text), "cover.png": PNG})
    courses, problems = read_folder(root)
    assert courses == [] and problems[0].line == 9 and "published_at 不是日期" in problems[0].message


def test_dates_that_contradict_are_refused(root: Path, write_course: WriteCourse) -> None:
    index = HUGO.replace("2099-01-01", "2025-01-01")
    write_course(files={"_index.md": index})
    courses, problems = read_folder(root)
    assert courses == [] and (problems[0].line, "不晚于" in problems[0].message) == (9, True)


@pytest.mark.parametrize(
    ("line", "number", "word", "hint"),
    [
        ("price = 99.0", 6, "带引号", 'price = "99.0"'),
        ('level = "难"', 15, "难度", "入门"),
        ("free = true", 15, "free", ""),
        ("trial = -1", 15, "trial", "trial = 2"),
    ],
)
def test_lines_and_hints_are_right_in_toml(
    root: Path, write_course: WriteCourse, line: str, number: int, word: str, hint: str
) -> None:
    """A text over several lines and a table below do not confuse them."""
    old = 'price = "99.00"' if line.startswith("price") else 'layout = "single"'
    index = HUGO.replace(old, line).replace('"抓网页"', '"""抓\nprice = 1"""')
    write_course(files={"_index.md": index})
    problems = read_folder(root)[1]
    assert [(problem.line, word in problem.message) for problem in problems] == [(number + 1, True)]
    assert hint in problems[0].hint


@pytest.mark.parametrize(
    ("head", "line", "word"),
    [
        ('+++\ntitle: "a"\n+++\n', 2, "等号"),
        ("+++\ntitle = a\n+++\n", 2, "读不懂"),
        ('+++\ntitle = "a"\ntitle = "b"\n+++\n', 3, "两次"),
        ('+++\ntitle = "a"\n', 1, "没有收尾"),
        ("+++\na = " + "[" * 3000 + "\n+++\n", 1, "嵌套"),
        ('+++\na = "' + "x" * 20_000 + '"\n+++\n', 1, "太长"),
        ('{\n"title": 一\n}\n', 2, "JSON"),
        ('{"title": "a", "title": "b"}\n', 1, "两次"),
        ('{"title": "a"} 正文\n', 1, "后面还有"),
        ('{"a": ' + "[" * 9000, 1, "嵌套"),
    ],
)
def test_a_slip_in_toml_and_json_is_told_at_its_line(head: str, line: int, word: str) -> None:
    with pytest.raises(frontmatter.FrontMatterError) as caught:
        read_head(head)
    assert (caught.value.line, word in caught.value.message) == (line, True), caught.value.message


@pytest.mark.parametrize("key", ["layout", "type", "cssclasses", "Params", "og_image", "meta_title", "toc"])
def test_keys_that_mean_nothing_here_are_passed_over(root: Path, write_course: WriteCourse, key: str) -> None:
    assert read(root, write_course, GHOST.replace("status: published", f"{key}: x"))[1] == []


def test_a_key_that_nobody_knows_is_a_warning_with_a_guess(root: Path, write_course: WriteCourse) -> None:
    problems = read(root, write_course, GHOST.replace("status:", "statsu:"))[1]
    assert [(one.line, one.hint) for one in problems] == [(5, "是不是想写 status？")]


def test_a_chapter_cannot_be_kept_back_in_silence(root: Path, write_course: WriteCourse) -> None:
    write_course(
        files={"09-ch/_index.md": "---\ntitle: 章\ndraft: true\n---\n", "09-ch/01-x.md": lesson("minutes: 1")}
    )
    assert [one.message for one in read_folder(root)[1]] == ["不认识的键 draft，没有用上"]


@pytest.mark.parametrize("cover", ["none.png", "../cover.png", "/etc/passwd", "01-first.md"])
def test_a_cover_is_a_picture_of_the_course(root: Path, write_course: WriteCourse, cover: str) -> None:
    write_course(files={"_index.md": GHOST.replace("cover.png", cover), "cover.png": PNG})
    courses, problems = read_folder(root)
    assert courses == [] and "封面" in problems[0].message


def test_a_cover_of_another_site_is_not_shown(root: Path, write_course: WriteCourse) -> None:
    course, problems = read(root, write_course, GHOST.replace("cover.png", "https://x.com/a.png"))
    assert course.showing.cover == "" and "外站" in problems[0].message


@pytest.mark.parametrize(
    ("head", "line"),
    [
        ('---\nid: py\ntitle: "爬\\0虫"\n---\n', 3),
        ('---\nid: py\ntags: [a, "\\e"]\n---\n', 3),
        ('+++\nid = "py"\ntitle = "爬\\u0000虫"\n+++\n', 3),
        ('{"id": "py",\n"title": "爬\\u0000虫"}\n', 2),
        ('{"id": "py",\n"title": "爬\\ud800虫"}\n', 2),
    ],
)
def test_a_character_that_no_store_takes_is_refused_however_it_is_written(head: str, line: int) -> None:
    with pytest.raises(frontmatter.FrontMatterError, match="看不见的控制字符") as raised:
        read_head(head)
    assert raised.value.line == line


@pytest.mark.parametrize("head", ["+++\nweight = {}\n+++\n", '{{"weight": {}}}\n'])
def test_a_number_of_thousands_of_digits_is_refused_and_breaks_nothing(head: str) -> None:
    with pytest.raises(frontmatter.FrontMatterError, match="数字太长"):
        read_head(head.format("9" * 5_000))
