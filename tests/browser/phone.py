"""The phone's page as a person uses it; each word waits for what it leads to."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import FrameLocator, Locator, Page, expect


class Phone:
    """The sandbox's page in a browser. ``pictures``: where to keep screenshots, or None."""

    def __init__(self, page: Page, address: str, pictures: Path | None = None) -> None:
        self.page = page
        self._pictures = pictures
        page.goto(address)

    def become(self, name: str) -> None:
        """Hands the phone to another follower."""
        self.page.locator("#switch").get_by_role("button", name=name).click()
        pressed = self.page.locator("#switch").get_by_role("button", name=name, pressed=True)
        expect(pressed).to_be_visible()

    def follow(self) -> None:
        self.page.get_by_role("button", name="关注公众号").click()
        expect(self.page.locator("#foot")).to_be_visible()

    def follow_unless_they_do(self) -> None:
        """Follows, if this follower has not done so in another test."""
        expect(self.page.locator("#card, #foot").filter(visible=True).first).to_be_visible()
        if self.page.locator("#card").is_visible():
            self.follow()

    def say(self, text: str) -> None:
        expect(self.page.locator("#foot")).to_be_visible()
        if self.page.locator("#say").is_hidden():
            self.page.locator("#toggle").click()
        self.page.locator("#content").fill(text)
        self.page.locator("#content").press("Enter")

    def tap_menu(self, *names: str) -> None:
        expect(self.page.locator("#foot")).to_be_visible()
        if self.page.locator("#menu").is_hidden():
            self.page.locator("#toggle").click()
        for name in names:
            self.page.locator("#menu").get_by_role("button", name=name, exact=True).click()

    def reply(self, part: str | re.Pattern[str]) -> Locator:
        """The newest bubble of the account that holds ``part``."""
        bubble = self.page.locator("li.line:not(.mine) .bubble").filter(has_text=part).last
        expect(bubble).to_be_visible()
        return bubble

    def tap(self, bubble: Locator, words: str) -> None:
        """A link within a message."""
        bubble.get_by_role("link", name=words, exact=True).click()

    @property
    def web(self) -> FrameLocator:
        """The page that is open in the phone's browser."""
        return self.page.frame_locator("#web-frame iframe")

    def close_web(self) -> None:
        self.page.locator("#web-close").click()
        expect(self.page.locator("#web")).to_be_hidden()

    def confirm_payment(self) -> None:
        """The pretend WeChat Pay sheet."""
        self.page.locator("#pay-confirm").click()
        expect(self.page.locator("#pay-done")).to_contain_text("支付成功")
        self.picture("paid-sheet")
        self.page.locator("#pay-finish").click()

    def picture(self, name: str) -> None:
        if self._pictures is not None:
            self._pictures.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=str(self._pictures / f"{name}.png"))

    def width_of_open_page(self) -> int:
        """How wide the page in the phone's browser would like to be, in CSS pixels."""
        return int(self.web.locator("html").evaluate("root => root.scrollWidth"))
