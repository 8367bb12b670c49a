"""Lessons that open one by one: what is bought and not open yet stays as closed as what is not bought."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from content.course import Course
from payments.tables import grants
from tests.flows.courses import PNG
from tests.flows.follower import Follower
from tests.flows.test_paid_canaries import CANARY, heard
from tests.flows.town import Town, open_town

INDEX = '---\nid: {slug}\ntitle: {title}\nsummary: 一天一课\nprice: "9.90"\n{more}---\n课程介绍\n'
SLOW, LATER = "slow-course", "later-course"
CLOSED = b"closed"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, platform_keys: dict[str, Any]) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("drip")
    write(folder / "courses" / SLOW, "慢慢学做饭", "drip: 2d\n")
    write(folder / "courses" / LATER, "以后学唱歌", "", lesson="publishDate: 2099-01-01\n")
    with open_town(folder, platform_keys, folder / "courses") as opened:
        yield opened


def write(folder: Path, title: str, more: str, lesson: str = "") -> None:
    folder.mkdir(parents=True)
    name = folder.name.partition("-")[0]
    for number in (1, 2, 3):
        free, paid = f"![开头](free{number}.png)", f"![图](paid{number}.png)"
        text = f"开头 {number} {free}\n\n<!--members-only-->\n\n{CANARY}{name}{number}x1 {paid}"
        key = lesson if number > 1 else ""
        (folder / f"0{number}-part-{number}.md").write_text(
            f"---\ntitle: 第 {number} 课\n{key}---\n{text}\n", encoding="utf-8"
        )
        for kind in ("free", "paid"):
            (folder / f"{kind}{number}.png").write_bytes(PNG + CLOSED)
    index = INDEX.format(slug=folder.name, title=title, more=more)
    (folder / "_index.md").write_text(index, encoding="utf-8")


@pytest.fixture
def courses(town: Town) -> tuple[Course, ...]:
    return town.rooms.shop.shelf.catalogue().courses


def buyer_of(town: Town, title: str) -> tuple[Follower, str]:
    buyer = town.new_follower().log_in()
    return buyer, buyer.buy(title)


def days_pass(town: Town, buyer: Follower, days: int) -> None:
    """For this buyer alone: the grant began so much earlier."""
    began = town.rooms.clock.now() - timedelta(days=days)
    with town.rooms.db.transaction() as conn:
        conn.execute(update(grants).where(grants.c.openid == buyer.openid).values(starts_at=began))
    town.rooms.shop.till.forget()


def statuses(reader: Follower, slug: str) -> dict[str, int]:
    names = [f"{kind}{number}" for kind in ("free", "paid") for number in (1, 2, 3)]
    return {name: reader.get(f"/courses/{slug}/assets/{name}.png").status_code for name in names}


def test_what_is_not_open_yet_is_heard_nowhere(town: Town, courses: tuple[Course, ...]) -> None:
    buyer, order_no = buyer_of(town, "慢慢学做饭")
    assert set(heard(buyer, courses, order_no)) == {"slow1"}
    days_pass(town, buyer, 2)
    assert set(heard(buyer, courses, order_no)) == {"slow1", "slow2"}
    days_pass(town, buyer, 4)
    assert set(heard(buyer, courses, order_no)) == {"slow1", "slow2", "slow3"}


def test_its_pictures_stay_closed_as_long(town: Town, courses: tuple[Course, ...]) -> None:
    buyer, _ = buyer_of(town, "慢慢学做饭")
    free = {"free1": 200, "free2": 200, "free3": 200}
    assert statuses(town.new_follower(), SLOW) == free | {"paid1": 404, "paid2": 404, "paid3": 404}
    assert statuses(buyer, SLOW) == free | {"paid1": 200, "paid2": 404, "paid3": 404}
    days_pass(town, buyer, 3)
    assert statuses(buyer, SLOW) == free | {"paid1": 200, "paid2": 200, "paid3": 404}


def test_a_lesson_with_a_day_of_its_own_is_closed_to_all_until_then(
    town: Town, courses: tuple[Course, ...]
) -> None:
    buyer, order_no = buyer_of(town, "以后学唱歌")
    assert set(heard(buyer, courses, order_no)) == {"later1"}
    assert statuses(buyer, LATER) == {
        "free1": 200, "paid1": 200, "free2": 404, "paid2": 404, "free3": 404, "paid3": 404,
    }  # fmt: skip
    page = buyer.get(f"/courses/{LATER}/part-2").text
    assert "开头 2" not in page and "2099年1月1日 00:00" in page
    assert "开头 2" not in town.new_follower().get(f"/courses/{LATER}/part-2").text


def test_the_page_and_the_chat_say_when_it_opens(town: Town) -> None:
    buyer, _ = buyer_of(town, "慢慢学做饭")
    days_pass(town, buyer, 1)
    page = buyer.get(f"/courses/{SLOW}/part-2").text
    assert "为你打开" in page and "开头 2" in page and "购买" not in page
    assert "part-1" in buyer.say("继续")
    buyer.get(f"/courses/{SLOW}/part-1")
    told = buyer.say("继续")
    assert "第 2 课" in told and "打开" in told and "href" not in told


def test_it_is_told_before_it_is_bought_that_lessons_open_bit_by_bit(town: Town) -> None:
    visitor = town.new_follower()
    assert "分批打开，4 天后全部能读" in visitor.get(f"/courses/{SLOW}").text
    visitor.say("慢慢学做饭")
    assert "分批打开，4 天后全部能读" in visitor.say("1")
    assert "分批打开" not in visitor.get(f"/courses/{LATER}").text


def test_the_outline_says_when_each_opens(town: Town) -> None:
    buyer, _ = buyer_of(town, "慢慢学做饭")
    assert buyer.get(f"/courses/{SLOW}").text.count("日打开") == 2
    assert town.new_follower().get(f"/courses/{LATER}").text.count("2099年1月1日打开") == 2


def test_looking_in_vain_does_not_count_as_read(town: Town, courses: tuple[Course, ...]) -> None:
    buyer, _ = buyer_of(town, "慢慢学做饭")
    buyer.get(f"/courses/{SLOW}/part-3")
    course = next(course for course in courses if course.slug == SLOW)
    assert town.rooms.shop.progress.of_course(buyer.openid, course.id) == frozenset()


def test_what_paying_opens_is_told_before_and_after(town: Town) -> None:
    buyer = town.new_follower().log_in()
    told = buyer.say("购买 慢慢学做饭")
    now_and_next = "付完先打开 1 节，下一节《第 2 课》2 天后打开"
    assert now_and_next in told and "马上打开" not in told
    order_no = told.partition("/pay/")[2].partition('"')[0]
    assert now_and_next in buyer.get(f"/pay/{order_no}").text
    buyer.pay(order_no)
    assert "现在能读 1 节，下一节《第 2 课》" in buyer.await_push(order_no)
    assert "现在能读 1 节，下一节《第 2 课》" in buyer.get(f"/pay/{order_no}").text


def test_who_is_given_such_a_course_is_told_the_same(town: Town) -> None:
    buyer, friend = town.new_follower().log_in(), town.new_follower().log_in()
    _, code = buyer.buy_gift("慢慢学做饭")
    friend.say(f"兑换 {code}")
    assert "现在能读 1 节，下一节《第 2 课》" in friend.await_push("礼物收好了")
