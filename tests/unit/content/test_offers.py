"""Bundles and memberships in the files: what is read, what is refused and where, how they reach the shelf."""

from __future__ import annotations

from pathlib import Path

import pytest

from content.check import read_folder
from content.problem import Problem
from content.publish import Publisher
from content.shelf import Shelf
from infra.clock import ManualClock
from tests.unit.content.conftest import INDEX, WriteCourse

OFFER = """\
---
id: starter
title: 入门套餐
summary: 两门课一起学
price: "149.00"
includes: [py-crawler, go-web]
access: 365d
---
介绍
"""
LINE_OF_INCLUDES = 6


@pytest.fixture
def offer(root: Path, write_course: WriteCourse) -> Path:
    """A bundle of two courses that there are."""
    write_course("py-crawler")
    write_course("go-web", files={"_index.md": INDEX.format(id="go-web").replace("爬虫, Python", "Go")})
    write_course(
        "a-draft", files={"_index.md": INDEX.format(id="a-draft").replace("---\n学", "draft: true\n---\n学")}
    )
    return changed(root, OFFER)


def changed(root: Path, text: str, slug: str = "starter") -> Path:
    (root / slug).mkdir(exist_ok=True)
    (root / slug / "_index.md").write_text(text, encoding="utf-8")
    return root / slug / "_index.md"


def includes(what: str) -> str:
    return OFFER.replace("[py-crawler, go-web]", what)


def problems_of(root: Path, severity: str = "error") -> list[Problem]:
    return [problem for problem in read_folder(root)[1] if problem.severity == severity]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("[py-crawler, go-web]", (("course", "py-crawler"), ("course", "go-web"))),
        ("[py-crawler, go-web, py-crawler]", (("course", "py-crawler"), ("course", "go-web"))),
        ("all", (("all", "*"),)),
        ("tag:爬虫", (("tag", "爬虫"),)),
        ('"tag: 爬虫 "', (("tag", "爬虫"),)),
    ],
)
def test_what_is_included_is_read(
    root: Path, offer: Path, written: str, read: tuple[tuple[str, str], ...]
) -> None:
    changed(root, includes(written))
    sources, problems = read_folder(root)
    assert problems == []
    assert next(source for source in sources if source.id == "starter").includes == read


@pytest.mark.parametrize(
    ("written", "says", "hint"),
    [
        ("[py-crawler, go-wbe]", "没有 id 是 “go-wbe” 的课程", "是不是想写 go-web？"),
        ("[py-crawler, nothing-like-it]", "没有 id 是 “nothing-like-it” 的课程", "检查"),
        ("[py-crawler]", "2 到 50 门", "includes: ["),
        ("[]", "2 到 50 门", "includes: ["),
        ("[py-crawler, Go Web]", "不是课程 id", "includes: ["),
        ("[py-crawler, starter]", "也是套餐或会员", "直接写"),
        ("tag:爬", "没有一门课有标签 “爬”", ""),
        ("tag:go", "没有一门课有标签 “go”", ""),
        ("everything", "includes 的写法不对", "includes: all"),
        ('"tag:"', "includes 的写法不对", "includes: all"),
        ("", "includes 的写法不对", "includes: all"),
        ("{a: b}", "includes 的写法不对", "includes: all"),
    ],
)
def test_what_cannot_be_included_is_refused_at_its_line(
    root: Path, offer: Path, written: str, says: str, hint: str
) -> None:
    path = changed(root, includes(written))
    (error,) = problems_of(root)
    assert (error.path, error.line) == (str(path), LINE_OF_INCLUDES)
    assert says in error.message and hint in error.hint
    assert "starter" not in [source.id for source in read_folder(root)[0]]


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("access: 365d", "access: forever", "会员要有期限"),
        ("access: 365d\n", "", "会员要有期限"),
        ('price: "149.00"\n', "", "缺少 price"),
        ('price: "149.00"', 'price: "0"', "要有价格"),
    ],
)
def test_a_membership_needs_a_term_and_a_price(
    root: Path, offer: Path, before: str, after: str, says: str
) -> None:
    changed(root, includes("all").replace(before, after))
    assert [says in error.message for error in problems_of(root)] == [True]


