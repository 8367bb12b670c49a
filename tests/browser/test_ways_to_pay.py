"""Each way to pay in a real browser, and each way it goes wrong; elsewhere with the login by a code."""

from __future__ import annotations

import os
import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE_MS
from tests.browser.phone import Phone
from tests.flows.follower import WECHAT_BROWSER, Follower
from tests.flows.test_scan_login import WINDOWS
from tests.flows.test_ways import IPHONE
from tests.flows.town import Town

pytestmark = pytest.mark.chromium

COURSE = "Python 爬虫从零到一"
Opened = Callable[[str], "Screen"]


@dataclass
class Screen:
    """A browser that talks to the service itself; WeChat knows nothing of it."""

    page: Page
    town: Town
    pictures: Path | None

    def picture(self, name: str) -> None:
        if self.pictures is not None:
            self.pictures.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=str(self.pictures / f"{name}.png"))

    def code(self) -> str:
        """What the code on the screen says, as a camera would read it."""
        source = self.page.locator(".code img").first.get_attribute("src") or ""
        kind, _, picture = source.partition(",")
        svg = b64decode(picture).decode() if kind.endswith("base64") else unquote(picture)
        found = re.search(r"<desc>(.*?)</desc>", svg)
        assert found, source[:80]
        return unescape(found[1])

    def log_in(self, follower: Follower) -> None:
        """The code on the screen, the question in WeChat."""
        path = self.code().removeprefix(self.town.url)
        follower.get(path)
        follower.post(path, data={"answer": "yes"})
        self.page.wait_for_url(lambda address: "/login/" not in address)


KINDS: dict[str, dict[str, Any]] = {
    "computer": {"user_agent": WINDOWS, "viewport": {"width": 1280, "height": 800}},
    "phone": {
        "user_agent": IPHONE,
        "viewport": {"width": 390, "height": 844},
        "has_touch": True,
        "is_mobile": True,
        "screen": {"width": 390, "height": 844},
    },
}


@pytest.fixture
def screen(chromium: Browser, town: Town) -> Iterator[Opened]:
    """Opens screens of a kind; what goes wrong in one fails the test."""
    contexts, faults = [], list[str]()
    folder = os.environ.get("KEBAN_TEST_SCREENSHOTS")

    def opened(kind: str) -> Screen:
        context = chromium.new_context(locale="zh-CN", **KINDS[kind])
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None,
        )
        return Screen(page, town, Path(folder) if folder else None)

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def anna(town: Town) -> Follower:
    return town.new_follower().log_in()


@pytest.fixture
def order_no(anna: Follower) -> str:
    return anna.order_of(COURSE)


@pytest.fixture(autouse=True)
def _without_faults(town: Town) -> Iterator[None]:
    yield
    town.faults()


def scan(town: Town, follower: Follower, content: str) -> dict[str, Any]:
    body = {"openid": follower.openid, "content": content}
    paid: dict[str, Any] = requests.post(f"{town.platform.url}/api/scans/pay", json=body, timeout=10).json()
    return paid


def test_on_a_computer_one_logs_in_by_a_code_and_pays_by_a_code(
    screen: Opened, town: Town, anna: Follower, order_no: str
) -> None:
    computer = screen("computer")
    page = computer.page
    page.goto(f"{town.url}/pay/{order_no}")
    expect(page.get_by_role("heading", name="微信扫码登录")).to_be_visible()
    computer.picture("login-code")
    path = computer.code().removeprefix(town.url)
    question = anna.get(path)
    digits = re.search(r'class="digits">(\d\d)<', question.text)
    assert digits
    expect(page.locator("#digits")).to_have_text(digits[1])
    computer.picture("login-digits")
    anna.post(path, data={"answer": "yes"})
    page.wait_for_url(f"{town.url}/pay/{order_no}")
    expect(page.locator(".code img")).to_be_visible()
    computer.picture("pay-code")
    code = computer.code()
    assert code.startswith("weixin://wxpay/")
    # Paid on the phone while this page only looks.
    assert scan(town, anna, code)["ok"]
    expect(page.get_by_role("heading", name="支付成功")).to_be_visible()
    computer.picture("paid-by-code")


def test_the_computer_goes_on_although_the_notification_is_lost(
    screen: Opened, town: Town, anna: Follower, order_no: str
) -> None:
    computer = screen("computer")
    computer.page.goto(f"{town.url}/pay/{order_no}")
    computer.log_in(anna)
    expect(computer.page.locator("#code img")).to_be_visible()
    town.faults(drop=True)
    assert scan(town, anna, computer.code())["ok"]
    expect(computer.page.get_by_role("heading", name="支付成功")).to_be_visible(timeout=25_000)


def test_no_in_wechat_is_told_on_the_computer(screen: Opened, town: Town, anna: Follower) -> None:
    computer = screen("computer")
    computer.page.goto(f"{town.url}/me")
    path = computer.code().removeprefix(town.url)
    anna.get(path)
    anna.post(path, data={"answer": "no"})
    expect(computer.page.get_by_text("没有登录")).to_be_visible()
    computer.picture("login-refused")
    computer.page.get_by_role("link", name="换一个新的码").click()
    expect(computer.page.locator("#code img")).to_be_visible()


