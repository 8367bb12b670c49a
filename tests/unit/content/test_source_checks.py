"""What a creator can get wrong: each is found at its line, with the way to mend it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from content import frontmatter
from content.check import read_folder
from content.problem import Problem
from payments.refund_rule import rule_of

INDEX = """\
---
id: py-crawler
title: 标题
summary: 简介
price: "99.00"
---
介绍
"""
LINE_OF = {"id": 2, "title": 3, "summary": 4, "price": 5}


def only_error(root: Path) -> Problem:
    courses, problems = read_folder(root)
    errors = [problem for problem in problems if problem.severity == "error"]
    assert courses == []
    assert len(errors) == 1, [str(error) for error in errors]
    return errors[0]


def only_warning(root: Path) -> Problem:
    courses, problems = read_folder(root)
    assert len(courses) == 1
    assert [problem.severity for problem in problems] == ["warning"], [str(p) for p in problems]
    return problems[0]


def changed(line: str) -> str:
    """The sample's front matter with one line in place of the one with the same key."""
    key = line.partition(":")[0]
    lines = INDEX.split("\n")
    lines[LINE_OF[key] - 1] = line
    return "\n".join(lines)


def without(key: str) -> str:
    return "\n".join(line for line in INDEX.split("\n") if not line.startswith(f"{key}:"))


def added(line: str) -> str:
    return INDEX.replace("\n---\n介绍", f"\n{line}\n---\n介绍")


@pytest.mark.parametrize("key", ["id", "title", "summary", "price"])
def test_a_missing_key_is_an_error_that_shows_how_to_write_it(
    root: Path, write_course: Callable[..., Path], key: str
) -> None:
    write_course(files={"_index.md": without(key)})
    error = only_error(root)
    assert f"缺少 {key}" in error.message
    assert f"{key}: " in error.hint


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("price: 99.9", 'price: "99.9"'),
        ("price: 99", 'price: "99"'),
        ("price: '99.999'", "最多两位小数"),
        ('price: "99元"', 'price: "99"'),
        ('price: "-5"', 'price: "0"'),
        ("price: -5", 'price: "0"'),
        ('price: "999999"', "最高 50000 元"),
        ('price: ""', 'price: "99.00"'),
        ('price: "１２"', "单位是元"),
        ("price:", 'price: "99.00"'),
        ("price: [1]", 'price: "99.00"'),
        ('price: "1e3"', "单位是元"),
    ],
)
def test_a_price_is_a_quoted_amount_in_yuan(
    root: Path, write_course: Callable[..., Path], line: str, hint: str
) -> None:
    write_course(files={"_index.md": changed(line)})
    error = only_error(root)
    assert error.line == LINE_OF["price"]
    assert hint in error.hint


@pytest.mark.parametrize(
    ("text", "fen"), [("0", 0), ("0.01", 1), ("99.9", 9990), ("19.99", 1999), ("50000", 5_000_000)]
)
def test_a_price_becomes_whole_fen(
    root: Path, write_course: Callable[..., Path], text: str, fen: int
) -> None:
    write_course(files={"_index.md": changed(f'price: "{text}"')})
    courses, _ = read_folder(root)
    assert courses[0].price_fen == fen


@pytest.mark.parametrize("rule", ["none", "7d", "7d <1/3", "7d<1/3", "90d < 19/20"])
def test_a_refund_rule_in_each_form_is_the_tills(
    root: Path, write_course: Callable[..., Path], rule: str
) -> None:
    write_course(files={"_index.md": added(f"refund: {rule}")})
    courses, problems = read_folder(root)
    assert (courses[0].refund, list(problems)) == (rule, [])
    assert (rule_of(rule) is None) == (rule == "none")


@pytest.mark.parametrize("id_", ["Py", "ab", "a" * 41, "py crawler", "爬虫课程", "a/b/c"])
def test_an_id_outside_its_alphabet_is_refused(
    root: Path, write_course: Callable[..., Path], id_: str
) -> None:
    write_course(files={"_index.md": changed(f"id: {id_}")})
    assert only_error(root).line == LINE_OF["id"]


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("level: 精通", "入门、进阶 或 高级"),
        ("access: 一年", "365d"),
        ("access: 2027-13-01", "2027-12-31"),
        ("access: 99999d", "forever"),
        ("refund: 7", "7d"),
        ("refund: 7 天", "7d"),
        ("refund: 7d <", "7d <1/3"),
        ("refund: 7d <三分之一", "7d <1/3"),
        ("refund: 7d <3/3", "7d <1/3"),
        ("refund: 7d >1/3", "7d <1/3"),
        ("refund: none <1/3", "7d <1/3"),
        ("refund: 91d <1/3", "90 天"),
        ("tags: {a: b}", "tags: [爬虫, Python]"),
        ("draft: 'yes'", "draft: true"),
        ("tags: [*x]", "*"),
    ],
)
def test_a_value_that_cannot_be_read_is_refused_at_its_line(
    root: Path, write_course: Callable[..., Path], line: str, word: str
) -> None:
    write_course(files={"_index.md": added(line)})
    error = only_error(root)
    assert error.line == 6
    assert word in error.hint


