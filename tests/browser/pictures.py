"""Takes the pictures of the pages that the README shows, on the sample courses and the pretend platform.

    python -m tests.browser.pictures [FOLDER]

FOLDER is ``docs/images`` when left out. Chromium must be on this machine.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from sandbox import keys as sandbox_keys
from tests.browser.conftest import ARGUMENTS, SAMPLE_COURSES
from tests.browser.visits import COMPUTER, IPHONE
from tests.conftest import chromium_path
from tests.flows.follower import WECHAT_BROWSER, Follower
from tests.flows.town import Town, open_town

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images"
SIZES = {"phone": (390, 844), "small": (360, 640), "desktop": (1280, 800)}
MOST_BYTES = 150 * 1024
CRAWLER = "Python 爬虫从零到一"
COURSE, LESSON = "/courses/python-crawler", "/courses/network-http/one-request"


@dataclass(frozen=True)
class Picture:
    """One page as somebody sees it, in WeChat unless ``agent`` says otherwise. ``taps`` are selectors,
    ``down_to`` is one that is scrolled to; ``awaits`` comes by itself.
    """

    name: str
    path: str
    size: str = "phone"
    dark: bool = False
    taps: tuple[str, ...] = ()
    down_to: str = ""
    agent: str = WECHAT_BROWSER
    stranger: bool = False
    awaits: str = ""


PICTURES = (
    Picture("shelf", "/courses"),
    Picture("shelf-search-dark", "/courses?q=想学爬虫，零基础", dark=True),
    Picture("shelf-desktop", "/courses", size="desktop"),
    Picture("shelf-empty", "/courses?tag=Git&level=advanced&price=free", size="small"),
    Picture("course", "/courses/mysql-index"),
    Picture("membership-dark", "/courses/all-year", dark=True),
    Picture("lesson", LESSON),
    Picture("lesson-diagram-dark", LESSON, dark=True, down_to=".diagram-box"),
    Picture("lesson-quiz", LESSON, down_to=".quiz"),
    Picture("lesson-outline", f"{COURSE}/steady-requests", taps=("text=目录",)),
    Picture("lesson-look-dark", LESSON, size="small", dark=True, taps=("text=Aa",)),
    Picture("lesson-desktop-dark", f"{COURSE}/practice-site", size="desktop", dark=True),
    Picture("paywall", "/courses/mysql-index/explain", size="small", down_to=".paywall"),
    Picture("paywall-dark", "/courses/mysql-index/explain", dark=True, down_to=".paywall"),
    Picture("pay", "/pay/{order}"),
    Picture("pay-desktop", "/pay/{order}", size="desktop", agent=COMPUTER, awaits="#code img"),
    Picture("pay-back-dark", "/pay/{order}?back=1&way=h5", size="small", dark=True, agent=IPHONE),
    Picture("paid-dark", "/pay/{paid}", dark=True),
    Picture("login-desktop", "/login/qr?to=/me", size="desktop", agent=COMPUTER, stranger=True),
    Picture("me", "/me"),
    Picture("me-dark", "/me", size="small", dark=True),
    Picture("gift", "/gift/{gift}"),
    Picture("gift-code-dark", "/gift?code=ABCD-EFGH", size="small", dark=True),
    Picture("not-found-dark", "/courses/no-such-course", size="small", dark=True),
)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, open_shop(Path(scratch)) as town:
        follower = town.new_follower().log_in()
        names = live_a_little(follower)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(ARGUMENTS))
            for picture in PICTURES:
                take(browser, town, follower, picture, picture.path.format(**names), folder)
            browser.close()


def open_shop(scratch: Path) -> Any:
    made = sandbox_keys.make(scratch / "keys")
    keys = {name: value for name, value in made.items() if name not in ("config", "state_dir")}
    return open_town(scratch, keys, SAMPLE_COURSES)


def live_a_little(follower: Follower) -> dict[str, str]:
    """Buys, reads, gives away and orders; what the addresses of the pictures need."""
    paid = follower.buy(CRAWLER)
    follower.buy("用 pytest 写单元测试")
    for lesson in ("practice-site", "steady-requests", "parse-fields"):
        follower.get(f"{COURSE}/{lesson}")
    _, gift = follower.buy_gift("Git 与团队协作")
    return {"paid": paid, "order": follower.order_of("爬虫双课套餐"), "gift": gift.replace("-", "")}


def take(browser: Browser, town: Town, follower: Follower, picture: Picture, path: str, folder: Path) -> None:
    context = phone_of(browser, town, follower, picture)
    page = context.new_page()
    page.goto(town.url + path)
    for tap in picture.taps:
        page.locator(tap).first.click()
    if picture.awaits:
        page.locator(picture.awaits).wait_for()
    if picture.down_to:
        page.locator(picture.down_to).first.evaluate("one => scrollTo(0, one.offsetTop - 120)")
    save(page, folder / f"{picture.name}.png")
    context.close()


def phone_of(browser: Browser, town: Town, follower: Follower, picture: Picture) -> BrowserContext:
    """WeChat's browser, or a computer's, in the hands of this follower."""
    width, height = SIZES[picture.size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if picture.dark else "light",
        locale="zh-CN",
        user_agent=picture.agent,
    )
    context.route("https://res.wx.qq.com/**", lambda route: route.abort())
    if not picture.stranger:
        context.add_cookies(
            [{"name": one.name, "value": str(one.value), "url": town.url} for one in follower.web.cookies]
        )
    return context


def save(page: Page, path: Path) -> None:
    """Raises ValueError for a page wider than its screen, and for a picture too heavy for a README."""
    width = int(page.evaluate("document.documentElement.scrollWidth"))
    if width > page.viewport_size["width"]:  # type: ignore[index]
        raise ValueError(f"{path.stem} is {width} pixels wide")
    page.screenshot(path=str(path))
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"{path.name} has {path.stat().st_size} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
