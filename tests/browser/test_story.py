"""The whole story in a real browser: a follower asks, pays and reads; another one sees a closed door."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from handlers.web.shelf_index import PAGE_COURSES
from tests.browser.phone import Phone
from tests.flows.town import Town

pytestmark = pytest.mark.chromium

COURSE = "Python 爬虫从零到一"
WIDTH = 390
LOCKED = "后面的内容，购买后继续读"


def test_a_follower_asks_pays_and_reads_and_another_one_does_not(phone: Phone) -> None:
    phone.become("小林")
    phone.picture("card")
    phone.follow()
    phone.reply("你好呀")
    phone.picture("welcome")

    phone.say("想学爬虫，零基础")
    found = phone.reply("看详情")
    expect(found).to_contain_text(f"1. {COURSE}")
    phone.picture("list")

    phone.tap(found, "1")
    card = phone.reply(f"《{COURSE}》")
    expect(card).to_contain_text("¥99")
    phone.picture("course-card")

    card.get_by_role("link").first.click()
    expect(phone.web.locator("article.lesson h1")).to_be_visible()
    expect(phone.web.locator("pre .k, pre .kn").first).to_be_visible()
    assert phone.width_of_open_page() <= WIDTH
    phone.picture("free-lesson")

    phone.web.get_by_role("link", name=re.compile("^下一节")).click()
    expect(phone.web.get_by_text(LOCKED)).to_be_visible()
    phone.web.get_by_text(LOCKED).scroll_into_view_if_needed()
    phone.picture("paywall")
    phone.close_web()

    phone.say("买 1")
    order = phone.reply("订单给你备好了")
    phone.tap(order, "点这里付款")
    expect(phone.web.get_by_text("应付金额")).to_be_visible()
    phone.picture("pay-page")
    phone.web.get_by_role("button", name="确认支付").click()
    expect(phone.page.locator("#pay-total")).to_have_text("¥99.00")
    phone.picture("pay-sheet")
    phone.confirm_payment()
    expect(phone.web.get_by_role("heading", name="支付成功")).to_be_visible()
    phone.picture("paid-page")
    phone.close_web()

    receipt = phone.reply("付款成功")
    phone.picture("receipt")
    phone.tap(receipt, "继续学习")
    phone.web.get_by_role("link", name=re.compile("^下一节")).click()
    expect(phone.web.locator("article.lesson h1")).to_be_visible()
    expect(phone.web.get_by_text(LOCKED)).to_have_count(0)
    address = phone.web.locator("html").evaluate("() => location.pathname").partition("/courses/")[2]
    phone.picture("open-lesson")
    phone.close_web()

    phone.become("小周")
    phone.follow()
    phone.say("想学爬虫，零基础")
    phone.reply("看详情")
    phone.say("1")
    phone.reply(f"《{COURSE}》").get_by_role("link").first.click()
    phone.web.get_by_role("link", name=re.compile("^下一节")).click()
    expect(phone.web.get_by_text(LOCKED)).to_be_visible()
    assert phone.web.locator("html").evaluate("() => location.pathname").endswith(address)


def test_the_menu_leads_to_courses_orders_and_help(phone: Phone) -> None:
    phone.become("小林")
    phone.follow_unless_they_do()
    phone.tap_menu("给我推荐")
    phone.reply("先看看这几门")
    phone.tap_menu("我的课程")
    phone.reply(re.compile("你还没有课|门课"))
    phone.tap_menu("更多", "帮助")
    phone.reply("再看一遍这里")
    phone.picture("menu")


def test_a_payment_that_is_cancelled_takes_nothing_and_can_be_made_after_all(
    phone: Phone, town: Town
) -> None:
    course = town.rooms.shop.shelf.catalogue().by_id("mysql-index")
    assert course is not None
    phone.become("小周")
    phone.follow_unless_they_do()
    phone.say(f"购买 {course.title}")
    phone.tap(phone.reply(f"《{course.title}》"), "点这里付款")
    phone.web.get_by_role("button", name="确认支付").click()
    phone.page.locator("#pay-close").click()
    expect(phone.web.get_by_text("你取消了支付，没有扣钱。")).to_be_visible()
    phone.web.get_by_role("button", name="确认支付").click()
    phone.confirm_payment()
    expect(phone.web.get_by_role("heading", name="支付成功")).to_be_visible()


@pytest.mark.parametrize("path", ["/courses", "/courses/python-crawler", "/me", "/no/such/page"])
def test_each_page_fits_a_phone(phone: Phone, path: str) -> None:
    phone.page.goto(phone.page.url + f"phone/oKb7sX1aoL1nQ4wEr8TyU2iOp5Za{path}")
    assert int(phone.page.evaluate("document.documentElement.scrollWidth")) <= WIDTH
    expect(phone.page.locator("main.page")).to_be_visible()
    phone.picture("page" + path.replace("/", "-"))


def test_each_cover_shows_its_word_whole(phone: Phone, town: Town) -> None:
    phone.page.goto(phone.page.url + "phone/oKb7sX1aoL1nQ4wEr8TyU2iOp5Za/courses")
    covers = phone.page.locator(".cover")
    expect(covers).to_have_count(min(PAGE_COURSES, len(town.rooms.shop.shelf.catalogue().courses)))
    cut = covers.evaluate_all("""covers => covers.filter(cover => {
      const word = document.createRange();
      word.selectNodeContents(cover);
      return word.getBoundingClientRect().width > cover.getBoundingClientRect().width - 4;
    }).map(cover => cover.textContent)""")
    assert cut == []


def test_the_tag_that_was_tapped_stays_in_sight(phone: Phone) -> None:
    phone.page.goto(phone.page.url + "phone/oKb7sX1aoL1nQ4wEr8TyU2iOp5Za/courses")
    tags = phone.page.get_by_role("navigation", name="按标签筛选").get_by_role("link")
    last = tags.last.inner_text()
    tags.last.click()
    expect(phone.page.locator(".tag.on")).to_have_text(last)
    expect(phone.page.locator(".tag.on")).to_be_in_viewport(ratio=1)
