"""Sources that are broken, hostile or too large: a plain refusal, or the rest carried and the place told."""

# ruff: noqa: E501 - texts as they stand in files
from __future__ import annotations

import io
import json
import unicodedata
import zipfile
from pathlib import Path

import pytest

from content.assets import MAX_IMAGE_BYTES
from content.check import read_folder
from content.importing import htmltext, tree, webpage, word
from content.importing.bring import Brought, Wish, bring
from infra.errors import Conflict, NotFound, Refused
from tests.elsewhere import PNG, WORD_BODY, paragraph, word_file, write


def brought(source: Path, **wishes: str) -> Brought:
    return bring(Wish(source, source.parent / "courses", **wishes))


def told(course: Brought) -> str:
    return "\n".join(str(problem) for problem in course.losses)


def refused(source: Path) -> str:
    with pytest.raises(Refused) as refusal:
        brought(source)
    assert refusal.value.hint
    assert not (source.parent / "courses").exists()
    return str(refusal.value)


@pytest.mark.parametrize(
    "files", [{}, {"a.txt": "x"}, {"a.md": ""}, {"a.md": "\n \n"}, {"README.md": "# 只有封面"}]
)
def test_a_folder_without_a_lesson_is_refused(tmp_path: Path, files: dict[str, str]) -> None:
    folder = write(tmp_path / "empty", files)
    folder.mkdir(exist_ok=True)
    assert "文章" in refused(folder)


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="没有找到"):
        brought(tmp_path / "nowhere")


def test_an_old_word_file_is_refused_with_the_way_out(tmp_path: Path) -> None:
    old = write(tmp_path, {"old.doc": b"\xd0\xcf\x11\xe0" + b"\0" * 600}) / "old.doc"
    assert ".docx" in refused(old)


BROKEN_WORD = {
    "empty": b"",
    "cut off": word_file()[:-200],
    "cut in the middle": word_file()[: len(word_file()) // 2],
    "no zip": b"PK\x03\x04 not a zip at all",
    "with a password": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    "without a document": word_file().replace(b"word/document.xml", b"word/documenX.xml"),
    "with bad XML": word_file("<w:p>"),
}


@pytest.mark.parametrize("name", list(BROKEN_WORD))
def test_a_broken_word_file_is_refused(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, {"lesson.docx": BROKEN_WORD[name]}) / "lesson.docx"
    assert "lesson.docx" in refused(path)


def test_a_word_file_that_declares_entities_is_refused(tmp_path: Path) -> None:
    laughs = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><a>&c;</a>'
    path = write(tmp_path, {"bomb.docx": word_file(WORD_BODY, **{"more.xml": laughs})}) / "bomb.docx"
    assert "实体" in refused(path)


def test_entities_in_another_encoding_are_found_too(tmp_path: Path) -> None:
    laughs = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY b "ha">]><a>&b;</a>'.encode(
        "utf-16"
    )
    path = write(tmp_path, {"bomb.docx": word_file(WORD_BODY, **{"more.xml": laughs})}) / "bomb.docx"
    assert "实体" in refused(path)


