"""`content new` writes something that the check accepts, and never over anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from content import keys
from content import placeholders as sample
from content.check import read_folder
from content.scaffold import new_course, new_lesson
from infra.errors import Conflict, NotFound, Refused


def test_a_new_course_passes_the_check_as_a_draft(tmp_path: Path) -> None:
    written = new_course(tmp_path / "courses", "python-crawler", title='爬虫: "从零"')
    courses, problems = read_folder(tmp_path / "courses")
    assert problems == []
    assert (courses[0].id, courses[0].title, courses[0].draft) == ("python-crawler", '爬虫: "从零"', True)
    assert [lesson.paid_html is not None for lesson in courses[0].lessons] == [False, True]
    assert all(path.exists() for path in written)
    assert not list((tmp_path / "courses").glob(".*"))


def finished(folder: Path) -> None:
    """What its creator does: words of their own everywhere, and no draft any more."""
    texts = {
        sample.NAME: "爬虫课",
        sample.SUMMARY: "把网页抓下来存成表格",
        ", ".join(sample.TAGS): "爬虫, Python",
        sample.TEACHER: "阿文",
        "draft: true": "",
    }
    for file in folder.glob("*.md"):
        text = file.read_text(encoding="utf-8")
        for old, new in texts.items() | {(body, "自己写的话") for body in sample.BODY}:
            text = text.replace(old, new)
        file.write_text(text, encoding="utf-8")


def test_what_the_creator_has_finished_is_accepted(tmp_path: Path) -> None:
    new_course(tmp_path, "my-course")
    finished(tmp_path / "my-course")
    courses, problems = read_folder(tmp_path)
    assert problems == [] and [course.draft for course in courses] == [False]


@pytest.mark.parametrize(
    ("file", "mine", "theirs", "says"),
    [
        ("_index.md", "爬虫课", sample.NAME, "自己的标题"),
        ("_index.md", "把网页抓下来存成表格", sample.SUMMARY, "简介"),
        ("_index.md", "爬虫, Python", "标签一, Python", "读者会搜的词"),
        ("_index.md", "阿文", sample.TEACHER, "老师的名字"),
        ("_index.md", "自己写的话", sample.PAGE, "draft: true"),
        ("01-first-look.md", "自己写的话", sample.HEADING, "draft: true"),
        ("02-second-step.md", "自己写的话", sample.PAID, "draft: true"),
    ],
)
def test_a_text_of_the_sample_keeps_a_course_from_being_sold(
    tmp_path: Path, file: str, mine: str, theirs: str, says: str
) -> None:
    new_course(tmp_path, "my-course")
    finished(tmp_path / "my-course")
    path = tmp_path / "my-course" / file
    path.write_text(path.read_text(encoding="utf-8").replace(mine, theirs, 1), encoding="utf-8")
    courses, (problem,) = read_folder(tmp_path)
    assert courses == [] and problem.severity == "error"
    line = path.read_text(encoding="utf-8").splitlines()[problem.line - 1]
    assert theirs in line
    assert problem.path.endswith(file) and "样板" in problem.message and says in problem.hint


def test_a_sample_whose_draft_line_was_taken_out_says_all_that_is_to_do(tmp_path: Path) -> None:
    new_course(tmp_path, "my-course")
    index = tmp_path / "my-course" / "_index.md"
    index.write_text(index.read_text(encoding="utf-8").replace("draft: true\n", ""), encoding="utf-8")
    courses, problems = read_folder(tmp_path)
    assert courses == []
    assert [problem.message.split(" ")[0] for problem in problems[:4]] == [
        "title",
        "summary",
        "tags",
        "teacher",
    ]
    assert {problem.path.rpartition("/")[2] for problem in problems[4:]} == {
        "_index.md", "01-first-look.md", "02-second-step.md",
    }  # fmt: skip


def test_each_key_is_explained_in_it(tmp_path: Path) -> None:
    new_course(tmp_path, "python-crawler")
    text = (tmp_path / "python-crawler" / "_index.md").read_text(encoding="utf-8")
    other_words = ("slug", "status", "publish")  # the folder's name, and what others call a draft
    explained = {key for key in keys.COURSE.ours if f"\n{key}: " in text or f"\n# {key}: " in text}
    assert explained == set(keys.COURSE.ours) - set(other_words)


def test_an_existing_folder_is_left_alone(tmp_path: Path) -> None:
    new_course(tmp_path, "python-crawler")
    mine = tmp_path / "python-crawler" / "_index.md"
    mine.write_text("mine", encoding="utf-8")
    with pytest.raises(Conflict):
        new_course(tmp_path, "python-crawler")
    assert mine.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("slug", ["", "ab", "A-B-C", "../up", "a/b/c", "爬虫课程", "a" * 41, "-ab-"])
def test_a_name_that_cannot_be_an_address_is_refused(tmp_path: Path, slug: str) -> None:
    with pytest.raises(Refused):
        new_course(tmp_path, slug)
    assert list(tmp_path.iterdir()) == []


def test_the_sample_shows_a_picture_and_code(tmp_path: Path) -> None:
    new_course(tmp_path, "my-course")
    courses, _ = read_folder(tmp_path)
    assert [(asset.path, asset.paid) for asset in courses[0].assets] == [("paywall.png", False)]
    assert 'class="highlight"' in courses[0].lessons[0].free_html


def test_one_more_lesson_is_a_draft_and_comes_last(tmp_path: Path) -> None:
    new_course(tmp_path, "my-course")
    assert new_lesson(tmp_path, "my-course", "parse-fields").name == "03-parse-fields.md"
    courses, problems = read_folder(tmp_path)
    assert problems == [] and len(courses[0].lessons) == 2
    path = new_lesson(tmp_path, "my-course", "07-save.md")
    path.write_text(path.read_text(encoding="utf-8").replace("draft: true", ""), encoding="utf-8")
    lesson = read_folder(tmp_path)[0][0].lessons[-1]
    assert (lesson.lesson.slug, lesson.lesson.has_paid) == ("save", True)


def test_a_lesson_may_go_into_a_chapter(tmp_path: Path) -> None:
    new_course(tmp_path, "my-course")
    (tmp_path / "my-course" / "01-start").mkdir()
    assert new_lesson(tmp_path, "my-course", "01-start/first").name == "01-first.md"


@pytest.mark.parametrize(
    ("course", "name", "error"),
    [
        ("my-course", "中文", Refused),
        ("my-course", "../../out", Refused),
        ("my-course", "../x/03-out", Refused),
        ("my-course", "03-Upper", Refused),
        ("my-course", "no-chapter/03-x", NotFound),
        ("no-course", "03-x", NotFound),
        ("my-course/../my-course", "03-x", NotFound),
        ("my-course", "01-first-look", Conflict),
    ],
)
def test_a_lesson_that_cannot_be_written_is_refused(
    tmp_path: Path, course: str, name: str, error: type[Exception]
) -> None:
    new_course(tmp_path, "my-course")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(error):
        new_lesson(tmp_path, course, name)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_new_lesson_that_is_left_as_it_is_cannot_be_sold(tmp_path: Path) -> None:
    new_course(tmp_path, "my-course")
    finished(tmp_path / "my-course")
    path = new_lesson(tmp_path, "my-course", "03-third")
    path.write_text(path.read_text(encoding="utf-8").replace("draft: true", ""), encoding="utf-8")
    told = [problem.message for problem in read_folder(tmp_path)[1]]
    assert [sample.LESSON in message or sample.TRIAL[:20] in message for message in told] == [True, True]
