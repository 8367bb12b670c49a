"""Everything that WeChat sends reaches a named place: a sentence, a note, or silence on purpose."""

from __future__ import annotations

import re
from typing import Any

import pytest

from handlers.chat import INTENTS, told
from sandbox.events import DOCUMENTED
from tests.flows.courses import CRAWLER
from tests.flows.follower import Follower
from tests.flows.town import Town

NUMBERED = re.compile(r"^\d\. ", re.MULTILINE)
PLACES = {kind for kind, _ in INTENTS}

# A message as it is sent, and what belongs in the answer.
MESSAGES: tuple[tuple[dict[str, Any], str], ...] = (
    ({"type": "image"}, "我付了没开通"),
    ({"type": "voice"}, "语音"),
    ({"type": "voice", "recognition": "想学爬虫"}, CRAWLER),
    ({"type": "video"}, "视频"),
    ({"type": "shortvideo"}, "视频"),
    ({"type": "location"}, "位置"),
    ({"type": "link", "title": "这家店的包子真好吃"}, "链接"),
    ({"type": "link", "title": ""}, "链接"),
    ({"type": "link", "title": "零基础学爬虫：三天入门"}, CRAWLER),
)
# An event by the name that WeChat gives it, what is noted of it, and what is answered.
EVENTS: tuple[tuple[str, str, str], ...] = (
    ("VIEW", "", ""),
    ("view_miniprogram", "", ""),
    ("LOCATION", "", ""),
    ("scancode_push", "", ""),
    ("scancode_waitmsg", "", "扫到的内容"),
    ("pic_sysphoto", "", ""),
    ("pic_photo_or_album", "", ""),
    ("pic_weixin", "", ""),
    ("location_select", "", ""),
    ("TEMPLATESENDJOBFINISH", "", ""),
    ("MASSSENDJOBFINISH", "", ""),
    ("PUBLISHJOBFINISH", "", ""),
    ("subscribe_msg_popup_event", "subscription", ""),
    ("subscribe_msg_change_event", "subscription", ""),
    ("subscribe_msg_sent_event", "subscription", ""),
    ("kf_create_session", "person_came", ""),
    ("kf_switch_session", "person_came", ""),
    ("kf_close_session", "person_went", ""),
    ("user_info_modified", "consent_withdrawn", ""),
    ("user_authorization_revoke", "consent_withdrawn", ""),
    ("user_authorization_cancellation", "account_closed", ""),
    ("card_pass_check", "", ""),
    ("card_not_pass_check", "", ""),
    ("card_sku_remind", "", ""),
    ("card_pay_order", "", ""),
    ("user_get_card", "", ""),
    ("user_gifting_card", "", ""),
    ("user_del_card", "", ""),
    ("user_consume_card", "", ""),
    ("user_pay_from_pay_cell", "", ""),
    ("user_view_card", "", ""),
    ("user_enter_session_from_card", "", ""),
    ("update_member_card", "", ""),
    ("submit_membercard_user_info", "", ""),
)


def replied(told_: dict[str, Any]) -> str:
    assert told_["status"] == 200 and "problem" not in told_, told_
    return str(told_["reply"]["content"]) if told_["reply"] else ""


def notes_of(town: Town, follower: Follower) -> list[str]:
    return [event.kind for event in town.rooms.shop.members.events.of(follower.openid)]


@pytest.mark.parametrize(("message", "part"), MESSAGES)
def test_a_message_of_each_type_gets_an_answer_of_its_own(
    anna: Follower, message: dict[str, Any], part: str
) -> None:
    assert part in replied(anna.send(**message))
    assert message["type"] in PLACES


@pytest.mark.parametrize("kind", ["music", "file", "never_heard_of"])
def test_a_message_of_an_unknown_type_gets_a_sentence(town: Town, anna: Follower, kind: str) -> None:
    answer = replied(anna.send(type="text", content="x", fields={"MsgType": kind, "Content": ""}))
    assert "看不懂" in answer