def test_a_bundle_may_be_for_ever(root: Path, offer: Path) -> None:
    changed(root, OFFER.replace("access: 365d\n", ""))
    assert problems_of(root) == []


def test_lessons_and_a_courses_keys_have_no_place_in_an_offer(root: Path, offer: Path) -> None:
    (offer.parent / "01-first.md").write_text("---\ntitle: 课\n---\n正文", encoding="utf-8")
    changed(root, OFFER.replace("access:", "tags: [爬虫]\naccess:"))
    assert ["不放课时" in error.message for error in problems_of(root)] == [True]
    assert any("tags" in warning.message for warning in problems_of(root, "warning"))


def test_an_offer_within_an_offer_is_refused(root: Path, offer: Path) -> None:
    changed(root, OFFER.replace("id: starter", "id: outer").replace("go-web", "starter"), "outer")
    (error,) = problems_of(root)
    assert "starter 也是套餐或会员" in error.message


def test_a_draft_in_a_bundle_is_said(root: Path, offer: Path) -> None:
    changed(root, OFFER.replace("go-web", "go-web, a-draft"))
    assert problems_of(root) == []
    assert [warning.message for warning in problems_of(root, "warning")] == ["a-draft 还是草稿"]


# On the shelf


def test_offers_are_kept_apart_from_courses_and_are_found(
    root: Path, offer: Path, publisher: Publisher, shelf: Shelf
) -> None:
    changed(root, includes("all").replace("starter", "member"), "member")
    assert publisher.publish(root).errors == ()
    catalogue = shelf.catalogue()
    assert [course.id for course in catalogue.courses] == ["go-web", "py-crawler"]
    assert [one.id for one in catalogue.offers] == ["member", "starter"]
    bundle, member = catalogue.by_slug("starter"), catalogue.by_id("member")
    assert bundle is not None and member is not None
    assert (bundle.is_offer, bundle.is_membership, member.is_membership) == (True, False, True)
    assert [course.id for course in catalogue.contents_of(bundle)] == ["py-crawler", "go-web"]
    crawler = catalogue.by_id("py-crawler")
    assert crawler is not None and not crawler.is_offer
    assert [one.id for one in catalogue.offers_with(crawler)] == ["starter", "member"]
    assert publisher.publish(root).unchanged == ("go-web", "member", "py-crawler", "starter")


def test_a_course_that_is_withdrawn_leaves_its_bundle(
    root: Path, offer: Path, publisher: Publisher, shelf: Shelf, clock: ManualClock
) -> None:
    publisher.publish(root)
    for file in (root / "go-web").iterdir():
        file.unlink()
    publisher.publish(root)
    clock.advance(5)
    catalogue = shelf.catalogue()
    bundle = catalogue.by_id("starter")
    assert bundle is not None
    assert [course.id for course in catalogue.contents_of(bundle)] == ["py-crawler"]


def test_a_bundle_of_what_is_live_already_is_published_alone(
    root: Path, write_course: WriteCourse, publisher: Publisher
) -> None:
    write_course("py-crawler")
    write_course("go-web")
    publisher.publish(root)
    changed(root, OFFER)
    assert publisher.publish(root).published == ("starter",)
    path = changed(root, OFFER.replace("go-web", "go-wbe"))
    report = publisher.publish(root)
    assert [(error.path, error.line) for error in report.errors] == [(str(path), LINE_OF_INCLUDES)]
    assert report.withdrawn == (), "what is live stays live"


@pytest.mark.parametrize("first", ["course", "offer"])
def test_a_course_stays_a_course_and_an_offer_an_offer(
    root: Path, offer: Path, publisher: Publisher, write_course: WriteCourse, first: str
) -> None:
    """Its buyers hold grants of the course by its id."""
    course = INDEX.format(id="starter")
    if first == "course":
        write_course("starter", files={"_index.md": course})
        publisher.publish(root)
        for lesson in ("01-first.md", "02-second.md"):
            (root / "starter" / lesson).unlink()
        changed(root, OFFER)
    else:
        publisher.publish(root)
        write_course("starter", files={"_index.md": course})
    (error,) = publisher.publish(root).errors
    assert "不能改成" in error.message and error.line == 2