@pytest.mark.parametrize(
    ("front", "line"),
    [
        ("id: py\n", 1),
        ("---\nid: py-crawler\ntitle: x\n", 1),
        ('---\nid: py-crawler\ntitle: "x\n---\n', 3),
        ("---\nid: py-crawler\ntitle: a: b\n---\n", 3),
        ("---\nid: py-crawler\nid: other-one\n---\n", 3),
        ("---\n- a\n- b\n---\n", 2),
        ("---\ntitle: " + "[" * 5000 + "\n---\n", 2),
        ("---\ntitle: " + "很长" * 20_000 + "\n---\n", 1),
        ("---\nid: a\x07b\n---\n", 2),
    ],
)
def test_an_unreadable_front_matter_is_refused_near_its_line(
    root: Path, write_course: Callable[..., Path], front: str, line: int
) -> None:
    write_course(files={"_index.md": front})
    assert abs(only_error(root).line - line) <= 1


@pytest.mark.parametrize(
    ("lines", "line", "word"),
    [
        (['price: "99.00', "level: 入门", "tags: [爬虫]", "teacher: 林间"], 3, "引号没有关上"),
        (['title: "爬虫', "level: 入门", 'price: "99.00"'], 3, "引号没有关上"),
        (["title: '爬虫", "teacher: 林间"], 3, "引号没有关上"),
        (['title: "学"爬虫"课"'], 3, "引号外面"),
        (["tags: [爬虫, Python", 'price: "99.00"'], 3, "方括号"),
        (["tags: {爬虫", "level: 入门"], 3, "花括号"),
        (["title：爬虫", "level: 入门"], 3, "冒号是中文的"),
        (["title:爬虫", "level: 入门"], 3, "不是“键: 值”"),
        (["title: HTTP: 入门"], 3, "英文冒号"),
        (["\ttitle: 爬虫"], 3, "Tab"),
        (["tags:", "\t- 爬虫"], 4, "Tab"),
        (["title: @爬虫"], 3, "不能以 @ 开头"),
        (["title: **爬虫**"], 3, "不能以 * 开头"),
        (['title: "C:\\work"'], 3, "反斜杠"),
        (["title: > 爬虫"], 3, "换行"),
        (["- 爬虫"], 3, "缩进或写法"),
        (["title: 爬\x87虫"], 3, "不允许的字符"),
    ],
)
@pytest.mark.parametrize("loader", [yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)])
def test_a_slip_in_yaml_is_told_in_chinese_at_the_line_of_the_slip(
    monkeypatch: pytest.MonkeyPatch, loader: type, lines: list[str], line: int, word: str
) -> None:
    monkeypatch.setattr(frontmatter, "_Loader", loader)
    with pytest.raises(frontmatter.FrontMatterError) as caught:
        frontmatter.read_front_matter("\n".join(["---", "id: py-crawler", *lines, "---", "正文"]))
    assert caught.value.line == line
    assert word in caught.value.message
    assert re.search("found|expected|while|not ", caught.value.message) is None


def test_a_first_key_with_a_chinese_colon_is_told_at_its_line() -> None:
    with pytest.raises(frontmatter.FrontMatterError) as caught:
        frontmatter.read_front_matter("---\nid：py-crawler\ntitle: 爬虫\n---\n")
    assert (caught.value.line, "冒号是中文的" in caught.value.message) == (2, True)


def test_a_yaml_bomb_is_refused(root: Path, write_course: Callable[..., Path]) -> None:
    bomb = "---\na: &a [x, x]\nb: &b [*a, *a]\ntitle: t\n---\n"
    write_course(files={"_index.md": bomb})
    assert "别名" in only_error(root).message


def test_a_title_keeps_what_was_written_though_yaml_sees_a_number(
    root: Path, write_course: Callable[..., Path]
) -> None:
    write_course(files={"_index.md": changed("title: 2024")})
    courses, _ = read_folder(root)
    assert courses[0].title == "2024"


@pytest.mark.parametrize(("key", "most"), [("title", 60), ("summary", 120)])
def test_texts_of_a_list_are_bounded(
    root: Path, write_course: Callable[..., Path], key: str, most: int
) -> None:
    write_course(files={"_index.md": changed(f"{key}: {'字' * (most + 1)}")})
    assert f"最多 {most} 个字" in only_error(root).message
    write_course(files={"_index.md": changed(f"{key}: {'字' * most}")})
    assert read_folder(root)[1] == []


