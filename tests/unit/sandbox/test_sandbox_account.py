"""Tokens, login codes and the menu: what the account's API gives and refuses."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from sandbox.clock import ManualClock
from sandbox.config import Config
from sandbox.menu import Menu, MenuRefused
from sandbox.oauth import AuthorizeRefused, ExchangeRefused, OAuth
from sandbox.store import Store
from sandbox.tokens import TokenRefused, Tokens

OPENID = "oA1b2C3d4E5f6G7h8I9j0K1l2M3n"


@pytest.fixture
def tokens(config: Config, clock: ManualClock) -> Tokens:
    return Tokens(config, clock)


def stable(tokens: Tokens, config: Config, *, force: bool = False) -> str:
    return tokens.stable(config.app_id, config.app_secret, force=force)[0]


def errcode(tokens: Tokens, value: str) -> int:
    try:
        tokens.check(value)
    except TokenRefused as error:
        return error.errcode
    return 0


def test_all_who_ask_share_the_stable_token(tokens: Tokens, config: Config, clock: ManualClock) -> None:
    first = stable(tokens, config)
    clock.advance(3600)
    assert tokens.stable(config.app_id, config.app_secret, force=False) == (first, 3600)


def test_in_its_last_five_minutes_the_old_token_lives_beside_the_new(
    tokens: Tokens, config: Config, clock: ManualClock
) -> None:
    old = stable(tokens, config)
    clock.advance(7200 - 299)
    new = stable(tokens, config)
    assert new != old
    assert (errcode(tokens, old), errcode(tokens, new)) == (0, 0)
    clock.advance(300)
    assert (errcode(tokens, old), errcode(tokens, new)) == (42001, 0)


def test_a_forced_refresh_kills_the_old_token_and_works_every_30_seconds(
    tokens: Tokens, config: Config, clock: ManualClock
) -> None:
    old = stable(tokens, config)
    new = stable(tokens, config, force=True)
    assert (errcode(tokens, old), errcode(tokens, new)) == (40001, 0)
    clock.advance(29)
    assert stable(tokens, config, force=True) == new
    clock.advance(1)
    assert stable(tokens, config, force=True) != new


def test_a_token_is_forced_20_times_a_day(tokens: Tokens, config: Config, clock: ManualClock) -> None:
    stable(tokens, config)
    for _ in range(20):
        stable(tokens, config, force=True)
        clock.advance(31)
    with pytest.raises(TokenRefused) as refusal:
        stable(tokens, config, force=True)
    assert refusal.value.errcode == 45009


def test_the_old_endpoint_kills_the_token_of_the_other_worker(tokens: Tokens, config: Config) -> None:
    first, _ = tokens.classic(config.app_id, config.app_secret)
    second, _ = tokens.classic(config.app_id, config.app_secret)
    assert (errcode(tokens, first), errcode(tokens, second)) == (40001, 0)


def test_a_revoked_token_is_not_given_again(tokens: Tokens, config: Config) -> None:
    old = stable(tokens, config)
    tokens.revoke(old)
    assert errcode(tokens, old) == 40001
    assert errcode(tokens, stable(tokens, config)) == 0


@pytest.mark.parametrize(("app_id", "secret", "code"), [("wx0", "", 40013), ("", "no", 40125)])
def test_wrong_credentials_are_told_apart(
    tokens: Tokens, config: Config, app_id: str, secret: str, code: int
) -> None:
    with pytest.raises(TokenRefused) as refusal:
        tokens.stable(app_id or config.app_id, secret or config.app_secret, force=False)
    assert refusal.value.errcode == code


def test_no_token_is_41001(tokens: Tokens) -> None:
    assert errcode(tokens, "") == 41001


@pytest.fixture
def oauth(config: Config, clock: ManualClock) -> OAuth:
    return OAuth(config, clock)


def login(config: Config, **changes: str) -> dict[str, str]:
    query = {
        "appid": config.app_id,
        "redirect_uri": "http://service.test/login?a=1",
        "response_type": "code",
        "scope": "snsapi_base",
        "state": "s&1",
    }
    return {**query, **changes}


def exchange(config: Config, code: str, **changes: str) -> dict[str, str]:
    query = {
        "appid": config.app_id,
        "secret": config.app_secret,
        "grant_type": "authorization_code",
        "code": code,
    }
    return {**query, **changes}


def code_of(oauth: OAuth, config: Config) -> str:
    return dict(parse_qsl(urlsplit(oauth.authorize(login(config), OPENID)).query))["code"]


def test_a_login_comes_back_with_code_and_state(oauth: OAuth, config: Config) -> None:
    url = urlsplit(oauth.authorize(login(config), OPENID))
    query = dict(parse_qsl(url.query))
    assert (url.netloc, url.path, query["a"], query["state"]) == ("service.test", "/login", "1", "s&1")
    assert oauth.exchange(exchange(config, query["code"]))["openid"] == OPENID


@pytest.mark.parametrize(
    "changes",
    [
        {"appid": "wx0"},
        {"redirect_uri": "http://elsewhere.test/login"},
        {"redirect_uri": "http://service.test.evil/login"},
        {"redirect_uri": "javascript:alert(1)"},
        {"response_type": "token"},
        {"scope": "everything"},
        {"state": "x" * 129},
    ],
)
def test_a_login_that_wechat_refuses_is_refused(
    oauth: OAuth, config: Config, changes: dict[str, str]
) -> None:
    with pytest.raises(AuthorizeRefused):
        oauth.authorize(login(config, **changes), OPENID)


def exchange_errcode(oauth: OAuth, query: dict[str, str]) -> int:
    try:
        oauth.exchange(query)
    except ExchangeRefused as error:
        return error.errcode
    return 0


def test_a_code_works_once(oauth: OAuth, config: Config) -> None:
    query = exchange(config, code_of(oauth, config))
    assert [exchange_errcode(oauth, query) for _ in range(2)] == [0, 40163]


def test_a_code_works_for_five_minutes(oauth: OAuth, config: Config, clock: ManualClock) -> None:
    query = exchange(config, code_of(oauth, config))
    clock.advance(300)
    assert exchange_errcode(oauth, query) == 40029


def test_the_exchange_needs_the_secret(oauth: OAuth, config: Config) -> None:
    code = code_of(oauth, config)
    assert exchange_errcode(oauth, exchange(config, code, secret="no")) == 40125
    assert exchange_errcode(oauth, exchange(config, code, appid="wx0")) == 40013
    assert exchange_errcode(oauth, exchange(config, "never")) == 40029
    assert exchange_errcode(oauth, exchange(config, "")) == 41008


CLICK = {"type": "click", "name": "帮助", "key": "HELP"}
VIEW = {"type": "view", "name": "课程", "url": "http://service.test/courses"}


def test_a_menu_comes_back_as_it_was_pushed_and_outlives_a_restart() -> None:
    store = Store()
    Menu(store).create({"button": [CLICK, {"name": "更多", "sub_button": [CLICK, VIEW]}]})
    buttons = Menu(store).current()["menu"]["button"]
    assert buttons[0] == {**CLICK, "sub_button": []}
    assert [child["name"] for child in buttons[1]["sub_button"]] == ["帮助", "课程"]


def test_no_menu_is_46003() -> None:
    menu = Menu(Store())
    menu.create({"button": [CLICK]})
    menu.delete()
    with pytest.raises(MenuRefused) as refusal:
        menu.current()
    assert refusal.value.errcode == 46003


@pytest.mark.parametrize(
    ("buttons", "code"),
    [
        ([], 40016),
        ([CLICK] * 4, 40016),
        ([{**CLICK, "name": "很长很长的名字"}], 40018),
        ([{"name": "更多", "sub_button": [CLICK] * 6}], 40023),
        ([{**CLICK, "type": "dance"}], 40017),
        ([{"type": "click", "name": "帮助"}], 40019),
        ([{**CLICK, "key": "k" * 129}], 40019),
        ([{"type": "view", "name": "课程"}], 40020),
        ([{**VIEW, "url": "ftp://a"}], 40055),
        (["x"], 47001),
    ],
)
def test_a_menu_that_wechat_refuses_leaves_the_old_one(buttons: list[Any], code: int) -> None:
    menu = Menu(Store())
    menu.create({"button": [VIEW]})
    with pytest.raises(MenuRefused) as refusal:
        menu.create({"button": buttons})
    assert refusal.value.errcode == code
    assert menu.buttons[0]["name"] == "课程"
