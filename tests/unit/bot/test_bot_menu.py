from __future__ import annotations

from typing import Any

import pytest

from bot.menu import DEFAULT, HELP, MY_COURSES, RECOMMEND, keys, lines, to_wechat
from infra.errors import ConfigError

BASE = "https://keban.example"


def test_the_default_menu_has_the_keys_of_the_contract() -> None:
    assert keys(()) == {RECOMMEND, MY_COURSES, HELP}
    menu = to_wechat((), BASE)
    assert menu["button"][0]["sub_button"][1] == {
        "type": "view",
        "name": "全部课程",
        "url": "https://keban.example/courses",
    }
    assert menu["button"][2] == {"type": "click", "name": "帮助", "key": "HELP"}


def test_a_configured_menu_replaces_the_default() -> None:
    entries = [{"name": "找课", "key": "RECOMMEND", "url": "", "children": ()}]
    assert to_wechat(entries, BASE) == {"button": [{"type": "click", "name": "找课", "key": "RECOMMEND"}]}
    assert keys(entries) == {"RECOMMEND"}


LEAF = {"name": "a", "key": "K"}


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ([LEAF] * 4, "4 buttons"),
        ([{"name": "a", "children": [LEAF] * 6}], "too many children"),
        ([{"name": "a", "children": [{"name": "b", "children": [LEAF]}]}], "children of children"),
        ([{"name": "a", "key": "K", "children": [LEAF]}], "has children"),
        ([{"name": "六个字的菜单", "key": "K"}], "name of 六个字的菜单 is too long"),
        ([{"name": "a", "key": "K" * 129}], "key of a is too long"),
        ([{"name": "a", "url": "https://x/" + "x" * 1024}], "url of a is too long"),
        ([{"name": "a"}], "leads nowhere"),
        ([{"name": "a", "key": "K", "url": "https://x"}], "leads nowhere"),
        ([{"name": "a", "url": "javascript:1"}], "not an address"),
        ([{"key": "K"}], "no name"),
    ],
)
def test_a_menu_that_wechat_would_refuse_is_named(entries: list[dict[str, Any]], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        to_wechat(entries, BASE)


def test_what_is_shown_and_what_was_pushed_compare() -> None:
    pushed = to_wechat(DEFAULT, BASE)
    shown = {
        "button": [{**button, "sub_button": button.get("sub_button", [])} for button in pushed["button"]]
    }
    assert lines(shown) == lines(pushed)
    assert lines(pushed)[1] == "    给我推荐  →  RECOMMEND"
    assert lines(None) == []
