"""Who finds a course, who may see it, and who may buy it: by its visibility and by the clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from content.course import Course
from payments.operator import give
from tests.flows.courses import CANARY, write_course, write_offer
from tests.flows.follower import Follower
from tests.flows.town import Town, open_town

TITLES = {
    "cook-open": "家常菜",
    "cook-link": "家常菜暗号",
    "cook-club": "家常菜内部",
    "cook-next": "家常菜预告",
}
KEYS = {
    "cook-open": "",
    "cook-link": "visibility: unlisted",
    "cook-club": "visibility: members",
    "cook-next": "publishDate: 2099-01-01",
    "cook-past": "expiryDate: 2020-01-01",
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, platform_keys: dict[str, Any]) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("visibility")
    for slug, key in KEYS.items():
        title = TITLES.get(slug, "家常菜往期")
        path = write_course(folder / "courses", slug, title=title, summary="炒菜", tags="做菜")
        add(path / "_index.md", key)
        rename_lesson(path)
    write_offer(folder / "courses", "cook-year", "做菜会员", "全年做菜", "199", "tag:做菜", "365d")
    with open_town(folder, platform_keys, folder / "courses") as opened:
        yield opened


def add(index: Path, key: str) -> None:
    text = index.read_text(encoding="utf-8")
    index.write_text(text.replace("level:", f"{key}\nlevel:" if key else "level:", 1), encoding="utf-8")


def rename_lesson(folder: Path) -> None:
    text = (folder / "03-end.md").read_text(encoding="utf-8")
    (folder / "03-end.md").unlink()
    text = text.replace("title:", "aliases: [/old/way/end/]\ntitle:", 1)
    (folder / "03-last.md").write_text(text, encoding="utf-8")


def course_of(town: Town, slug: str) -> Course:
    course = town.rooms.shop.shelf.catalogue().by_slug(slug)
    assert course is not None
    return course


def holder_of(town: Town, item: str, kind: str = "course") -> Follower:
    """Who was given it by hand, as a buyer of before or a member would hold it."""
    holder = town.new_follower().log_in()
    desk = town.rooms.shop.till.desk
    give(desk, holder.openid, (kind, item), "forever", reason="a test", actor="a test")
    town.rooms.shop.till.forget()
    return holder


def test_a_lesson_that_was_renamed_is_found_by_its_old_address(town: Town) -> None:
    visitor = town.new_follower().log_in()
    answer = visitor.web.get(f"{town.url}/courses/cook-open/end", allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (301, "/courses/cook-open/last")
    assert visitor.get("/courses/cook-open/never").status_code == 404
    assert visitor.web.get(f"{town.url}/courses/cook-club/end", allow_redirects=False).status_code == 404


def test_only_what_is_public_and_open_stands_on_the_shelf(town: Town) -> None:
    visitor = town.new_follower()
    for place in (visitor.get("/courses").text, visitor.get("/courses?q=家常菜").text, visitor.say("家常菜")):
        assert "cook-open" in place or "家常菜" in place
        for hidden in ("暗号", "内部", "预告", "往期"):
            assert hidden not in place


def test_an_unlisted_course_is_read_and_bought_by_its_link(town: Town) -> None:
    visitor = town.new_follower().log_in()
    assert visitor.get("/courses/cook-link").status_code == 200
    assert visitor.get("/courses/cook-link/start").status_code == 200
    answer = visitor.post("/courses/cook-link/buy")
    assert "/pay/" in answer.url or "/pay/" in answer.headers.get("Location", "")


@pytest.mark.parametrize(("slug", "status"), [("cook-club", 404), ("cook-next", 404), ("cook-past", 410)])
def test_what_is_not_offered_is_closed_to_strangers_and_open_to_who_holds_it(
    town: Town, slug: str, status: int
) -> None:
    stranger, holder = town.new_follower().log_in(), holder_of(town, slug)
    for path in ("", "/start", "/work", "/assets/pictures/free.png", "/assets/pictures/paid.png"):
        assert stranger.get(f"/courses/{slug}{path}").status_code in (404, status)
        assert holder.get(f"/courses/{slug}{path}").status_code == 200
    assert stranger.get(f"/courses/{slug}").status_code == status
    assert "/pay/" not in stranger.post(f"/courses/{slug}/buy").url
    assert CANARY in holder.get(f"/courses/{slug}/work").text


def test_a_member_finds_what_is_for_members_among_their_courses(town: Town) -> None:
    member = holder_of(town, "做菜", kind="tag")
    mine = member.get("/me").text
    assert "家常菜内部" in mine and "家常菜暗号" in mine
    assert "预告" not in mine and "往期" not in mine
    assert CANARY in member.get("/courses/cook-club/work").text


def test_the_shelf_has_each_in_its_place(town: Town) -> None:
    catalogue = town.rooms.shop.shelf.catalogue()
    assert [course.id for course in catalogue.courses] == ["cook-open"]
    assert [course.id for course in catalogue.unlisted] == ["cook-link"]
    assert [course.id for course in catalogue.for_members] == ["cook-club"]
    assert {course.id for course in catalogue.withdrawn} == {"cook-next", "cook-past"}
    offered = {slug: course_of(town, slug).listed for slug in KEYS}
    assert offered == {
        "cook-open": True, "cook-link": True, "cook-club": False, "cook-next": False, "cook-past": False,
    }  # fmt: skip
    assert catalogue.moved_at is not None and catalogue.moved_at < town.rooms.clock.now() - timedelta(days=1)