def test_follower_texts_are_unicode_normal(root: Path, write_course: Callable[..., Path]) -> None:
    write_course(files={"_index.md": changed("title: cafe\u0301")})
    assert read_folder(root)[0][0].title == "caf\u00e9"


def test_an_unknown_key_is_a_warning_with_a_guess(root: Path, write_course: Callable[..., Path]) -> None:
    write_course(files={"_index.md": added("teachr: 林间")})
    warning = only_warning(root)
    assert (warning.line, warning.hint) == (6, "是不是想写 teacher？")


def test_a_crossed_out_price_below_the_price_is_a_warning_and_not_shown(
    root: Path, write_course: Callable[..., Path]
) -> None:
    write_course(files={"_index.md": added('price_original: "9.00"')})
    only_warning(root)
    assert read_folder(root)[0][0].price_original_fen is None


def test_a_course_without_a_free_lesson_is_a_warning(root: Path, write_course: Callable[..., Path]) -> None:
    write_course(files={"01-first.md": "---\ntitle: 一\n---\n正文\n"})
    assert "试读" in only_warning(root).message


def test_a_paid_course_with_only_free_lessons_is_a_warning(
    root: Path, write_course: Callable[..., Path]
) -> None:
    write_course(files={"02-second.md": "---\ntitle: 二\nfree: true\n---\n正文\n"})
    assert "免费" in only_warning(root).message


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        ("03-third.md", "---\nminutes: 3\n---\n正文", "缺少 title"),
        ("third.md", "---\ntitle: 三\n---\n正文", "编号"),
        ("README.md", "说明", "编号"),
        ("03-second.md", "---\ntitle: 三\n---\n正文", "重复"),
        ("03-中文.md", "---\ntitle: 三\n---\n正文", "网址"),
        ("03-third.md", "---\ntitle: 三\n---\n \n", "空的"),
        ("03-third.md", "", "文件头"),
        ("03-third.md", b"---\ntitle: \xb5\xda\n---\n", "UTF-8"),
        ("03-third.md", b"---\ntitle: a\n---\n" + b"x" * 1024 * 1024, "1 MiB"),
        ("03-third.md", "---\ntitle: 三\nfree: 'true'\n---\n正文", "true 或 false"),
        ("03-third.md", "---\ntitle: 三\nminutes: 很久\n---\n正文", "分钟"),
        ("03-third.md", "---\ntitle: 三\n---\n![图](no.png)", "找不到图片"),
        ("03-third.md", "---\ntitle: 三\n---\n![图](../../etc/x.png)", "找不到图片"),
        (
            "03-third.md",
            "---\ntitle: 三\n---\n![图](../../../../etc/passwd)",
            "找不到图片 ../../../../etc/passwd",
        ),
        ("03-third.md", "---\ntitle: 三\n---\n![图](/etc/passwd)", "找不到图片"),
        ("03-third.md", "---\ntitle: 三\n---\n![图](//elsewhere/x.png)", "找不到图片"),
        ("03-third.md", "---\ntitle: 三\n---\n![图](01-first.md)", "找不到图片"),
        ("03-third.md", "---\ntitle: 三\n---\n<img src='drawing.svg'>", "找不到图片"),
        ("03-third.md", "---\ntitle: 三\n---\n<!--members-only-->\n![图](no)", "找不到图片"),
        ("notes/03-third.md", "---\ntitle: 三\n---\n正文", "章文件夹缺少编号"),
        ("01-ch/deep/03-third.md", "---\ntitle: 三\n---\n正文", "太深"),
    ],
)
def test_a_bad_lesson_refuses_the_course(
    root: Path, write_course: Callable[..., Path], name: str, text: object, word: str
) -> None:
    write_course(files={name: text, "01-ch/_index.md": "---\ntitle: 章\n---\n" if "/deep" in name else None})
    error = only_error(root)
    assert word in error.message


def test_problems_name_path_line_and_fix(root: Path, write_course: Callable[..., Path]) -> None:
    folder = write_course(files={"_index.md": changed("price: 99.9")})
    assert str(only_error(root)) == (f'{folder}/_index.md:5: price 要写成带引号的文字 → 改成 price: "99.9"')


def test_all_problems_come_at_once(root: Path, write_course: Callable[..., Path]) -> None:
    write_course(files={"_index.md": changed("price: 99.9"), "02-second.md": "---\n---\n\n"})
    assert len(read_folder(root)[1]) >= 3


