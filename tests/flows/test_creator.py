"""Saving is publishing: what a creator writes is in the chat a moment later, and a mistake harms nothing."""

from __future__ import annotations

import shutil

from tests.flows.courses import CANARY, write_course
from tests.flows.follower import Follower
from tests.flows.town import Town
from tests.waiting import until


def shown(follower: Follower, slug: str) -> str:
    page = follower.get(f"/courses/{slug}")
    return page.text if page.status_code == 200 else ""


def test_a_course_folder_that_is_added_is_found_in_the_chat(town: Town, anna: Follower) -> None:
    write_course(town.courses, "ferry", title="折纸渡船课", summary="手把手教你折纸渡船", tags="折纸, 渡船")
    until(lambda: shown(anna, "ferry"), "the new course")
    assert "折纸渡船课" in anna.say("想学折纸渡船")
    assert "折纸渡船课" in anna.say("1")


def test_a_changed_price_counts_from_the_next_order_on(town: Town, anna: Follower) -> None:
    folder = write_course(
        town.courses, "kites", title="风筝课", summary="教你做风筝", tags="风筝", price="30"
    )
    until(lambda: shown(anna, "kites"), "the new course")
    old = anna.order("购买 风筝课")
    index = folder / "_index.md"
    index.write_text(index.read_text().replace('price: "30"', 'price: "35.50"'))
    until(lambda: "¥35.50" in shown(anna, "kites"), "the new price")
    new = anna.order("购买 风筝课")
    till = town.rooms.shop.till
    assert [till.show(number).order.total_fen for number in (old, new)] == [3000, 3550]
    anna.pay(old)
    assert CANARY in anna.get("/courses/kites/work").text


def test_a_broken_file_is_refused_and_the_live_version_stays(town: Town, anna: Follower) -> None:
    folder = write_course(town.courses, "lamps", title="灯笼课", summary="教你做灯笼", tags="灯笼")
    until(lambda: shown(anna, "lamps"), "the new course")
    (folder / "_index.md").write_text("---\ntitle: 坏掉的灯笼\nprice: 99.00\n---\n")
    # A second course, written after it, shows that the folder has been looked at.
    write_course(town.courses, "masks", title="面具课", summary="教你做面具", tags="面具")
    until(lambda: shown(anna, "masks"), "the course after the broken one")
    assert "灯笼课" in shown(anna, "lamps")
    assert "坏掉的灯笼" not in shown(anna, "lamps")


def test_a_copied_course_that_kept_its_id_is_refused_and_the_first_one_stays(
    town: Town, anna: Follower
) -> None:
    folder = write_course(town.courses, "boats", title="小船课", summary="教你做小船", tags="小船")
    until(lambda: shown(anna, "boats"), "the new course")
    shutil.copytree(folder, town.courses / "boats-copy")
    write_course(town.courses, "rafts", title="木筏课", summary="教你做木筏", tags="木筏")
    until(lambda: shown(anna, "rafts"), "the course after the copy")
    assert shown(anna, "boats-copy") == ""
    assert "小船课" in shown(anna, "boats")


def test_a_withdrawn_course_is_still_its_buyers_and_is_sold_to_nobody(
    town: Town, anna: Follower, bert: Follower
) -> None:
    folder = write_course(town.courses, "bells", title="铃铛课", summary="教你做铃铛", tags="铃铛")
    until(lambda: shown(anna, "bells"), "the new course")
    anna.log_in().buy("铃铛课")
    listed = bert.say("想学铃铛")
    shutil.rmtree(folder)
    until(lambda: bert.get("/courses/bells").status_code == 410, "the withdrawal")
    assert "铃铛课" in listed and "下架" in bert.say("买 1")
    assert CANARY in anna.get("/courses/bells/work").text
    assert "铃铛课" in anna.say("我的课程")


def test_the_pictures_of_a_withdrawn_course_go_with_its_pages(
    town: Town, anna: Follower, bert: Follower
) -> None:
    folder = write_course(town.courses, "flutes", title="笛子课", summary="教你做笛子", tags="笛子")
    until(lambda: shown(anna, "flutes"), "the new course")
    picture = "/courses/flutes/assets/pictures/free.png"
    anna.log_in().buy("笛子课")
    assert "public" in bert.get(picture).headers["Cache-Control"]
    shutil.rmtree(folder)
    until(lambda: bert.get("/courses/flutes").status_code == 410, "the withdrawal")
    assert bert.get(picture).status_code == 404
    kept = anna.get(picture)
    assert kept.status_code == 200 and "private" in kept.headers["Cache-Control"]


def test_a_renamed_course_is_found_at_its_old_address_and_stays_its_buyers(
    town: Town, anna: Follower
) -> None:
    """Access 5."""
    folder = write_course(town.courses, "drums", title="小鼓课", summary="教你做小鼓", tags="小鼓")
    until(lambda: shown(anna, "drums"), "the new course")
    anna.log_in().buy("小鼓课")
    folder.rename(town.courses / "snare-drums")
    until(lambda: anna.get("/courses/drums").url.endswith("/courses/snare-drums"), "the new address")
    assert CANARY in anna.get("/courses/drums/work").text


def test_a_course_whose_last_day_has_passed_is_not_sold(town: Town, anna: Follower) -> None:
    write_course(
        town.courses, "old", title="旧皇历课", summary="教你看旧皇历", tags="旧皇历", access="2020-01-01"
    )
    until(lambda: shown(anna, "old"), "the new course")
    assert "开放期已经结束" in anna.say("购买 旧皇历课")
    bought = anna.log_in().post("/courses/old/buy")
    assert bought.status_code == 403 and "开放期已经结束" in bought.text
