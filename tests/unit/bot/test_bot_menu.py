from __future__ import annotations

from typing import Any

import pytest

from bot.menu import keys, lines, to_wechat
from infra.errors import ConfigError

BASE = "https://keban.example"


ENTRIES = (
    {"name": "给我推荐", "key": "RECOMMEND", "url": "", "children": ()},
    {"name": "更多", "children": ({"name": "全部课程", "url": "/courses"}, {"name": "帮助", "key": "HELP"})},
)


def test_entries_become_wechats_buttons() -> None:
    assert to_wechat(ENTRIES, BASE)["button"] == [
        {"type": "click", "name": "给我推荐", "key": "RECOMMEND"},
        {
            "name": "更多",
            "sub_button": [
                {"type": "view", "name": "全部课程", "url": "https://keban.example/courses"},
                {"type": "click", "name": "帮助", "key": "HELP"},
            ],
        },
    ]
    assert keys(ENTRIES) == {"RECOMMEND", "HELP"}


LEAF = {"name": "a", "key": "K"}


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ([], "no button"),
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
    pushed = to_wechat(ENTRIES, BASE)
    shown = {
        "button": [{**button, "sub_button": button.get("sub_button", [])} for button in pushed["button"]]
    }
    assert lines(shown) == lines(pushed)
    assert lines(pushed)[2:] == ["    全部课程  →  https://keban.example/courses", "    帮助  →  HELP"]
    assert lines(None) == []
