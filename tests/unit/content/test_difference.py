"""What a creator is told before a publishing: each kind of change, and which of them stand out."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from sqlalchemy import update

from content import tables
from content.difference import Change, Difference
from content.proposal import propose
from content.publish import Publisher
from infra.database import Database

WriteCourse = Callable[..., Path]
Propose = Callable[..., list[Difference]]
LESSON = "---\ntitle: {}\n---\n试读\n\n<!--members-only-->\n\n{}\n"


@pytest.fixture
def proposed(publisher: Publisher, db: Database, root: Path) -> Propose:
    def run(buyers: Mapping[str, int] | None = None) -> list[Difference]:
        def count(ids: Sequence[str]) -> Mapping[str, int]:
            return {id_: (buyers or {})[id_] for id_ in ids if id_ in (buyers or {})}

        return propose(db, publisher.plan(root), count)

    return run


@pytest.fixture
def published(publisher: Publisher, root: Path, write_course: WriteCourse) -> Path:
    folder = write_course()
    publisher.publish(root)
    return folder


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def lines(differences: list[Difference]) -> list[str]:
    return [f"{'!!' if change.grave else ''}{change.text}" for one in differences for change in one.changes]


def test_nothing_to_tell_of_an_unchanged_folder(proposed: Propose, published: Path) -> None:
    assert proposed() == []


def test_planning_changes_nothing(proposed: Propose, published: Path, publisher: Publisher) -> None:
    edit(published / "_index.md", 'price: "99.00"', 'price: "89.00"')
    assert proposed() == proposed() != []


def test_a_new_course_is_told_with_its_price(proposed: Propose, write_course: WriteCourse) -> None:
    write_course()
    assert [(one.kind, one.title) for one in proposed()] == [("new", "Python 爬虫从零到一")]
    assert lines(proposed()) == ["¥99.00，2 节课（1 节免费）"]


def test_a_price_is_told_and_stands_out_when_it_falls_by_more_than_half(
    proposed: Propose, published: Path
) -> None:
    edit(published / "_index.md", '"99.00"', '"89.00"')
    assert lines(proposed()) == ["价格 ¥99.00 → ¥89.00"]
    edit(published / "_index.md", '"89.00"', '"9.90"')
    assert lines(proposed()) == ["!!价格 ¥99.00 → ¥9.90"]
    edit(published / "_index.md", '"9.90"', '"0"')
    assert lines(proposed()) == ["!!价格 ¥99.00 → 免费，整门课不要钱了"]


def test_the_crossed_out_price_is_told(proposed: Propose, published: Path) -> None:
    edit(published / "_index.md", 'price_original: "199.00"\n', "")
    assert lines(proposed()) == ["划线价 ¥199.00 → 没有"]


def test_what_becomes_free_stands_out_and_what_becomes_paid_is_told(
    proposed: Propose, published: Path
) -> None:
    edit(published / "02-second.md", "---\n试读正文\n\n<!--members-only-->\n\n", "free: true\n---\n")
    assert "!!《第二课》：要买 → 免费" in lines(proposed())
    edit(published / "01-first.md", "free: true\n", "")
    assert "《第一课》：免费 → 要买" in lines(proposed())


def test_a_lesson_that_buyers_lose_stands_out(proposed: Propose, published: Path) -> None:
    (published / "02-second.md").unlink()
    assert lines(proposed()) == ["少了一节：《第二课》"]
    assert lines(proposed({"py-crawler": 12})) == ["!!少了一节：《第二课》，12 位买过的人再也读不到它"]


def test_a_new_lesson_a_new_title_and_a_changed_text_are_told(proposed: Propose, published: Path) -> None:
    (published / "03-third.md").write_text(LESSON.format("第三课", "更多"), encoding="utf-8")
    edit(published / "01-first.md", "第一课", "先跑起来")
    edit(published / "02-second.md", "付费正文", "新的付费正文")
    assert lines(proposed()) == [
        "多了一节：《第三课》（要买）",
        "课时改名：《第一课》→《先跑起来》",
        "正文改了：《第二课》",
    ]


def test_a_lesson_with_another_address_is_the_same_lesson(proposed: Propose, published: Path) -> None:
    (published / "02-second.md").rename(published / "02-renamed.md")
    assert lines(proposed({"py-crawler": 3})) == ["课时网址 second → renamed：《第二课》"]


def test_lessons_in_another_order_are_told(proposed: Propose, published: Path) -> None:
    (published / "02-second.md").rename(published / "00-second.md")
    assert lines(proposed()) == ["课时的先后变了"]


def test_words_about_the_course_are_told_by_their_names(proposed: Propose, published: Path) -> None:
    edit(published / "_index.md", "level: 入门", "level: 高级")
    edit(published / "_index.md", "[爬虫, Python]", "[爬虫]")
    edit(published / "_index.md", "refund: 7d", "refund: none")
    told = lines(proposed())
    assert {"难度 入门 → 高级", "标签 爬虫、Python → 爬虫", "退款 7d → none"} == set(told)


def test_a_withdrawal_stands_out_when_somebody_has_bought(
    proposed: Propose, published: Path, write_course: WriteCourse
) -> None:
    write_course("other-one")
    shutil.rmtree(published)
    first = proposed({"py-crawler": 2})[0]
    assert (first.kind, first.changes) == ("gone", (Change("2 位买过的人还能读", grave=True),))
    assert proposed()[0].changes == (Change("没有人买过"),)


def test_a_course_that_comes_back_is_not_called_new(
    proposed: Propose, publisher: Publisher, root: Path, write_course: WriteCourse
) -> None:
    write_course("stays-here")
    folder = write_course()
    publisher.publish(root)
    shutil.rmtree(folder)
    publisher.publish(root)
    write_course()
    assert [one.kind for one in proposed()] == ["back"]


def test_when_and_to_whom_it_is_shown_is_told(proposed: Propose, published: Path) -> None:
    edit(
        published / "_index.md",
        "refund: 7d",
        "refund: 7d\nvisibility: unlisted\nexpiryDate: 2099-01-02 08:30",
    )
    edit(published / "02-second.md", "title: 第二课", "title: 第二课\ndrip: 3d")
    assert set(lines(proposed())) == {
        "谁能看到 公开 → 不列出",
        "停售时间 没有 → 2099-01-02 08:30（北京时间）",
        "《第二课》：马上开放 → 买后 3 天开放",
    }


def test_a_version_from_before_there_were_these_keys_differs_in_nothing(
    proposed: Propose, published: Path, db: Database
) -> None:
    none = {"visibility": None, "drip_days": None, "learn": None, "cover": None, "aliases": None}
    with db.transaction() as conn:
        conn.execute(update(tables.course_version).values(**none))
    edit(published / "_index.md", 'price: "99.00"', 'price: "89.00"')
    assert lines(proposed()) == ["价格 ¥99.00 → ¥89.00"]
