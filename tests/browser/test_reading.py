"""Reading in a real browser: letters, colours, the place where one stopped, code, pictures, no network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import PATIENCE_MS
from tests.browser.phone import Phone
from tests.flows.courses import write_course
from tests.flows.town import Town, open_town
from tests.waiting import until

pytestmark = pytest.mark.chromium

LONG = "/courses/reading/long"
FILM = "/courses/reading/start"
PARAGRAPH = "这一段很长，" * 60
CODE = "```python\nprint('很长的一行'" + " + 'x'" * 60 + ")\n```\n"
PICTURE = Path(__file__).resolve().parents[2] / "handlers" / "web" / "static" / "share.png"
TABLE = """| 报错 | 意思是 | 价格 |
|---|---|---:|
| `certificate_expired` | 证书过期了，换一张新的再来试一次 | 3.50 |
"""
PLACES = "localStorage.getItem('keban-places')"
NIGHT, DAY = "rgb(25, 25, 25)", "rgb(255, 255, 255)"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, platform_keys: dict[str, Any]) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("reading")
    course = write_course(folder / "courses", "reading", title="读书课", summary="读", tags="读")
    (course / "pictures" / "real.png").write_bytes(PICTURE.read_bytes())
    paragraphs = "\n\n".join(f"{number} {PARAGRAPH}" for number in range(40))
    text = f"---\ntitle: 长课\nfree: true\n---\n{CODE}\n![一本书](pictures/real.png)\n\n{paragraphs}\n"
    (course / "04-long.md").write_text(text, encoding="utf-8")
    (course / "05-table.md").write_text(f"---\ntitle: 表\nfree: true\n---\n{TABLE}", encoding="utf-8")
    with open_town(folder, platform_keys, folder / "courses") as opened:
        yield opened


@pytest.fixture
def reader(chromium: Browser, town: Town) -> Iterator[BrowserContext]:
    """Somebody's own browser, which keeps what it is told; nobody else's host is asked."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, base_url=town.url, locale="zh-CN")
    context.set_default_timeout(PATIENCE_MS)
    strangers = list[str]()
    context.on("request", lambda one: strangers.append(one.url) if town.url not in one.url else None)
    yield context
    context.close()
    assert [url for url in strangers if not url.startswith(("data:", "blob:"))] == []


def opened(reader: BrowserContext, path: str = LONG) -> Page:
    page = reader.new_page()
    page.goto(path)
    return page


def colour(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.querySelector('.reading')).backgroundColor"))


def letters(page: Page) -> float:
    return float(
        page.evaluate(
            "parseFloat(getComputedStyle(document.querySelector('#lesson > p:not(.byline)')).fontSize)"
        )
    )


def test_letters_and_colours_are_chosen_once_and_kept_on_all_pages(reader: BrowserContext) -> None:
    page = opened(reader)
    before = letters(page)
    assert colour(page) == DAY
    page.locator("summary", has_text="Aa").click()
    page.get_by_role("button", name="特大").click()
    page.get_by_role("button", name="深色").click()
    expect(page.get_by_role("button", name="深色")).to_have_attribute("aria-pressed", "true")
    other = opened(reader, FILM)
    assert (colour(other), letters(other) > before * 1.2) == (NIGHT, True)
    other.locator("summary", has_text="Aa").click()
    other.get_by_role("button", name="跟随系统").click()
    other.reload()
    assert colour(other) == DAY


def test_a_choice_outweighs_the_system(chromium: Browser, town: Town) -> None:
    context = chromium.new_context(color_scheme="dark", base_url=town.url)
    page = opened(context)
    assert colour(page) == NIGHT
    page.evaluate("localStorage.setItem('keban-theme', 'light')")
    page.reload()
    assert colour(page) == DAY
    context.close()


def scrolled_to(page: Page, y: int) -> None:
    page.evaluate("y => scrollTo(0, y)", y)
    until(lambda: page.evaluate(PLACES) not in (None, "{}"), "the place to be kept")


def test_reading_goes_on_where_it_stopped_also_in_larger_letters(reader: BrowserContext) -> None:
    page = opened(reader)
    expect(page.get_by_role("button", name="回到上次读到的地方")).to_be_hidden()
    scrolled_to(page, 6000)
    seen = page.evaluate("document.elementFromPoint(190, 120).textContent.slice(0, 4)")
    page.close()
    again = opened(reader)
    again.evaluate("document.documentElement.dataset.size = '4'")
    again.get_by_role("button", name="回到上次读到的地方").click()
    text = again.evaluate("document.elementFromPoint(190, 120).textContent.slice(0, 4)")
    assert text == seen
    expect(again.get_by_role("button", name="回到上次读到的地方")).to_be_hidden()


def test_who_read_to_the_end_begins_at_the_top(reader: BrowserContext) -> None:
    page = opened(reader)
    scrolled_to(page, 6000)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    until(lambda: page.evaluate(PLACES) == "{}", "the place to be forgotten")
    page.close()
    expect(opened(reader).get_by_role("button", name="回到上次读到的地方")).to_be_hidden()


