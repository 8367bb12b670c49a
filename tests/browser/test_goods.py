"""Bundles, memberships and gifts as they are seen on a phone: each page fits it, and leads on by a tap."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE_MS, SAMPLE_COURSES
from tests.flows.courses import write_offer
from tests.flows.follower import WECHAT_BROWSER, Follower
from tests.flows.town import Town, open_town

pytestmark = pytest.mark.chromium

WIDTH = 390
COURSE, BUNDLE = "Python 爬虫从零到一", "爬虫双课套餐"
TAG_MEMBERSHIP = ("ai-year", "大模型会员", "大模型的课一年随便学", "299.00", "tag:大模型", "365d")
Open = Callable[[Follower], Page]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, platform_keys: dict[str, Any]) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("goods")
    root = Path(shutil.copytree(SAMPLE_COURSES, folder / "courses"))
    write_offer(root, *TAG_MEMBERSHIP)
    with open_town(folder, platform_keys, root) as opened:
        yield opened


@pytest.fixture
def phone_of(chromium: Browser) -> Iterator[Open]:
    """WeChat's browser in the hands of a follower."""
    contexts = []

    def open_phone(follower: Follower) -> Page:
        context = chromium.new_context(
            viewport={"width": WIDTH, "height": 844},
            locale="zh-CN",
            user_agent=WECHAT_BROWSER,
            extra_http_headers={"X-Sandbox-Openid": follower.openid},
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        return context.new_page()

    yield open_phone
    for context in contexts:
        context.close()


def picture(page: Page, name: str) -> None:
    """Each page that is looked at fits the phone."""
    assert int(page.evaluate("document.documentElement.scrollWidth")) <= WIDTH
    folder = os.environ.get("KEBAN_TEST_SCREENSHOTS")
    if folder:
        page.screenshot(path=f"{folder}/goods-{name}.png")
        page.screenshot(path=f"{folder}/goods-{name}-whole.png", full_page=True)


def test_from_the_shelf_to_a_bundle_and_its_pay_page(town: Town, phone_of: Open) -> None:
    anna = town.new_follower().log_in()
    anna.buy(COURSE)
    page = phone_of(anna)
    page.goto(f"{town.url}/me")
    page.goto(f"{town.url}/courses")
    picture(page, "shelf")
    page.get_by_role("link", name=BUNDLE).click()
    expect(page.get_by_text(f"其中《{COURSE}》你已经有了")).to_be_visible()
    picture(page, "bundle-partly-owned")
    page.get_by_role("button", name="购买").click()
    expect(page.get_by_text("应付金额")).to_be_visible()
    expect(page.get_by_text(f"其中《{COURSE}》你已经有了")).to_be_visible()
    picture(page, "bundle-pay")


def test_a_member_sees_until_when(town: Town, phone_of: Open) -> None:
    anna = town.new_follower().log_in()
    page = phone_of(anna)
    page.goto(f"{town.url}/courses/all-year")
    picture(page, "membership")
    anna.buy("全站会员")
    page.goto(f"{town.url}/me")
    expect(page.get_by_text("全部课程会员，能看到")).to_be_visible()
    picture(page, "me-member")
    page.goto(f"{town.url}/courses/all-year")
    expect(page.get_by_text("已开通")).to_be_visible()


def test_a_gift_from_one_phone_to_another(town: Town, phone_of: Open) -> None:
    anna, bert = town.new_follower().log_in(), town.new_follower()
    order_no, code = anna.buy_gift(COURSE)
    mine = phone_of(anna)
    mine.goto(f"{town.url}/courses/python-crawler")
    expect(mine.get_by_role("button", name="买来送朋友")).to_be_visible()
    picture(mine, "course")
    mine.goto(f"{town.url}/pay/{order_no}")
    expect(mine.get_by_text(code).first).to_be_visible()
    picture(mine, "gift-bought")
    theirs = phone_of(bert)
    theirs.goto(f"{town.url}/gift/{code.replace('-', '')}")
    picture(theirs, "gift")
    theirs.get_by_role("button", name="领取").click()
    expect(theirs.get_by_role("heading", name="礼物收好了")).to_be_visible()
    picture(theirs, "gift-received")
    mine.reload()
    expect(mine.get_by_text("礼物已经被朋友领走了")).to_be_visible()
    picture(mine, "gift-taken")
