from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.menu_difference import TagMenu, all_lines, difference, tagged


def menu(*names: str) -> dict[str, Any]:
    return {"button": [{"type": "click", "name": name, "key": "HELP", "sub_button": []} for name in names]}


NAMES = st.lists(st.sampled_from(["推荐", "课程", "帮助"]), min_size=1, max_size=3)
TAGS = st.sampled_from(["学员", "老师", "101"])


def test_what_is_the_same_differs_in_nothing() -> None:
    found = difference(
        menu("推荐"), {"学员": menu("课程")}, menu("推荐"), [TagMenu("学员", "1", menu("课程"))]
    )
    assert not found and found.text == ()


def test_a_new_menu_and_a_changed_button_are_shown() -> None:
    found = difference(menu("推荐", "帮助"), {}, menu("推荐", "课程"), [])
    assert found.everybody and found.text == ("  推荐  →  HELP", "- 课程  →  HELP", "+ 帮助  →  HELP")
    assert difference(menu("推荐"), {}, None, []).text == ("+ 推荐  →  HELP",)


def test_the_menu_of_a_tag_is_added_replaced_or_taken_away() -> None:
    wanted = {"学员": menu("课程"), "老师": menu("帮助")}
    there = [TagMenu("学员", "1", menu("推荐")), TagMenu("过客", "2", menu("帮助"))]
    found = difference(menu("推荐"), wanted, menu("推荐"), there)
    assert (found.everybody, found.delete, found.add) == (False, ("1", "2"), ("学员", "老师"))
    assert "+   课程  →  HELP" in found.text and "- ［过客］" in found.text


def test_of_two_menus_for_one_tag_one_goes() -> None:
    there = [TagMenu("学员", "1", menu("课程")), TagMenu("学员", "2", menu("课程"))]
    found = difference(menu("推荐"), {"学员": menu("课程")}, menu("推荐"), there)
    assert (found.delete, found.add) == (("2",), ())


def test_wechats_own_words_for_a_tag() -> None:
    raw = [
        {**menu("课程"), "matchrule": {"tag_id": "101"}, "menuid": 208396993},
        {**menu("帮助"), "matchrule": {"group_id": 2}, "menuid": "3"},
        {**menu("帮助"), "menuid": 4},
    ]
    read = tagged(raw, {"101": "学员"})
    assert [(one.tag, one.menu_id) for one in read] == [("学员", "208396993"), ("2", "3"), ("", "4")]


def test_everything_as_lines() -> None:
    assert all_lines(None, []) == []
    assert all_lines(menu("推荐"), [("学员", menu("课程"))]) == [
        "推荐  →  HELP",
        "［学员］",
        "  课程  →  HELP",
    ]


@given(NAMES, st.dictionaries(TAGS, NAMES), NAMES, st.lists(st.tuples(TAGS, NAMES), max_size=5))
def test_doing_what_differs_leaves_nothing_that_differs(
    wanted: list[str],
    wanted_for: dict[str, list[str]],
    present: list[str],
    there: list[tuple[str, list[str]]],
) -> None:
    """And what WeChat has already as it is wanted is left alone."""
    menus_for = {tag: menu(*names) for tag, names in wanted_for.items()}
    now = [TagMenu(tag, str(number), menu(*names)) for number, (tag, names) in enumerate(there)]
    found = difference(menu(*wanted), menus_for, menu(*present), now)
    after = [one for one in now if one.menu_id not in found.delete]
    after += [TagMenu(tag, f"new {tag}", menus_for[tag]) for tag in found.add]
    assert not difference(menu(*wanted), menus_for, menu(*(wanted if found.everybody else present)), after)
    assert sorted(one.tag for one in after) == sorted(menus_for)
    assert bool(found) == bool(found.text)