def test_code_scrolls_inside_itself_and_is_copied_whole(reader: BrowserContext) -> None:
    reader.grant_permissions(["clipboard-read", "clipboard-write"])
    page = opened(reader)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.locator("#lesson pre").first.get_attribute("tabindex") == "0", "the keyboard can scroll it"
    page.get_by_role("button", name="复制").first.click()
    expect(page.get_by_role("button", name="已复制")).to_be_visible()
    copied = str(page.evaluate("navigator.clipboard.readText()"))
    assert copied.startswith("print('很长的一行'") and copied.count("+ 'x'") == 60


def test_a_picture_opens_large_and_closes_by_a_tap_and_by_esc(reader: BrowserContext) -> None:
    page = opened(reader)
    picture = page.get_by_role("button", name="看大图 一本书")
    stage = page.get_by_role("dialog", name="一本书")
    picture.click()
    expect(stage).to_be_visible()
    page.keyboard.press("Escape")
    expect(stage).to_be_hidden()
    picture.click()
    expect(stage).to_be_visible()
    page.mouse.click(195, 600)
    expect(stage).to_be_hidden()
    picture.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="一本书")).to_be_visible()
    page.get_by_role("button", name="关闭").click()
    expect(picture).to_be_focused()


def test_the_outline_opens_at_this_lesson_and_closes_by_esc(reader: BrowserContext) -> None:
    page = opened(reader)
    summary = page.locator("summary", has_text="目录")
    summary.click()
    expect(page.get_by_role("navigation", name="目录").locator("[aria-current]")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(page.get_by_role("navigation", name="目录")).to_be_hidden()
    expect(summary).to_be_focused()


def test_without_a_network_a_tap_leaves_the_text_where_it_is(reader: BrowserContext) -> None:
    page = opened(reader)
    reader.set_offline(True)
    page.get_by_role("link", name=re.compile("回到课程")).click()
    expect(page.get_by_text("现在没有网络")).to_be_visible()
    expect(page.locator("#lesson h1")).to_be_visible()
    reader.set_offline(False)
    expect(page.get_by_text("现在没有网络")).to_be_hidden()
    page.get_by_role("link", name=re.compile("回到课程")).click()
    page.wait_for_url("**/courses/reading")


def test_without_a_script_all_is_there_but_paying(chromium: Browser, town: Town) -> None:
    context = chromium.new_context(java_script_enabled=False, base_url=town.url, locale="zh-CN")
    page = opened(context, "/courses")
    page.locator("summary", has_text="价格").click()
    page.get_by_role("link", name=re.compile("100 元以内")).click()
    page.get_by_role("link", name=re.compile("读书课")).click()
    page.get_by_role("link", name=re.compile("第一课")).click()
    page.locator("summary", has_text="目录").click()
    page.get_by_role("navigation", name="目录").get_by_role("link", name=re.compile("长课")).click()
    expect(page.get_by_text(re.compile("^39 这一段"))).to_be_visible()
    expect(page.locator("summary", has_text="Aa")).to_be_hidden()
    context.close()


def test_the_phone_takes_our_signature_and_shows_the_card(phone: Phone, town: Town) -> None:
    phone.become("小林")
    phone.follow_unless_they_do()
    phone.tap(phone.reply("看详情"), "1")
    phone.tap(phone.reply("《读书课》"), "看课程主页")
    expect(phone.web.locator("html")).to_have_attribute("data-jssdk", "config:ok")
    phone.page.get_by_role("button", name="转发卡片").click()
    card = phone.page.get_by_role("complementary", name="转发出去的样子")
    expect(card).to_contain_text("读书课")
    expect(card.locator("img")).to_have_js_property("complete", True)
    assert card.locator("img").evaluate("image => image.naturalWidth") == 300
    phone.picture("share-card")


def test_two_fingers_bring_a_picture_nearer(chromium: Browser, town: Town) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, base_url=town.url, has_touch=True)
    page = opened(context)
    page.get_by_role("button", name="看大图 一本书").tap()
    image = page.locator("dialog img")
    expect(image).to_be_visible()
    touch = context.new_cdp_session(page)
    for kind, apart in (("touchStart", 40), ("touchMove", 80), ("touchMove", 120)):
        points = [{"x": 195 - apart, "y": 400, "id": 0}, {"x": 195 + apart, "y": 400, "id": 1}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    scale = float(image.evaluate("image => new DOMMatrix(getComputedStyle(image).transform).a"))
    assert 2.5 < scale < 3.5
    expect(page.locator("dialog")).to_be_visible()
    context.close()


def test_a_column_stands_as_it_was_set_and_no_word_of_a_table_breaks(reader: BrowserContext) -> None:
    page = opened(reader, "/courses/reading/table")
    expect(page.locator("td", has_text="3.50")).to_have_css("text-align", "right")
    assert page.locator("td code").evaluate("word => word.getClientRects().length") == 1
