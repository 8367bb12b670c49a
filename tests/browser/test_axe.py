"""axe-core over every page, by day and by night, on a phone's screen: nothing beyond trifles. And everything
that is tapped is as large as a finger.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.browser.fingers import too_small
from tests.browser.visits import VISITS, People, browser_of, people_at, shown

pytestmark = pytest.mark.chromium

GRAVE = ("moderate", "serious", "critical")
OURS = [name for name in VISITS if not name.startswith("sandbox")]


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory, platform_keys: dict[str, Any]) -> Iterator[People]:
    with people_at(tmp_path_factory.mktemp("axe"), platform_keys) as settled:
        yield settled


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("name", VISITS)
def test_no_page_has_a_fault_that_matters(chromium: Browser, people: People, scheme: str, name: str) -> None:
    context = browser_of(chromium, people, VISITS[name], scheme)
    page = shown(context, people, VISITS[name])
    violations = Axe().run(page).response["violations"]
    context.close()
    grave = [
        f"{one['id']} ({one['impact']}): {node['target']} {node['failureSummary']}"
        for one in violations
        for node in one["nodes"]
        if one["impact"] in GRAVE
    ]
    assert grave == []


def test_the_look_finds_what_is_wrong(chromium: Browser) -> None:
    """Should axe ever stop looking, every page would seem right."""
    page = chromium.new_page()
    page.set_content('<html><body><img src="x.png"><p style="color: #ccc">grau</p><input></body></html>')
    found = {one["id"] for one in Axe().run(page).response["violations"] if one["impact"] in GRAVE}
    page.close()
    assert {"image-alt", "color-contrast", "label", "html-has-lang"} <= found


@pytest.mark.parametrize("name", OURS)
def test_whatever_is_tapped_is_as_large_as_a_finger(chromium: Browser, people: People, name: str) -> None:
    context = browser_of(chromium, people, VISITS[name], "light")
    small = too_small(shown(context, people, VISITS[name]))
    context.close()
    assert small == []


def test_what_is_too_small_for_a_finger_is_found(chromium: Browser) -> None:
    page = chromium.new_page()
    page.set_content(
        '<p><a href="/">在一句话里的链接</a>，不算。</p><button style="height: 20px">小</button>'
        '<button style="position: absolute; top: 200px; width: 60px; height: 60px">大</button>'
    )
    found = too_small(page)
    page.close()
    assert len(found) == 1 and "小" in found[0]
