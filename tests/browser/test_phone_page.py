"""The phone's own page, without a service behind it: many followers on a narrow screen, and the night."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, ViewportSize, expect

from sandbox.app import Running, running_sandbox
from sandbox.config import FollowerSpec, from_dict
from tests.browser.conftest import PATIENCE_MS

pytestmark = pytest.mark.chromium

WIDE: ViewportSize = {"width": 1280, "height": 900}
NARROW: ViewportSize = {"width": 390, "height": 844}
NOBODY = {"port": 0, "service_url": "http://127.0.0.1:1"}
NAMES = [f"关注者{number:02}" for number in range(1, 13)]


@pytest.fixture
def sandbox(platform_keys: dict[str, Any]) -> Iterator[Running]:
    followers = tuple(FollowerSpec(f"oFollower{number:02}", name) for number, name in enumerate(NAMES))
    config = replace(from_dict({**platform_keys, **NOBODY}), followers=followers)
    with running_sandbox(config) as running:
        yield running


def opened(chromium: Browser, sandbox: Running, scheme: Any, size: ViewportSize = NARROW) -> Page:
    context = chromium.new_context(viewport=size, locale="zh-CN", color_scheme=scheme)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(f"{sandbox.url}/")
    return page


def test_each_of_many_followers_can_be_reached(chromium: Browser, sandbox: Running) -> None:
    page = opened(chromium, sandbox, "light")
    buttons = page.locator("#switch button")
    expect(buttons).to_have_count(len(NAMES))
    for name in (NAMES[-1], NAMES[0]):
        button = page.get_by_role("navigation", name="切换关注者").get_by_role("button", name=name)
        button.scroll_into_view_if_needed()
        box = button.bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= NARROW["width"], name
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        expect(button).to_be_in_viewport(ratio=1)
        expect(button).to_be_focused()
    page.context.close()


def test_two_followers_stand_in_the_middle(chromium: Browser, platform_keys: dict[str, Any]) -> None:
    with running_sandbox(from_dict({**platform_keys, **NOBODY})) as sandbox:
        page = opened(chromium, sandbox, "light")
        first, last = page.locator("#switch button").first, page.locator("#switch button").last
        expect(first).to_have_attribute("aria-pressed", "true")
        left, right = first.bounding_box(), last.bounding_box()
        assert left is not None and right is not None
        assert abs(left["x"] - (NARROW["width"] - right["x"] - right["width"])) < 2
        page.context.close()


def test_a_fault_is_switched_on_and_off_beside_the_phone(chromium: Browser, sandbox: Running) -> None:
    page = opened(chromium, sandbox, "light", WIDE)
    switch = page.get_by_role("button", name="支付通知丢了")
    for is_on in (True, False):
        switch.click()
        expect(switch).to_have_attribute("aria-pressed", str(is_on).lower())
        expect(switch).to_be_focused()
        faults = requests.get(f"{sandbox.url}/api/faults", timeout=20).json()["faults"]
        assert faults == ({"drop": 1} if is_on else {})
    page.context.close()


@pytest.mark.parametrize(("scheme", "is_dark"), [("light", False), ("dark", True)])
def test_the_phone_follows_the_browsers_day_and_night(
    chromium: Browser, sandbox: Running, scheme: str, is_dark: bool
) -> None:
    followed = {"openid": "oFollower00", "type": "subscribe"}
    requests.post(f"{sandbox.url}/api/messages", json=followed, timeout=20)
    page = opened(chromium, sandbox, scheme)
    expect(page.locator("#foot")).to_be_visible()
    grounds = {
        place: page.locator(place).evaluate("element => getComputedStyle(element).backgroundColor")
        for place in (".chat", ".chat > .bar", "#content", "#foot")
    }
    assert all((sum(channels(colour)) < 3 * 80) is is_dark for colour in grounds.values()), grounds
    page.context.close()


def channels(colour: str) -> list[float]:
    return [float(part) for part in colour.strip("rgba()").split(",")[:3]]
