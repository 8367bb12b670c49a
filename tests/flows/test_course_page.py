"""The course page: what one learns, the outline of a long course, who may keep it, and what is gone."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from tests.flows.courses import CRAWLER, write_course, write_offer
from tests.flows.follower import Follower
from tests.flows.town import Town
from tests.waiting import until

PICTURE = "cover.png"
PNG = b"\x89PNG\r\n\x1a\n" + b"picture"


def add_to_front_matter(folder: Path, lines: str) -> None:
    index = folder / "_index.md"
    text = index.read_text(encoding="utf-8").replace("teacher: 阿文\n", f"teacher: 阿文\n{lines}\n")
    index.write_text(text, encoding="utf-8")


def write_long_course(root: Path, slug: str, *, chapters: int, lessons: int) -> None:
    folder = write_course(root, slug, title=f"{slug} 长课", summary="很长", tags="长", price="9")
    for chapter in range(1, chapters + 1):
        part = folder / f"1{chapter:02}-part{chapter}"
        part.mkdir()
        (part / "_index.md").write_text(f"---\ntitle: 第 {chapter} 章\n---\n", encoding="utf-8")
        for number in range(1, lessons + 1):
            (part / f"{number:02}-l{chapter}x{number}.md").write_text(
                f"---\ntitle: 课 {chapter}-{number}\nfree: {'true' if number == 1 else 'false'}\n---\n正文\n",
                encoding="utf-8",
            )


def test_cover_and_aims_of_the_creator_stand_on_the_page_and_the_shelf(town: Town, anna: Follower) -> None:
    folder = write_course(town.courses, "violins", title="提琴课", summary="提琴", tags="提琴")
    (folder / PICTURE).write_bytes(PNG)
    add_to_front_matter(folder, f"cover: {PICTURE}\nlearn: [拉一首<b>曲子, 调音]")
    until(lambda: "你会学到" in anna.get("/courses/violins").text, "the aims")
    page, shelf = anna.get("/courses/violins").text, anna.get("/courses").text
    assert "<li>拉一首&lt;b&gt;曲子</li><li>调音</li>" in page
    mark = sha256(PNG).hexdigest()[:12]
    address = f"/courses/violins/assets/{PICTURE}?v={mark}"
    assert f'class="hero-picture" src="{address}' in page and f'class="cover" src="{address}' in shelf
    answer = anna.get(address)
    assert answer.content == PNG and "immutable" in answer.headers["Cache-Control"], "it may be kept"
    assert "你会学到" not in anna.get("/courses/crawler-one").text


def test_a_long_outline_is_folded_by_chapters(town: Town, anna: Follower) -> None:
    write_long_course(town.courses, "long-one", chapters=12, lessons=10)
    until(lambda: anna.get("/courses/long-one").status_code == 200, "the course")
    page = anna.get("/courses/long-one").text
    assert page.count('<details class="part">') == 12, (
        "the lessons without a chapter come first and stand open"
    )
    assert page.count('href="/courses/long-one/') >= 123, "and each lesson is there without a script"
    assert '<ol class="cells outline" start="114">' in page
    assert '<details class="part">' not in anna.get("/courses/crawler-one").text


@pytest.fixture
def member(town: Town, anna: Follower) -> Follower:
    write_offer(town.courses, "club", "全站会员", "都能看", "599.00", "all", "365d")
    until(lambda: anna.get("/courses/club").status_code == 200, "the membership")
    anna.log_in().buy("全站会员")
    return anna


def test_a_member_may_buy_a_course_for_ever(town: Town, member: Follower) -> None:
    page = member.get("/courses/crawler-one").text
    assert "永久买下 · ¥99" in page and "会员到期后" in page
    assert "/pay/" in member.post("/courses/crawler-one/buy").url
    member.buy(CRAWLER)
    assert "永久买下" not in member.get("/courses/crawler-one").text
    assert "永久买下" not in member.get("/courses/git-free").text
    assert "永久买下" not in town.new_follower().log_in().get("/courses/crawler-one").text


def test_a_course_that_is_gone_leads_on(town: Town, anna: Follower, tmp_path: Path) -> None:
    folder = write_course(town.courses, "flutes", title="长笛课", summary="长笛", tags="长笛")
    until(lambda: anna.get("/courses/flutes").status_code == 200, "the course")
    folder.rename(tmp_path / "flutes")
    until(lambda: anna.get("/courses/flutes").status_code == 410, "the withdrawal")
    for path in ("/courses/flutes", "/courses/flutes/start"):
        page = anna.get(path)
        assert page.status_code == 410 and "下架" in page.text
        assert 'action="/courses"' in page.text and 'href="/courses"' in page.text and "长笛" not in page.text
    assert anna.get("/courses/never-there").status_code == 404


def test_a_course_for_members_is_no_course_to_others(town: Town, anna: Follower) -> None:
    folder = write_course(town.courses, "secret-lutes", title="琵琶课", summary="琵琶", tags="琵琶")
    add_to_front_matter(folder, "visibility: members")
    until(lambda: town.rooms.shop.shelf.catalogue().for_members != (), "the course")
    assert anna.get("/courses/secret-lutes").status_code == 404
