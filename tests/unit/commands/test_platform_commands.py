"""What is set up once: the tables, and the menu at WeChat's."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from bot.calls.tags import Tag
from bot.errcode import ApiRefused
from infra.migrate import newest_revision
from tests.flows.town import Town
from tests.unit.commands.conftest import Keban, Outcome


def test_the_tables_are_made_on_each_database(
    keban: Keban,
    values: dict[str, Any],
    write_config: Callable[[dict[str, Any]], str],
    database_url: str,
) -> None:
    values["database"]["url"] = database_url
    config, newest = write_config(values), newest_revision()
    assert keban("--config", config, "db", "upgrade").out == f"database: empty -> {newest}\n"
    assert keban("--config", config, "db", "upgrade").out == f"database: already at {newest}\n"
    assert "发布 8 门" in keban("--config", config, "content", "publish").out


def test_the_menu_of_the_config_is_pushed_and_shown(keban: Keban, town: Town) -> None:
    pushed = keban("--config", str(town.config), "menu", "push")
    assert pushed.status == 0 and "给我推荐" in pushed.out
    account = requests.get(f"{town.platform.url}/api/account", timeout=10).json()
    assert [button["name"] for button in account["menu"]] == ["给我推荐", "我的课程", "更多"]
    shown = keban("--config", str(town.config), "menu", "show")
    assert shown.status == 0 and "RECOMMEND" in shown.out and "不一样" not in shown.out


def test_a_push_shows_what_differs_and_pushes_nothing_when_nothing_does(
    keban: Keban, town: Town, write_config: Callable[[dict[str, Any]], str]
) -> None:
    keban("--config", str(town.config), "menu", "push")
    assert "不用推送" in keban("--config", str(town.config), "menu", "push").out
    path = write_config({})
    with open(path, "w", encoding="utf-8") as file:
        file.write(town.config.read_text().replace("给我推荐", "猜我喜欢"))
    pushed = keban("--config", path, "menu", "push")
    assert "- 给我推荐  →  RECOMMEND" in pushed.out and "+ 猜我喜欢  →  RECOMMEND" in pushed.out
    assert "不用推送" in keban("--config", path, "menu", "push").out
    keban("--config", str(town.config), "menu", "push")


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"tag": "学员", "sex": 1, "buttons": [{"name": "帮助", "key": "HELP"}]}, "by sex"),
        ({"tag": "学员", "language": "zh_CN", "buttons": []}, "by language"),
        ({"tag": "学员", "country": "中国", "buttons": []}, "by country"),
        ({"tag": "", "buttons": [{"name": "帮助", "key": "HELP"}]}, "menu_for.0.tag"),
        ({"tag": "已经买过两门课的学员", "buttons": []}, "no button"),
        ({"tag": "已经买过两门课的学员们", "buttons": []}, "menu_for.0.tag: a tag has at most 30 bytes"),
        ({"tag": "学员"}, "menu_for.0.buttons"),
        ({"tag": "学员", "buttons": []}, "no button"),
        ({"tag": "学员", "buttons": [{"name": "跳舞", "key": "DANCE"}]}, "DANCE"),
        ({"tag": "学员", "botons": []}, "buttons"),
    ],
)
@pytest.mark.parametrize("command", [("menu", "push"), ("serve",)])
def test_a_menu_for_a_tag_that_cannot_be_stops_each_command_with_the_reason(
    keban: Keban,
    values: dict[str, Any],
    write_config: Callable[[dict[str, Any]], str],
    entry: dict[str, Any],
    says: str,
    command: tuple[str, ...],
) -> None:
    values["menu_for"] = [entry]
    outcome = keban("--config", write_config(values), *command)
    assert outcome.status == 2 and says in outcome.err


def test_the_followers_with_a_tag_get_a_menu_of_their_own_until_it_is_taken_away(
    keban: Keban, town: Town, write_config: Callable[[dict[str, Any]], str]
) -> None:
    path, plain = write_config({}), town.config.read_text()

    def with_menu_for(buttons: str) -> None:
        with open(path, "w", encoding="utf-8") as file:
            file.write(plain + f'\n[[menu_for]]\ntag = "学员"\nbuttons = [{buttons}]\n')

    keban("--config", str(town.config), "menu", "push")
    with_menu_for('{ name = "继续学习", key = "RESUME" }')
    pushed = keban("--config", path, "menu", "push")
    assert "［学员］" in pushed.out and "+   继续学习  →  RESUME" in pushed.out
    assert "给我推荐" in pushed.out and "- 给我推荐" not in pushed.out
    shown = keban("--config", path, "menu", "show")
    assert "［学员］\n  继续学习  →  RESUME" in shown.out and "不一样" not in shown.out
    assert "不用推送" in keban("--config", path, "menu", "push").out
    with_menu_for('{ name = "我的课程", key = "MY_COURSES" }')
    assert "-   继续学习  →  RESUME" in keban("--config", path, "menu", "push").out
    assert len(town.rooms.api.menus.for_tags()) == 1
    keban("--config", str(town.config), "menu", "push")
    assert town.rooms.api.menus.for_tags() == []


def test_a_tag_has_one_menu(
    keban: Keban, values: dict[str, Any], write_config: Callable[[dict[str, Any]], str]
) -> None:
    values["menu_for"] = [{"tag": "学员", "buttons": [{"name": "帮助", "key": "HELP"}]}] * 2
    outcome = keban("--config", write_config(values), "menu", "push")
    assert outcome.status == 2 and "学员 is named twice" in outcome.err


def test_a_menu_that_differs_is_told(
    keban: Keban, town: Town, write_config: Callable[[dict[str, Any]], str]
) -> None:
    keban("--config", str(town.config), "menu", "push")
    other = town.settings.model_dump(mode="json")
    text = town.config.read_text().replace("给我推荐", "猜我喜欢")
    path = write_config({})
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    assert "不一样" in keban("--config", path, "menu", "show").out
    assert other["menu"]


def test_a_menu_key_that_nobody_answers_is_two_and_named(
    keban: Keban, values: dict[str, Any], write_config: Callable[[dict[str, Any]], str]
) -> None:
    values["menu"] = [{"name": "跳舞", "key": "DANCE"}]
    outcome = keban("--config", write_config(values), "menu", "push")
    assert outcome.status == 2
    assert "DANCE" in outcome.err and "MY_COURSES" in outcome.err


def test_a_menu_that_wechat_would_not_take_is_two_before_anything_is_sent(
    keban: Keban, values: dict[str, Any], write_config: Callable[[dict[str, Any]], str]
) -> None:
    values["menu"] = [{"name": f"按钮{number}", "key": "HELP"} for number in range(4)]
    outcome = keban("--config", write_config(values), "menu", "push")
    assert outcome.status == 2 and "menu" in outcome.err


def test_a_wrong_secret_is_one_with_wechats_reason(
    keban: Keban, town: Town, values: dict[str, Any], write_config: Callable[[dict[str, Any]], str]
) -> None:
    values["wechat"] |= {"app_secret": "hunter2", "api_base": town.platform.url}
    outcome = keban("--config", write_config(values), "menu", "push")
    assert outcome.status == 1
    assert "app_secret is wrong" in outcome.err and "hunter2" not in outcome.err


def test_without_wechats_keys_the_menu_says_which_are_missing(
    keban: Keban, values: dict[str, Any], write_config: Callable[[dict[str, Any]], str]
) -> None:
    values["wechat"]["app_id"] = ""
    outcome = keban("--config", write_config(values), "menu", "show")
    assert outcome.status == 2 and "wechat.app_id is empty" in outcome.err


def test_when_wechat_does_not_answer_the_menu_says_so(keban: Keban, config: str) -> None:
    keban("--config", config, "db", "upgrade")
    outcome = keban("--config", config, "menu", "push")
    assert outcome.status == 1 and "wechat does not answer" in outcome.err


@pytest.mark.parametrize("code", [40164, 48001])
def test_what_wechat_refuses_is_told_with_its_code(keban: Keban, town: Town, code: int) -> None:
    town.faults(refuse_code=code)
    outcome = keban("--config", str(town.config), "menu", "push")
    town.faults()
    assert outcome.status == 1 and str(code) in outcome.err


def test_the_old_menus_stand_while_wechat_refuses_a_tag_of_the_new_ones(
    keban: Keban, town: Town, write_config: Callable[[dict[str, Any]], str]
) -> None:
    path, plain = write_config({}), town.config.read_text()
    api = town.rooms.api

    def push(*tags: str) -> Outcome:
        button = f'{{ name = "{len(tags)}", key = "HELP" }}'
        menus = "".join(f'\n[[menu_for]]\ntag = "{tag}"\nbuttons = [{button}]\n' for tag in tags)
        Path(path).write_text(plain + menus)
        return keban("--config", path, "menu", "push")

    assert push("老学员").status == 0
    fillers: list[Tag] = []
    with contextlib.suppress(ApiRefused):  # an account has 100 tags at most
        while True:
            fillers.append(api.tags.ensure(f"占位{len(fillers)}"))
    refused = push("老学员", "新学员")
    assert refused.status == 1 and "100 tags" in refused.err
    assert [menu["button"][0]["name"] for menu in api.menus.for_tags()] == ["1"]
    for tag in fillers:
        api.tags.delete(tag.id)
    assert push("老学员", "新学员").status == 0
    assert [menu["button"][0]["name"] for menu in api.menus.for_tags()] == ["2", "2"]
    keban("--config", str(town.config), "menu", "push")