def test_a_code_that_does_not_come_is_fetched_again_by_a_tap(
    screen: Opened, town: Town, anna: Follower, order_no: str
) -> None:
    computer = screen("computer")
    computer.page.goto(f"{town.url}/me")
    computer.log_in(anna)
    town.faults(prepay_error=1)
    computer.page.goto(f"{town.url}/pay/{order_no}")
    expect(computer.page.locator("#notice")).to_contain_text("没有扣你的钱")
    computer.picture("code-did-not-come")
    computer.page.get_by_role("button", name="重新取付款码").click()
    expect(computer.page.locator("#code img")).to_be_visible()
    expect(computer.page.locator("#notice")).to_be_hidden()


def test_an_order_that_ends_while_its_code_is_shown_says_so(
    screen: Opened, town: Town, anna: Follower, order_no: str
) -> None:
    computer = screen("computer")
    computer.page.goto(f"{town.url}/pay/{order_no}")
    computer.log_in(anna)
    expect(computer.page.locator("#code img")).to_be_visible()
    ended = {"order_no": order_no, "status": "closed", "paid": False, "payable": False}
    computer.page.route("**/status*", lambda route: route.fulfill(json=ended), times=1)
    with computer.page.expect_navigation():
        pass


def phone_at(screen: Opened, town: Town, anna: Follower, order_no: str) -> Screen:
    """A phone's own browser on the pay page, logged in."""
    phone = screen("phone")
    phone.page.goto(f"{town.url}/pay/{order_no}")
    expect(phone.page.get_by_role("heading", name="微信扫码登录")).to_be_visible()
    phone.picture("phone-login-code")
    phone.log_in(anna)
    return phone


def test_in_a_phones_browser_one_goes_to_wechat_and_comes_back_paid(
    screen: Opened, town: Town, anna: Follower, order_no: str
) -> None:
    phone = phone_at(screen, town, anna, order_no)
    phone.picture("phone-h5")
    phone.page.get_by_role("link", name="打开微信付款").click()
    # WeChat's page opened: it was told which site this is.
    payer = phone.page.locator(f'button[value="{anna.openid}"]')
    expect(payer).to_be_visible()
    phone.picture("phone-wechat-page")
    payer.click()
    expect(phone.page.get_by_role("heading", name="支付成功")).to_be_visible()
    phone.picture("phone-paid")


def test_in_a_phones_browser_one_comes_back_without_having_paid(
    screen: Opened, town: Town, anna: Follower, order_no: str
) -> None:
    phone = phone_at(screen, town, anna, order_no)
    phone.page.get_by_role("link", name="打开微信付款").click()
    phone.page.get_by_role("button", name="取消，不付").click()
    phone.page.wait_for_url(f"{town.url}/pay/{order_no}?back=1")
    expect(phone.page.get_by_text("没有扣你的钱")).to_be_visible()
    phone.picture("phone-back-unpaid")
    phone.page.get_by_role("link", name="还没付，再去微信").click()
    phone.page.locator(f'button[value="{anna.openid}"]').click()
    expect(phone.page.get_by_role("heading", name="支付成功")).to_be_visible()


def test_on_a_phone_one_may_choose_the_code_instead(
    screen: Opened, town: Town, anna: Follower, order_no: str
) -> None:
    phone = phone_at(screen, town, anna, order_no)
    phone.page.get_by_role("link", name="用另一部手机扫码付").click()
    expect(phone.page.locator("#code img")).to_be_visible()
    phone.picture("phone-code")
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert scan(town, town.new_follower(), phone.code())["ok"]
    expect(phone.page.get_by_role("heading", name="支付成功")).to_be_visible()


def test_a_phone_that_asks_for_a_computers_pages_is_found_by_the_script(
    chromium: Browser, town: Town, anna: Follower, order_no: str
) -> None:
    kind = {**KINDS["phone"], "user_agent": WINDOWS}
    context = chromium.new_context(locale="zh-CN", **kind)
    context.add_cookies(
        [
            {"name": cookie.name, "value": cookie.value or "", "url": town.url}
            for cookie in anna.web.cookies
            if cookie.name == "keban_session"
        ]
    )
    page = context.new_page()
    page.goto(f"{town.url}/pay/{order_no}")
    page.wait_for_url(f"{town.url}/pay/{order_no}?way=h5")
    expect(page.get_by_role("link", name="打开微信付款")).to_be_visible()
    context.close()


def test_cancelled_in_wechat_nothing_is_taken_and_the_next_tap_pays(phone: Phone) -> None:
    phone.become("小周")
    phone.follow_unless_they_do()
    phone.say(f"购买 {COURSE}")
    phone.tap(phone.reply("订单给你备好了"), "点这里付款")
    phone.web.get_by_role("button", name="确认支付").click()
    phone.page.locator("#pay-close").click()
    expect(phone.web.get_by_text("你取消了支付，没有扣钱")).to_be_visible()
    phone.picture("jsapi-cancelled")
    phone.web.get_by_role("button", name="确认支付").click()
    phone.confirm_payment()
    expect(phone.web.get_by_role("heading", name="支付成功")).to_be_visible()


