"""Codes, tags, media, notices and menus for tags: what the pretend platform gives and refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.chats import Chats
from sandbox.clock import ManualClock
from sandbox.followers import Followers
from sandbox.media import Media
from sandbox.menu import Menu, MenuRefused
from sandbox.notices import Notices
from sandbox.qrcodes import PERMANENT_MAX, QrCodes, picture
from sandbox.refused import Refused
from sandbox.store import Store
from sandbox.tags import Tags

OPENID = "oA1b2C3d4E5f6G7h8I9j0K1l2M3n"
TEMPLATE = "T" * 43
MENU = {"button": [{"type": "click", "name": "帮助", "key": "HELP"}]}


@pytest.fixture
def store() -> Store:
    return Store()


def errcode(work: Callable[[], object]) -> int:
    try:
        work()
    except (Refused, MenuRefused) as error:
        return error.errcode
    return 0


def code(action: str, scene: object, **more: Any) -> dict[str, Any]:
    name = "scene_str" if "STR" in action else "scene_id"
    return {"action_name": action, "action_info": {"scene": {name: scene}}, **more}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (code("QR_STR_SCENE", "s" * 64), 0),
        (code("QR_LIMIT_SCENE", 1), 0),
        (code("QR_DANCE", "s"), 40052),
        (code("QR_STR_SCENE", ""), 40053),
        (code("QR_STR_SCENE", "s" * 65), 40053),
        (code("QR_SCENE", 0), 40053),
        ({"action_name": "QR_SCENE"}, 40053),
        (code("QR_STR_SCENE", "s", expire_seconds=2_592_001), 40097),
    ],
)
def test_a_code_needs_an_action_and_a_scene(
    store: Store, clock: ManualClock, body: dict[str, Any], expected: int
) -> None:
    assert errcode(lambda: QrCodes(store, clock).create(body)) == expected


def test_permanent_codes_are_counted(clock: ManualClock, store: Store) -> None:
    codes = QrCodes(store, clock)
    codes._codes = {str(number): {"scene": "s", "ends_at": None} for number in range(PERMANENT_MAX)}
    assert errcode(lambda: codes.create(code("QR_LIMIT_STR_SCENE", "s"))) == 45029
    assert errcode(lambda: codes.create(code("QR_STR_SCENE", "s"))) == 0


def test_a_code_outlives_a_restart_and_has_a_picture_of_its_own(store: Store, clock: ManualClock) -> None:
    one, other = (QrCodes(store, clock).create(code("QR_STR_SCENE", "poster"))["ticket"] for _ in range(2))
    assert QrCodes(store, clock).scene(one) == "poster"
    assert picture(one) != picture(other)


@pytest.mark.parametrize(
    ("name", "expected"), [("", 45157), (5, 45157), ("星标组", 45157), ("长" * 11, 45158), ("长" * 10, 0)]
)
def test_a_tag_needs_a_name_of_its_own(store: Store, name: object, expected: int) -> None:
    assert errcode(lambda: Tags(store).create(name)) == expected


def test_tags_are_bounded_and_outlive_a_restart(store: Store) -> None:
    tags = Tags(store)
    made = [tags.create(f"t{number}")["id"] for number in range(100)]
    assert errcode(lambda: tags.create("one more")) == 45056
    for tag_id in made[:20]:
        tags.put_on(tag_id, [OPENID])
    assert errcode(lambda: tags.put_on(made[20], [OPENID])) == 45059
    assert Tags(store).of(OPENID) == made[:20]


@pytest.mark.parametrize(
    ("kind", "name", "data", "expected"),
    [
        ("image", "a.png", b"x", 0),
        ("poem", "a.txt", b"x", 40004),
        ("image", "a.png", b"", 41005),
        ("image", "a.txt", b"x", 40005),
        ("thumb", "a.jpg", b"x" * 65_537, 40006),
    ],
)
def test_a_medium_is_of_a_kind_and_a_size(
    store: Store, clock: ManualClock, kind: str, name: str, data: bytes, expected: int
) -> None:
    assert errcode(lambda: Media(store, clock).upload(kind, name, data)) == expected


def test_a_medium_is_known_for_three_days_and_as_its_own_kind(store: Store, clock: ManualClock) -> None:
    media_id = Media(store, clock).upload("image", "a.png", b"x")["media_id"]
    kept = Media(store, clock)
    assert kept.knows(media_id, "image") and not kept.knows(media_id, "voice")
    clock.advance(3 * 86_400)
    assert not kept.knows(media_id, "image")


def test_a_template_under_one_key_is_shown_again_after_ten_minutes(store: Store, clock: ManualClock) -> None:
    followers, chats = Followers(store, clock, ()), Chats(store, clock)
    followers.meet(OPENID)
    notices = Notices(store, clock, followers, chats)
    body = {
        "touser": OPENID,
        "template_id": TEMPLATE,
        "client_msg_id": "m",
        "data": {"thing1": {"value": "收据"}},
    }
    assert notices.template(body) == notices.template(body)
    clock.advance(600)
    notices.template(body)
    assert len(chats.inbox(OPENID)) == 2


@pytest.mark.parametrize("value", ["", "字" * 21, "一\n二", 5, None])
def test_a_field_of_a_template_has_its_limits(store: Store, clock: ManualClock, value: object) -> None:
    followers = Followers(store, clock, ())
    followers.meet(OPENID)
    notices = Notices(store, clock, followers, Chats(store, clock))
    body = {"touser": OPENID, "template_id": TEMPLATE, "data": {"thing1": {"value": value}}}
    assert errcode(lambda: notices.template(body)) == 47003


def test_agreements_outlive_a_restart(store: Store, clock: ManualClock) -> None:
    followers, chats = Followers(store, clock, ()), Chats(store, clock)
    followers.meet(OPENID)
    Notices(store, clock, followers, chats).agree(OPENID, TEMPLATE)
    again = Notices(store, clock, followers, chats)
    body = {"touser": OPENID, "template_id": TEMPLATE, "data": {"thing1": {"value": "新课"}}}
    assert [errcode(lambda: again.subscription(body)) for _ in range(2)] == [0, 43101]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"tag_id": "100"}, 0),
        ({}, 65304),
        ({"tag_id": ""}, 65304),
        ({"tag_id": "100", "sex": "1"}, 65320),
        ({"language": "zh_CN"}, 65320),
        ({"tag_id": "101"}, 45159),
    ],
)
def test_a_menu_is_made_for_a_tag_and_nothing_else(store: Store, rule: dict[str, str], expected: int) -> None:
    menu = Menu(store)
    menu.create(MENU)
    assert errcode(lambda: menu.add_conditional({**MENU, "matchrule": rule}, {"100"})) == expected


def test_who_has_the_tag_sees_its_menu_until_it_is_gone(store: Store) -> None:
    menu = Menu(store)
    menu.create(MENU)
    teachers = {"button": [{"type": "click", "name": "上课", "key": "TEACH"}]}
    menu_id = menu.add_conditional({**teachers, "matchrule": {"tag_id": "100"}}, {"100"})
    again = Menu(store)
    assert again.seen_with([100])[0]["name"] == "上课"
    assert again.seen_with([2])[0]["name"] == "帮助"
    again.delete_conditional(menu_id)
    assert again.seen_with([100])[0]["name"] == "帮助"
    assert errcode(lambda: again.delete_conditional(menu_id)) == 65301
