"""The lesson page around its text: outline, progress, paywall, ways on; what each of three readers sees."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from sqlalchemy import update

from handlers.web.highlight import sheet, switched
from payments.tables import grants
from tests.flows.courses import CANARY, CRAWLER, write_course
from tests.flows.follower import Follower
from tests.flows.town import Town
from tests.waiting import until

COURSE = "/courses/crawler-one"
START, WORK, END = f"{COURSE}/start", f"{COURSE}/work", f"{COURSE}/end"


def stranger(town: Town, path: str) -> str:
    return requests.get(town.url + path, timeout=10).text


def test_the_outline_marks_where_one_is_what_is_free_and_what_was_read(town: Town, anna: Follower) -> None:
    before = stranger(town, WORK)
    assert re.search(rf'href="{WORK}" aria-current="page"', before)
    assert before.count('<span class="mark free">免费</span>') == 1
    assert before.count('aria-label="还没有打开"') == 2
    anna.log_in().buy(CRAWLER)
    anna.get(START)
    after = anna.get(WORK).text
    assert after.count('aria-label="读过"') == 2 and "还没有打开" not in after
    assert '<progress class="progress" max="3" value="2"' in after


def test_the_paywall_names_what_follows_and_costs_one_tap(anna: Follower) -> None:
    page = anna.log_in().get(WORK).text
    assert '<li value="3">第三课 收尾</li>' in page
    assert (
        page.count(f'action="{COURSE}/buy"') == 1
        and '<input type="hidden" name="lesson" value="work">' in page
    )
    assert CANARY not in page


def test_who_owns_the_course_sees_no_paywall(anna: Follower) -> None:
    anna.log_in().buy(CRAWLER)
    page = anna.get(WORK).text
    assert CANARY in page and "paywall" not in page and f'action="{COURSE}/buy"' not in page


def test_the_way_to_log_in_comes_back_to_the_lesson(town: Town, anna: Follower) -> None:
    page = stranger(town, WORK)
    (address,) = re.findall(r'href="(/login/start[^"]+)"', page)
    assert urlsplit(anna.get(address).url).path == WORK


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example/", "/\\evil.example"])
def test_the_way_to_log_in_leads_to_no_other_site(anna: Follower, elsewhere: str) -> None:
    page = anna.log_in().get("/login/start", params={"to": elsewhere}, allow_redirects=False)
    assert page.headers["Location"] == "/courses"


def test_a_term_that_is_over_is_told_from_a_course_that_was_never_bought(town: Town, anna: Follower) -> None:
    anna.log_in().buy(CRAWLER)
    assert "有效期已经结束" not in anna.get(WORK).text
    order = town.rooms.shop.till.orders_of(anna.openid)[0]
    end_grants(town, order.order_no)
    page = anna.get(WORK).text
    assert "有效期已经结束" in page and CANARY not in page
    assert "有效期已经结束" not in town.new_follower().log_in().get(WORK).text


def end_grants(town: Town, order_no: str) -> None:
    yesterday = town.rooms.clock.now() - timedelta(days=1)
    ends = update(grants).where(grants.c.source == f"order:{order_no}").values(expires_at=yesterday)
    with town.rooms.db.transaction() as conn:
        assert conn.execute(ends).rowcount == 1
    town.rooms.shop.till.forget()


def test_a_withdrawn_course_says_so_to_who_reads_on(town: Town, anna: Follower, tmp_path: Path) -> None:
    folder = write_course(town.courses, "harps", title="竖琴课", summary="竖琴", tags="竖琴")
    until(lambda: anna.get("/courses/harps").status_code == 200, "the course")
    anna.log_in().buy("竖琴课")
    assert "已经下架" not in anna.get("/courses/harps/work").text
    folder.rename(tmp_path / "harps")
    until(lambda: "已经下架" in anna.get("/courses/harps/work").text, "the withdrawal")
    assert CANARY in anna.get("/courses/harps/work").text


def test_only_a_page_with_a_film_may_show_one(anna: Follower) -> None:
    assert "frame-src" not in anna.get(START).headers["Content-Security-Policy"]


def test_the_colours_of_code_follow_the_switch_of_the_page() -> None:
    css = "a { b: c }\n@media (prefers-color-scheme: dark) {\n  .x .k { color: red }\n  .x { d: e }\n}\n"
    assert switched(css).splitlines() == [
        "a { b: c }",
        "@media (prefers-color-scheme: dark) {",
        ':root:not([data-theme="light"]) .x .k { color: red }',
        ':root:not([data-theme="light"]) .x { d: e }',
        "}",
        ':root[data-theme="dark"] .x .k { color: red }',
        ':root[data-theme="dark"] .x { d: e }',
    ]
    assert ':root[data-theme="dark"] .highlight .k {' in sheet()