def test_a_word_file_that_unpacks_into_too_much_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    packed = io.BytesIO(word_file())
    with (
        zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as package,
        package.open("word/media/z.png", "w") as part,
    ):
        for _ in range(word.MAX_UNPACKED_BYTES // (1 << 20) + 1):
            part.write(bytes(1 << 20))
    assert len(packed.getvalue()) < 1 << 20
    path = write(tmp_path, {"bomb.docx": packed.getvalue()}) / "bomb.docx"
    assert "太大" in refused(path)


def test_a_web_page_of_fifty_megabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "huge.html"
    with path.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    assert f"{webpage.MAX_HTML_BYTES // 1024 // 1024} MiB" in refused(path)


@pytest.mark.parametrize("html", ["<div>" * 100_000 + "x", "<b>" * (htmltext.MAX_DEPTH + 5) + "x"])
def test_tags_without_an_end_are_refused(tmp_path: Path, html: str) -> None:
    path = write(tmp_path, {"deep.html": html}) / "deep.html"
    assert "套得太深" in refused(path)


@pytest.mark.parametrize(
    "export", ["", "[]", "{}", '{"db": []}', '{"db": [{"data": {"posts": 5}}]}', "[" * 100_000]
)
def test_json_that_is_no_export_is_refused(tmp_path: Path, export: str) -> None:
    path = write(tmp_path, {"a.json": export}) / "a.json"
    assert "Ghost" in refused(path)


def test_posts_with_odd_fields_do_no_harm(tmp_path: Path) -> None:
    posts = [{"title": 5, "html": "<p>x</p>"}, {"title": None, "html": None, "slug": "../../up"}, "no post"]
    export = json.dumps({"db": [{"data": {"posts": posts, "tags": 3, "posts_tags": [{}]}}]})
    course = brought(write(tmp_path, {"a.json": export}) / "a.json")
    assert course.lessons == 1 and "没有正文" in told(course)


def test_links_that_lead_out_or_round_are_not_followed(tmp_path: Path) -> None:
    secret = write(tmp_path / "outside", {"secret.md": "# 秘密\n\n不给看\n"})
    folder = write(tmp_path / "notes", {"a.md": "# 一\n\n正文\n", "sub/b.md": "# 二\n\n正文\n"})
    (folder / "c.md").symlink_to(secret / "secret.md")
    (folder / "all").symlink_to(secret)
    (folder / "sub" / "round").symlink_to(folder)
    course = brought(folder)
    assert course.lessons == 2
    assert not any("不给看".encode() in data for data in course.files.values())
    assert told(course).count("符号链接") == 3


def test_an_address_with_dots_does_not_leave_the_source(tmp_path: Path) -> None:
    write(tmp_path, {"secret.png": PNG})
    course = brought(
        write(tmp_path / "notes", {"a.md": "# 一\n\n![x](../secret.png) ![y](/../secret.png)\n"})
    )
    assert course.pictures == 0 and told(course).count("没有搬到图片") == 2


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "MAX_ENTRIES", 5)
    assert "超过 5 个" in refused(write(tmp_path / "notes", {f"{at}.md": "文" for at in range(7)}))


def test_a_picture_that_is_too_large_or_no_picture_is_told_and_its_place_marked(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "a.md": "# 一\n\n![大](big.png)\n\n![假](fake.png)\n\n![换了名](really.jpg)\n",
        "big.png": PNG + bytes(MAX_IMAGE_BYTES),
        "fake.png": b"<html>",
        "really.jpg": PNG,
    }
    course = brought(write(tmp_path / "notes", files))
    text = course.files["01-a.md"].decode()
    assert "（图：大）<!-- 没有搬过来" in text and "（图：假）<!-- 没有搬过来" in text
    assert "![换了名](really.png)" in text and course.files["really.png"] == PNG
    assert "big.png:1" in told(course) and "fake.png:1" in told(course)


def test_a_file_in_a_folder_full_of_others_is_read_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree, "MAX_ENTRIES_BESIDE", 5)
    others = {f"{at:02}.txt": "x" for at in range(20)}
    write(tmp_path, {**others, "z.docx": word_file(), "z.md": "# 一\n\n文\n"})
    (tmp_path / "round").symlink_to(tmp_path)
    for name in ("z.docx", "z.md"):
        course = bring(Wish(tmp_path / name, tmp_path / "courses", slug=f"from-{name[2:]}"))
        assert course.lessons and "符号链接" not in told(course)


@pytest.mark.parametrize("ending", [".docx", ".md", ".html"])
def test_a_name_as_macs_write_it_is_found(tmp_path: Path, ending: str) -> None:
    name = unicodedata.normalize("NFD", "Café") + ending
    content: str | bytes = (
        word_file() if ending == ".docx" else "<h1>x</h1><p>y</p>" if ending == ".html" else "# x\n\ny\n"
    )
    course = brought(write(tmp_path, {name: content}) / name)
    assert course.lessons and course.folder.name in ("cafe", "x", "lun-wen-xie-zuo-ke", "course-x")


