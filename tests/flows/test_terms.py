"""The terms and the pay page's words: the same in the chat and on each page, from the file of sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest

from handlers.sentences import FILE, Sentences
from tests.flows.courses import write_course
from tests.flows.follower import Follower
from tests.flows.town import Town, open_town

TERMS = [
    ("forever", "none", "开通后一直能看", "售出后不退"),
    ("30d", "7d", "开通后 30 天内能看", "7 天内不满意可以退"),
    ("2099-12-31", "3d", "能看到 2099年12月31日", "3 天内不满意可以退"),
]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, platform_keys: dict[str, Any]) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("terms")
    for number, (access, refund, *_) in enumerate(TERMS, 1):
        about = {"title": f"约定{number}", "summary": "怎么约定", "tags": f"约定{number}"}
        write_course(folder / "courses", f"terms-{number}", access=access, refund=refund, **about)
    about = {"title": "免费约定", "summary": "怎么约定", "tags": "约定", "price": "0", "level": "高级"}
    write_course(folder / "courses", "terms-free", refund="none", **about)
    with open_town(folder, platform_keys, folder / "courses") as opened:
        yield opened


@pytest.mark.parametrize("number", range(1, len(TERMS) + 1))
def test_chat_and_pages_tell_the_terms_in_the_same_words(town: Town, number: int) -> None:
    *_, access, refund = TERMS[number - 1]
    anna = town.new_follower().log_in()
    card = anna.say(str(number))
    assert f"《约定{number}》" in card and access in card and refund in card
    paths = (
        f"/courses/terms-{number}",
        f"/courses/terms-{number}/work",
        f"/pay/{anna.order_of(f'约定{number}')}",
    )
    for path in paths:
        page = anna.get(path).text
        assert access in page and refund in page, path


def test_a_free_course_does_not_speak_of_refunds(anna: Follower) -> None:
    for path in ("/courses/terms-free", "/courses/terms-free/work"):
        page = anna.get(path).text
        assert "开通后一直能看" in page and "售出后不退" not in page


def test_the_pay_page_hands_its_words_to_the_script(anna: Follower) -> None:
    """What the script says is in the file of sentences, too; it comes with the page, whatever the way."""
    script = (FILE.parent / "web/static/pay.js").read_text(encoding="utf-8")
    names = set(re.findall(r"says\.([a-zA-Z]+)", script)) - {"way"}
    assert len(names) >= 12
    page = anna.log_in().get(f"/pay/{anna.order_of('约定1')}").text
    given = {name: unescape(value) for name, value in re.findall(r'data-([a-z-]+)="([^"]+)"', page)}
    say = Sentences()
    sentences = {say(key) for key in say.keys() if key.startswith("pay_page.")}  # noqa: SIM118 - no dict
    assert [name for name in names if given.get(dashed(name)) not in sentences] == []


def dashed(name: str) -> str:
    """As a script's dataset spells it in the page: lookLater is data-look-later."""
    return re.sub("[A-Z]", lambda letter: f"-{letter[0].lower()}", name)
