"""Questions in a lesson as a reader uses them: by touch, by keyboard, heard, and without a script."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import PATIENCE_MS
from tests.flows.town import Town

pytestmark = pytest.mark.chromium

LESSON = "/courses/network-http/one-request"


@pytest.fixture
def one(page: Page, town: Town) -> Locator:
    """The lesson's first question, which has one right answer: the second."""
    page.goto(town.url + LESSON)
    return page.locator("[data-quiz]").first


def test_a_right_answer_is_told_and_explained(one: Locator) -> None:
    check = one.get_by_role("button", name="检查答案")
    expect(check).to_be_disabled()
    expect(one.get_by_text("正确答案：B")).to_be_hidden()
    one.get_by_role("radio").nth(1).check()
    check.click()
    expect(one.get_by_role("status")).to_have_text("答对了")
    expect(one.get_by_text("正确答案：B")).to_be_visible()


def test_a_wrong_answer_is_shown_beside_the_right_one_in_words_too(one: Locator) -> None:
    one.get_by_text("程序没启动").click()
    one.get_by_role("button", name="检查答案").click()
    expect(one.get_by_role("status")).to_contain_text("不对")
    expect(one.locator(".is-wrong")).to_contain_text("不对")
    expect(one.locator(".is-right")).to_contain_text("对")
    expect(one.get_by_role("radio").first).to_be_disabled()


def test_one_may_try_again(one: Locator) -> None:
    one.get_by_role("radio").first.check()
    one.get_by_role("button", name="检查答案").click()
    one.get_by_role("button", name="再试一次").click()
    expect(one.get_by_role("radio").first).not_to_be_checked()
    expect(one.get_by_role("radio").first).to_be_focused()
    expect(one.get_by_text("正确答案：B")).to_be_hidden()
    expect(one.locator(".is-wrong, .is-right")).to_have_count(0)


def test_a_hint_opens_before_the_answer(one: Locator) -> None:
    one.get_by_text("给点提示").click()
    expect(one.get_by_text("石沉大海")).to_be_visible()
    expect(one.get_by_text("正确答案")).to_be_hidden()


def test_part_of_several_right_answers_is_worth_another_look(page: Page, one: Locator) -> None:
    many = page.locator("[data-quiz]").nth(1)
    many.get_by_role("checkbox").nth(0).check()
    many.get_by_role("button", name="检查答案").click()
    expect(many.get_by_role("status")).to_contain_text("一部分")
    expect(many.get_by_text("正确答案")).to_be_hidden()
    for number in (1, 3):
        many.get_by_role("checkbox").nth(number).check()
    many.get_by_role("button", name="检查答案").click()
    expect(many.get_by_role("status")).to_have_text("答对了")


def test_the_keyboard_is_enough(page: Page, one: Locator) -> None:
    one.get_by_role("radio").first.focus()
    page.keyboard.press("ArrowDown")
    expect(one.get_by_role("radio").nth(1)).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(one.get_by_role("status")).to_have_text("答对了")


def test_a_question_is_a_named_group_of_named_choices(one: Locator) -> None:
    group = one.get_by_role("group", name="等了整整 75 秒才报错")
    expect(group).to_be_visible()
    expect(group.get_by_role("radio", name="包被防火墙或安全组丢了")).to_be_visible()


@pytest.fixture
def plain(chromium: Browser, town: Town) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(town.url + LESSON)
    yield page
    context.close()


def test_without_a_script_the_question_is_read_and_the_answer_opens(plain: Page) -> None:
    quiz = plain.locator("[data-quiz]").first
    expect(quiz.get_by_role("listitem")).to_have_count(3)
    expect(quiz.get_by_text("正确答案：B")).to_be_hidden()
    quiz.get_by_text("看答案").click()
    expect(quiz.get_by_text("正确答案：B")).to_be_visible()


def test_nothing_of_a_text_is_wider_than_the_page(page: Page, town: Town) -> None:
    for lesson in (LESSON, "/courses/python-start/first-run", "/courses/git-teamwork/first-commit"):
        page.goto(town.url + lesson)
        assert page.evaluate("document.documentElement.scrollWidth") == 390, lesson