def test_hidden_and_underscored_files_are_ignored(root: Path, write_course: Callable[..., Path]) -> None:
    write_course(files={"_notes.md": "x", ".draft.md": "x", ".git/a.md": "x", "_old/01-a.md": "x"})
    (root / ".obsidian").mkdir()
    (root / "_templates").mkdir()
    (root / "just-made").mkdir()
    courses, problems = read_folder(root)
    assert (len(courses), problems) == (1, [])


def test_a_folder_of_lessons_without_a_course_page_is_refused(
    root: Path, write_course: Callable[..., Path]
) -> None:
    write_course(files={"_index.md": None})
    assert "_index.md" in only_error(root).message


def test_a_symlink_out_of_the_folder_is_refused(
    root: Path, write_course: Callable[..., Path], tmp_path: Path
) -> None:
    secret = tmp_path / "secret.md"
    secret.write_text("---\ntitle: 秘密\nfree: true\n---\n密码", encoding="utf-8")
    (write_course() / "03-secret.md").symlink_to(secret)
    assert "符号链接" in only_error(root).message


def test_a_course_folder_that_is_a_symlink_out_is_refused(
    root: Path, tmp_path: Path, write_course: Callable[..., Path]
) -> None:
    write_course().rename(tmp_path / "elsewhere")
    (root / "py-crawler").symlink_to(tmp_path / "elsewhere")
    assert "链接" in only_error(root).message


def test_an_image_that_is_not_one_is_refused(root: Path, write_course: Callable[..., Path]) -> None:
    write_course(files={"_index.md": INDEX + "![x](a.png)", "a.png": b"<svg onload=alert(1)>"})
    assert "扩展名" in only_error(root).message


def test_a_path_longer_than_the_store_keeps_is_refused(root: Path, write_course: Callable[..., Path]) -> None:
    write_course(files={f"{'a' * 240}/{'b' * 240}.png": b"x"})
    assert "太长" in only_error(root).message


def test_a_copied_course_that_kept_its_id_is_refused_and_the_live_one_stays(
    root: Path, write_course: Callable[..., Path]
) -> None:
    write_course("py-crawler")
    write_course("py-crawler-2", id="py-crawler")
    neither, problems = read_folder(root)
    assert (neither, len(problems)) == ([], 2)
    courses, problems = read_folder(root, {"py-crawler": "py-crawler"})
    assert [course.folder for course in courses] == ["py-crawler"]
    assert "py-crawler-2" in problems[0].path


def test_an_id_that_changed_in_the_same_folder_is_refused(
    root: Path, write_course: Callable[..., Path]
) -> None:
    write_course("py-crawler", id="new-id")
    courses, problems = read_folder(root, {"py-crawler": "old-id"})
    assert courses == []
    assert (problems[0].line, "改回 id: old-id" in problems[0].hint) == (2, True)


def test_an_id_may_move_to_another_folder(root: Path, write_course: Callable[..., Path]) -> None:
    write_course("renamed", id="py-crawler")
    write_course("py-crawler", id="newcomer")
    courses, problems = read_folder(root, {"py-crawler": "py-crawler"})
    assert {course.id for course in courses} == {"py-crawler", "newcomer"}
    assert problems == []


def test_chapters_and_numbers_order_the_lessons(root: Path, write_course: Callable[..., Path]) -> None:
    lesson = "---\ntitle: {}\nfree: true\n---\n正文"
    write_course(
        files={
            "02-late/_index.md": "---\ntitle: 第二章\n---\n",
            "02-late/10-j.md": lesson.format("j"),
            "02-late/9-i.md": lesson.format("i"),
            "01-first.md": lesson.format("a"),
            "02-second.md": None,
            "03-last.md": lesson.format("z"),
        }
    )
    courses, _ = read_folder(root)
    told = [
        (source.lesson.position, source.lesson.title, source.lesson.chapter) for source in courses[0].lessons
    ]
    assert told == [(1, "a", ""), (2, "i", "第二章"), (3, "j", "第二章"), (4, "z", "")]


def test_a_draft_lesson_is_left_out(root: Path, write_course: Callable[..., Path]) -> None:
    write_course(files={"03-third.md": "---\ntitle: 三\ndraft: true\nfree: true\n---\n没写完"})
    courses, _ = read_folder(root)
    assert [source.lesson.slug for source in courses[0].lessons] == ["first", "second"]


def test_windows_line_ends_and_a_byte_order_mark_are_read(
    root: Path, write_course: Callable[..., Path]
) -> None:
    write_course(files={"_index.md": b"\xef\xbb\xbf" + INDEX.replace("\n", "\r\n").encode()})
    assert read_folder(root)[1] == []


def test_a_missing_root_is_one_clear_problem(tmp_path: Path) -> None:
    courses, problems = read_folder(tmp_path / "nowhere")
    assert (courses, len(problems)) == ([], 1)
    assert "content.path" in problems[0].hint
