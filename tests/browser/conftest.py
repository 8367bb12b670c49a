"""A real Chromium, the real service and the pretend platform, on the sample catalogue."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.browser.phone import Phone
from tests.conftest import chromium_path, need
from tests.flows.town import Town, open_town

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SAMPLE_COURSES = Path(__file__).resolve().parents[2] / "content" / "courses"
PATIENCE_MS = 15_000


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, platform_keys: dict[str, Any]) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with open_town(folder, platform_keys, SAMPLE_COURSES) as opened:
        opened.rooms.api.create_menu(menu_of(opened))
        yield opened


def menu_of(town: Town) -> dict[str, Any]:
    from app import menu_of as wanted

    return wanted(town.settings)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = chromium_path()
    need("chromium", path is not None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, town: Town) -> Iterator[Page]:
    """A phone-sized page; whatever goes wrong in it fails the test, and it reaches nobody but us."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    context.set_default_timeout(PATIENCE_MS)
    page, faults = context.new_page(), list[str]()
    page.on("console", lambda message: faults.append(message.text) if is_fault(message) else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: faults.append(request.url) if is_elsewhere(request.url) else None)
    yield page
    context.close()
    assert faults == []


def is_fault(message: ConsoleMessage) -> bool:
    """A page that a test asks for in vain is no fault of the page."""
    return message.type == "error" and not message.location["url"].endswith("/no/such/page")


def is_elsewhere(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1:", "data:", "blob:", "about:"))


@pytest.fixture
def phone(page: Page, town: Town) -> Phone:
    folder = os.environ.get("KEBAN_TEST_SCREENSHOTS")
    return Phone(page, f"{town.platform.url}/", Path(folder) if folder else None)