@pytest.mark.parametrize(("event", "noted", "answer"), EVENTS)
def test_an_event_of_each_kind_is_noted_or_left_on_purpose(
    town: Town, event: str, noted: str, answer: str
) -> None:
    anna = town.new_follower()
    reply = replied(anna.send(type=event))
    assert answer in reply if answer else reply == ""
    assert f"{event.lower()}_event" in PLACES
    assert noted in notes_of(town, anna) if noted else notes_of(town, anna) == ["follow"]


def test_the_table_knows_every_documented_event() -> None:
    named = {event for event, _, _ in EVENTS}
    assert set(DOCUMENTED) <= named
    assert all(reason for reason in told.NOTHING_TO_DO.values())


@pytest.mark.parametrize("event", ["", "never_heard_of", "x" * 40])
def test_an_event_of_tomorrow_is_silence_and_no_error(anna: Follower, event: str) -> None:
    assert replied(anna.send(type="click", key="HELP", fields={"Event": event})) == ""


@pytest.mark.parametrize("event", [event for event, _, _ in EVENTS])
@pytest.mark.parametrize("group", ["text", {"List": "text"}, {"List": [1, "2", {"TemplateId": {}}]}, []])
def test_an_event_whose_fields_are_odd_is_no_error(anna: Follower, event: str, group: Any) -> None:
    odd = {name: group for name, value in DOCUMENTED.get(event, {}).items() if isinstance(value, dict)}
    replied(anna.send(type=event, fields={**odd, "Status": "", "KfAccount": ""}))


def test_a_link_about_a_course_lists_courses_that_can_be_chosen(anna: Follower) -> None:
    assert NUMBERED.search(replied(anna.send(type="link", title="零基础学爬虫：三天入门")))
    assert CRAWLER in anna.say("1")


def test_a_scanned_code_that_names_a_subject_is_a_question(anna: Follower) -> None:
    scanned = {"ScanCodeInfo": {"ScanType": "qrcode", "ScanResult": "爬虫"}}
    assert CRAWLER in replied(anna.send(type="scancode_waitmsg", fields=scanned))


def test_what_a_follower_agreed_to_is_noted_one_by_one(town: Town, anna: Follower) -> None:
    anna.send(type="subscribe_msg_popup_event")
    events = town.rooms.shop.members.events.of(anna.openid)
    assert sorted(event.data["status"] for event in events if event.kind == "subscription") == [
        "accept",
        "reject",
    ]


def test_a_template_message_that_did_not_arrive_is_noted(town: Town, anna: Follower) -> None:
    anna.send(type="TEMPLATESENDJOBFINISH", fields={"Status": "failed:user block"})
    assert "push_failed" in notes_of(town, anna)


def test_a_closed_wechat_account_is_forgotten_and_its_orders_are_kept(town: Town, anna: Follower) -> None:
    order_no = anna.buy(CRAWLER)
    anna.say("想学爬虫")
    # The event's sender is WeChat's platform; whom it is about stands inside.
    platform = town.follower()
    platform.send(type="user_authorization_cancellation", fields={"OpenID": anna.openid})
    assert notes_of(town, anna) == ["account_closed"]
    assert notes_of(town, platform) == []
    assert not town.rooms.shop.members.is_subscribed(anna.openid)
    order = town.rooms.shop.till.get(order_no)
    assert order is not None and order.openid == anna.openid


def test_two_accounts_that_close_in_one_second_are_both_forgotten(
    town: Town, anna: Follower, bert: Follower
) -> None:
    platform, second = town.follower(), 1_800_000_000
    for one in (anna, bert):
        platform.send(
            type="user_authorization_cancellation", create_time=second, fields={"OpenID": one.openid}
        )
    assert notes_of(town, anna) == notes_of(town, bert) == ["account_closed"]