def test_front_matter_that_cannot_be_read_costs_only_itself(tmp_path: Path) -> None:
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
    files = {"1.md": f"---\n{bomb}---\n# 一\n\n正文一\n", "2.md": "+++\ntitle = \n+++\n# 二\n\n正文二\n",
             "3.md": "---\ntitle: '没关\n---\n# 三\n\n正文三\n", "4.md": "---\n没有收尾\n\n正文四\n"}  # fmt: skip
    course = brought(write(tmp_path / "notes", files))
    texts = [data.decode() for path, data in sorted(course.files.items()) if path != "_index.md"]
    assert [text.count("正文") for text in texts] == [1, 1, 1, 1]
    assert told(course).count("只搬了正文") == 3


def test_a_summary_that_turns_in_circles_ends(tmp_path: Path) -> None:
    summary = "# Summary\n\n* [一](a.md)\n  * [一](a.md)\n  * [目录](SUMMARY.md)\n* [一](a.md#x)\n"
    course = brought(write(tmp_path / "book", {"SUMMARY.md": summary, "a.md": "# 一\n\n![[a]]\n"}))
    assert sum(path.endswith("-a.md") for path in course.files) == 1


def test_an_include_of_itself_ends(tmp_path: Path) -> None:
    files = {
        "book.toml": "[book]\n",
        "src/SUMMARY.md": "- [一](a.md)\n",
        "src/a.md": "# 一\n\n文 {{#include a.md}}\n",
    }
    text = brought(write(tmp_path / "book", files)).files["01-a.md"].decode()
    assert text.count("文") == 2


@pytest.mark.parametrize("wish", [{"slug": "Bad Slug"}, {"slug": "../up"}, {"slug": "ab"}, {"price": "免费"},
                                  {"price": "1.999"}, {"price": "-1"}, {"price": "99999999"}])  # fmt: skip
def test_a_bad_wish_is_refused_before_anything_is_read(tmp_path: Path, wish: dict[str, str]) -> None:
    with pytest.raises(Refused):
        brought(tmp_path / "nowhere", **wish)


def test_an_id_that_another_course_has_is_refused(tmp_path: Path) -> None:
    source = write(tmp_path / "notes", {"a.md": "# 一\n\n正文\n"})
    first = brought(source)
    first.folder.rename(first.folder.with_name("renamed"))
    with pytest.raises(Conflict, match="renamed"):
        brought(source)
    assert brought(source, slug="other-name").folder.name == "other-name"


def test_a_lesson_that_the_shelf_would_refuse_stays_a_draft_and_says_why(tmp_path: Path) -> None:
    mark = "<!--members-only-->"
    files = {
        "1.md": "# 一\n\n好\n",
        "2.md": f"# 二\n\n免费\n\n{mark}\n\n付费\n\n{mark}\n\n又\n",
        "3.md": "# 三\n\n好\n",
    }
    course = brought(write(tmp_path / "notes", files))
    assert [problem.path.rpartition("/")[2] for problem in course.held_back] == ["02-er.md"]
    assert "两次" in course.held_back[0].message
    courses, problems = read_folder(tmp_path / "courses")
    assert [problem for problem in problems if problem.severity == "error"] == []
    assert len(courses[0].lessons) == 2


def test_a_title_or_summary_beyond_measure_is_shortened(tmp_path: Path) -> None:
    course = brought(
        write(
            tmp_path / "notes",
            {
                "README.md": f"# {'长' * 300}\n\n{'介绍' * 300}\n",
                "a.md": f"# {'题' * 99}\n\n文\n",
                "b.md": "文\n",
            },
        )
    )
    courses, problems = read_folder(tmp_path / "courses")
    assert problems == [] and courses[0].title.endswith("…") and "标题超过" in told(course)


def test_nothing_of_a_word_file_becomes_a_tag_or_a_mark(tmp_path: Path) -> None:
    body = (
        paragraph("题", "1")
        + paragraph("&lt;!--members-only--&gt;")
        + paragraph("&lt;img src=x onerror=y&gt; [a](b) `c` # d")
    )
    write(tmp_path, {"a.docx": word_file(body)})
    (lesson,) = [
        data.decode() for path, data in brought(tmp_path / "a.docx").files.items() if path.startswith("01")
    ]
    assert "\n<!--" not in lesson and "<img" not in lesson.replace("\\<img", "") and r"\[a\](b)" in lesson
