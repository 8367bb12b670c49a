from __future__ import annotations

from typing import Any

import pytest

from sandbox.chats import Chats
from sandbox.clock import ManualClock
from sandbox.followers import FollowerRefused, Followers
from sandbox.pushes import Pushes, PushRefused
from sandbox.quota import Allowance
from sandbox.store import Store

OPENID = "oA1b2C3d4E5f6G7h8I9j0K1l2M3n"


def test_nothing_opens_nothing() -> None:
    assert Allowance().spend(0) == 45015


def test_a_message_opens_five_for_48_hours() -> None:
    allowance = Allowance()
    allowance.renew("talk", 0)
    assert [allowance.spend(1) for _ in range(6)] == [0] * 5 + [45047]
    allowance.renew("talk", 2)
    assert allowance.spend(48 * 3600 + 1) == 0
    assert allowance.spend(48 * 3600 + 2) == 45015


def test_a_tap_opens_three_for_one_minute() -> None:
    allowance = Allowance()
    allowance.renew("event", 0)
    assert [allowance.spend(59) for _ in range(4)] == [0] * 3 + [45047]
    assert allowance.spend(60) == 45015


def test_the_window_that_ends_first_is_used_first() -> None:
    allowance = Allowance()
    allowance.renew("talk", 0)
    allowance.renew("event", 0)
    assert [allowance.spend(1) for _ in range(9)] == [0] * 8 + [45047]
    allowance.renew("event", 2)
    assert allowance.spend(3) == 0


class Account:
    def __init__(self, store: Store | None = None) -> None:
        self.clock = ManualClock()
        self.store = store or Store()
        self.followers = Followers(self.store, self.clock, ())
        self.chats = Chats(self.store, self.clock)
        self.pushes = Pushes(self.clock, self.followers, self.chats)

    def write(self, event: str = "") -> None:
        self.followers.wrote(self.followers.meet(OPENID), event)

    def push(self, body: dict[str, Any] | None = None) -> int:
        try:
            self.pushes.send(body or {"touser": OPENID, "msgtype": "text", "text": {"content": "收据"}})
        except PushRefused as error:
            return error.errcode
        return 0


@pytest.mark.parametrize("event", ["", "CLICK", "SCAN", "subscribe"])
def test_a_follower_who_did_something_can_be_written_to(event: str) -> None:
    account = Account()
    account.write(event)
    assert account.push() == 0
    assert account.chats.inbox(OPENID)[0]["via"] == "push"


@pytest.mark.parametrize("event", ["VIEW", "LOCATION"])
def test_other_events_open_nothing(event: str) -> None:
    account = Account()
    account.write(event)
    assert account.push() == 45015


def test_a_follower_who_left_gets_nothing() -> None:
    account = Account()
    account.write()
    account.write("unsubscribe")
    assert account.push() == 45015


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"touser": "oNobody", "msgtype": "text", "text": {"content": "a"}}, 40003),
        ({"touser": OPENID, "msgtype": "poem"}, 40008),
        ({"touser": OPENID, "msgtype": "text"}, 47001),
        ({"touser": OPENID, "msgtype": "text", "text": {"content": ""}}, 44004),
        ({"touser": OPENID, "msgtype": "text", "text": {"content": "字" * 683}}, 45002),
        ({"touser": OPENID, "msgtype": "news", "news": {"articles": []}}, 45008),
        ({"touser": OPENID, "msgtype": "image", "image": {}}, 40007),
    ],
)
def test_a_push_with_a_fault_costs_nothing(body: dict[str, Any], errcode: int) -> None:
    account = Account()
    account.write()
    assert account.push(body) == errcode
    assert [account.push() for _ in range(6)] == [0] * 5 + [45047]


def test_a_menu_message_can_be_tapped() -> None:
    account = Account()
    account.write()
    items = [{"id": "101", "content": "满意 & <好>"}]
    account.pushes.send(
        {"touser": OPENID, "msgtype": "msgmenu", "msgmenu": {"head_content": "您好", "list": items}}
    )
    assert account.chats.inbox(OPENID)[0]["content"].startswith(
        '您好\n<a href="weixin://bizmsgmenu?msgmenucontent='
    )


def test_quota_and_chat_outlive_a_restart() -> None:
    store = Store()
    first = Account(store)
    first.write()
    assert [first.push() for _ in range(5)] == [0] * 5
    second = Account(store)
    assert second.push() == 45047
    assert len(second.chats.inbox(OPENID)) == 5


@pytest.mark.parametrize("openid", ["", "a/b", "名字", "o" * 65])
def test_what_is_no_openid_never_follows(openid: str) -> None:
    with pytest.raises(FollowerRefused):
        Account().followers.meet(openid)


def test_a_chat_keeps_its_last_500_lines() -> None:
    account = Account()
    for number in range(510):
        account.chats.add(OPENID, side="account", kind="text", content=str(number))
    lines = Chats(account.store, account.clock).after(OPENID, 0)
    assert (len(lines), lines[0]["content"], lines[-1]["seq"]) == (500, "10", 510)
