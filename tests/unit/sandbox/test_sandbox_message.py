from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest

from sandbox.message import MessageRefused, read, xml


def sent(request: dict[str, Any]) -> dict[str, str | None]:
    document = ET.fromstring(xml("gh_account", "oFollower", 7, read(request, 1.0)))
    return {child.tag: child.text for child in document}


def test_a_text_has_a_message_id_and_its_words_unharmed() -> None:
    fields = sent({"type": "text", "content": "a ]]> b <c> & 😀\x00"})
    assert fields["Content"] == "a ]]> b <c> & 😀"
    assert (fields["ToUserName"], fields["FromUserName"], fields["CreateTime"]) == (
        "gh_account",
        "oFollower",
        "7",
    )
    assert len(fields["MsgId"] or "") >= 8


def test_an_event_has_the_fields_of_its_documentation_and_lists_repeat_their_name() -> None:
    popup = read({"type": "subscribe_msg_popup_event"}, 1.0)
    document = ET.fromstring(xml("gh_account", "oFollower", 7, popup))
    found = [one.text for one in document.iterfind("SubscribeMsgPopupEvent/List/SubscribeStatusString")]
    assert found == ["accept", "reject"]
    assert sent({"type": "kf_create_session"})["KfAccount"] == "test1@test"
    assert sent({"type": "user_authorization_revoke", "openid": "oA"})["OpenID"] == "oA"


def test_two_messages_have_two_ids() -> None:
    first, second = sent({"content": "a"}), sent({"content": "a"})
    assert first["MsgId"] != second["MsgId"]


@pytest.mark.parametrize(
    ("request_", "event", "key"),
    [
        ({"type": "subscribe"}, "subscribe", None),
        ({"type": "subscribe", "scene": "poster"}, "subscribe", "qrscene_poster"),
        ({"type": "unsubscribe"}, "unsubscribe", None),
        ({"type": "scan", "scene": "poster"}, "SCAN", "poster"),
        ({"type": "click", "key": "HELP"}, "CLICK", "HELP"),
        ({"type": "view", "url": "http://a/"}, "VIEW", "http://a/"),
        ({"type": "TEMPLATESENDJOBFINISH"}, "TEMPLATESENDJOBFINISH", None),
    ],
)
def test_an_event_has_its_name_and_key_and_no_message_id(
    request_: dict[str, Any], event: str, key: str | None
) -> None:
    fields = sent(request_)
    assert (fields["MsgType"], fields["Event"], fields["EventKey"]) == ("event", event, key)
    assert "MsgId" not in fields


@pytest.mark.parametrize("kind", ["image", "voice", "video", "shortvideo", "location", "link"])
def test_every_kind_of_message_goes_out_under_its_name(kind: str) -> None:
    assert sent({"type": kind})["MsgType"] == kind


def test_a_tapped_menu_message_carries_its_id() -> None:
    assert sent({"content": "帮助", "bizmsgmenuid": "7"})["bizmsgmenuid"] == "7"


def test_more_fields_can_be_given() -> None:
    assert sent({"type": "LOCATION", "fields": {"Latitude": "23.1"}})["Latitude"] == "23.1"


@pytest.mark.parametrize(
    "request_",
    [
        {"content": ""},
        {"content": "字" * 700},
        {"type": "a b"},
        {"type": "LOCATION", "fields": {"a b": 1}},
        {"content": "a", "fields": [1]},
    ],
)
def test_what_no_follower_can_send_is_refused(request_: dict[str, Any]) -> None:
    with pytest.raises(MessageRefused):
        read(request_, 1.0)