def test_who_has_paid_by_wechats_word_waits_and_is_not_asked_to_pay_again(
    chromium: Browser, town: Town, anna: Follower, order_no: str
) -> None:
    """WeChat's sheet said that it is paid, and nobody else says anything for half a minute."""
    context = chromium.new_context(
        locale="zh-CN",
        user_agent=WECHAT_BROWSER,
        viewport={"width": 390, "height": 844},
        extra_http_headers={"X-Sandbox-Openid": anna.openid},
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.add_init_script(
        """window.WeixinJSBridge = {invoke: function (name, fields, told) {
             window.sheets = (window.sheets || 0) + 1; told({err_msg: "get_brand_wcpay_request:ok"}); }};"""
    )
    page.clock.install()
    unheard = {"order_no": order_no, "status": "awaiting_payment", "paid": False, "payable": True}
    page.route("**/status*", lambda route: route.fulfill(json=unheard))
    page.goto(f"{town.url}/pay/{order_no}")
    page.get_by_role("button", name="确认支付").click()
    expect(page.get_by_role("button", name="正在确认…")).to_be_visible()
    again = page.get_by_role("button", name="再问一次结果")
    for _ in range(60):
        page.clock.run_for(1_100)
        if again.is_visible():
            break
    expect(page.get_by_text("不用再付一次")).to_be_visible()
    again.click()
    expect(page.get_by_role("button", name="正在确认…")).to_be_visible()
    assert page.evaluate("window.sheets") == 1
    # And once the money has come to light the page opens by itself.
    assert anna.pay(order_no)["status"] == "success"
    page.unroute("**/status*")
    for _ in range(60):
        page.clock.run_for(2_100)
        if page.get_by_role("heading", name="支付成功").is_visible():
            break
    expect(page.get_by_role("heading", name="支付成功")).to_be_visible()
    context.close()


def test_in_the_sandbox_a_computer_shows_a_code_and_the_phone_scans_it(
    page: Page, chromium: Browser, town: Town
) -> None:
    """The whole way by hand, in the sandbox's own windows: log in by 扫一扫, pay by 扫一扫."""
    pictures = os.environ.get("KEBAN_TEST_SCREENSHOTS")
    phone = Phone(page, f"{town.platform.url}/", Path(pictures) if pictures else None)
    phone.become("小林")
    phone.follow_unless_they_do()
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
    context.set_default_timeout(PATIENCE_MS)
    desk = context.new_page()
    desk.goto(f"{town.platform.url}/desktop")
    inside = desk.frame_locator("#page")
    inside.get_by_role("link", name=re.compile("MySQL")).first.click()
    inside.get_by_role("button", name="购买").click()
    inside.get_by_role("link", name="没有自动跳转？点这里").or_(
        inside.get_by_role("heading", name="微信扫码登录")
    ).first.wait_for()
    expect(inside.get_by_role("heading", name="微信扫码登录")).to_be_visible()
    scan_first(phone, "登录码")
    expect(phone.web.get_by_text("在另一块屏幕上登录？")).to_be_visible()
    expect(inside.locator("#digits")).to_have_text(phone.web.locator(".digits").inner_text())
    phone.picture("sandbox-question")
    phone.web.get_by_role("button", name="数字一样，登录").click()
    expect(phone.web.get_by_role("heading", name="已经登录")).to_be_visible()
    phone.close_web()
    expect(inside.locator("#code img")).to_be_visible()
    if pictures:
        desk.screenshot(path=str(Path(pictures) / "sandbox-desktop-code.png"))
    scan_first(phone, "付款码")
    phone.confirm_payment()
    expect(inside.get_by_role("heading", name="支付成功")).to_be_visible()
    context.close()


def scan_first(phone: Phone, kind: str) -> None:
    phone.page.locator("#more").click()
    phone.page.locator("#scan").click()
    button = phone.page.locator("#scanner-codes button").filter(has_text=kind).first
    expect(button).to_be_visible()
    phone.picture(f"sandbox-scanner-{kind}")
    button.click()


def test_the_sandboxs_plain_phone_pays_by_wechats_page(chromium: Browser, town: Town, anna: Follower) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    context.set_default_timeout(PATIENCE_MS)
    mobile = context.new_page()
    order_no = anna.order_of(COURSE)
    mobile.goto(f"{town.platform.url}/mobile")
    mobile.locator("#where").fill(f"/pay/{order_no}")
    mobile.locator("#where").press("Enter")
    inside = mobile.frame_locator("#page")
    expect(inside.get_by_role("heading", name="微信扫码登录")).to_be_visible()
    codes = requests.get(f"{town.platform.url}/api/codes", timeout=10).json()["codes"]
    path = codes[0].removeprefix(town.url)
    anna.get(path)
    anna.post(path, data={"answer": "yes"})
    inside.get_by_role("link", name="打开微信付款").click()
    inside.locator(f'button[value="{anna.openid}"]').click()
    expect(inside.get_by_role("heading", name="支付成功")).to_be_visible()
    context.close()
