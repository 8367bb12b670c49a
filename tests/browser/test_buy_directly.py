"""购买 in a browser that talks to the service itself: WeChat is another site then, as in production.

The phone shows everything at one address, so it cannot see where a browser stops a form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE_MS
from tests.flows.follower import WECHAT_BROWSER
from tests.flows.town import Town

pytestmark = pytest.mark.chromium

COURSE = "python-crawler"


@pytest.fixture
def newcomer(chromium: Browser, town: Town) -> Iterator[Page]:
    """WeChat's browser in the hands of somebody who has never been here."""
    follower = town.new_follower()
    context = chromium.new_context(
        viewport={"width": 390, "height": 844},
        locale="zh-CN",
        user_agent=WECHAT_BROWSER,
        extra_http_headers={"X-Sandbox-Openid": follower.openid},  # so the platform knows whose phone this is
    )
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


def test_one_tap_leads_a_newcomer_through_the_login_to_the_pay_page(newcomer: Page, town: Town) -> None:
    newcomer.goto(f"{town.url}/courses/{COURSE}")
    newcomer.get_by_role("button", name="购买").click()
    newcomer.wait_for_url(re.compile(rf"^{re.escape(town.url)}/pay/"))
    expect(newcomer.get_by_text("应付金额")).to_be_visible()


def test_one_tap_opens_a_free_course_for_a_newcomer(newcomer: Page, town: Town) -> None:
    free = next(one for one in town.rooms.shop.shelf.catalogue().courses if one.price_fen == 0)
    newcomer.goto(f"{town.url}/courses/{free.slug}")
    newcomer.get_by_role("button", name="免费领取").click()
    expect(newcomer.get_by_text("已拥有")).to_be_visible()


def test_going_back_from_the_pay_page_leads_to_the_course_and_not_into_the_login(
    newcomer: Page, town: Town
) -> None:
    newcomer.goto(f"{town.url}/courses/{COURSE}")
    newcomer.get_by_role("button", name="购买").click()
    newcomer.wait_for_url(re.compile("/pay/"))
    newcomer.go_back()
    expect(newcomer.get_by_role("button", name="购买")).to_be_visible()
    assert newcomer.url == f"{town.url}/courses/{COURSE}"


def test_one_tap_is_enough_in_the_phone_too(page: Page, town: Town) -> None:
    page.goto(f"{town.platform.url}/phone/{town.new_follower().openid}/courses/{COURSE}")
    page.get_by_role("button", name="购买").click()
    expect(page.get_by_text("应付金额")).to_be_visible()
