from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.account import Mode
from bot.conversation import MAX_OWED, OWED_TTL_S, Conversation, Conversations, Owed
from bot.deadline import Budget, Turn
from bot.document import MAX_BODY_BYTES
from bot.errcode import Unsure
from bot.letter import Letter
from bot.line import Line
from bot.message import Message, to_message
from bot.quota import MARGIN_S, Quota
from bot.recall import LEASE_S
from bot.reply import to_customer_service
from bot.robot import NOTHING
from bot.signature import WINDOW_S
from bot.webhook import Webhook
from bot.wire import SUCCESS, TEXT, WireRequest
from infra.clock import ManualClock
from infra.errors import Unavailable
from infra.keyvalue import Add, KeyValueStore, Result, Set, Step
from infra.keyvalue_behind import WriteBehind
from infra.keyvalue_sqlite import SqliteStore
from infra.metrics import MESSAGES
from tests.unit.bot.pretend_wechat import OPENID, US, Echo, PretendWeChat, account

Late = list[tuple[str, str]]


@pytest.fixture
def embedded(tmp_path: Path) -> KeyValueStore:
    return SqliteStore(tmp_path / "kv.db")


@pytest.fixture
def late() -> Late:
    return []


@pytest.fixture
def robot() -> Echo:
    return Echo()


@pytest.fixture(params=["safe", "compatible", "plain"])
def mode(request: pytest.FixtureRequest) -> Mode:
    chosen: Mode = request.param
    return chosen


@pytest.fixture
def door(robot: Echo, embedded: KeyValueStore, clock: ManualClock, late: Late) -> Webhook:
    return Webhook(account(), robot, embedded, clock, late=lambda openid, text: late.append((openid, text)))


@pytest.fixture
def wechat(clock: ManualClock) -> PretendWeChat:
    return PretendWeChat(clock)


def test_a_message_is_answered_in_each_mode(mode: Mode, embedded: KeyValueStore, clock: ManualClock) -> None:
    wechat = PretendWeChat(clock, mode)
    door = Webhook(account(mode), Echo(), embedded, clock, late=lambda *_: None)
    reply = wechat.read(door.receive(wechat.text("你好")))
    assert (reply["Content"], reply["ToUserName"], reply["MsgType"]) == ("你说：你好", OPENID, "text")


def test_the_address_check_gets_its_echo_as_plain_text(
    mode: Mode, embedded: KeyValueStore, clock: ManualClock
) -> None:
    door = Webhook(account(mode), Echo(), embedded, clock, late=lambda *_: None)
    response = door.receive(PretendWeChat(clock, mode).check("<b>42</b>"))
    assert (response.status, response.body, response.content_type) == (200, b"<b>42</b>", TEXT)


@pytest.mark.parametrize("echo", ["", "x" * 1000])
def test_an_address_check_without_a_usable_echo_is_refused(
    door: Webhook, wechat: PretendWeChat, echo: str
) -> None:
    assert door.receive(wechat.check(echo)).status == 400


def test_an_address_check_with_a_bad_signature_is_refused(door: Webhook, wechat: PretendWeChat) -> None:
    check = wechat.check()
    response = door.receive(WireRequest("GET", {**check.query, "signature": "0" * 40}))
    assert (response.status, response.body) == (403, b"refused")


def test_an_event_that_nobody_answers_gets_success(door: Webhook, wechat: PretendWeChat) -> None:
    assert door.receive(wechat.event("LOCATION", Latitude="x")) == SUCCESS


def refused_requests(wechat: PretendWeChat, clock: ManualClock) -> dict[str, tuple[WireRequest, int]]:
    good = wechat.text()
    stranger = PretendWeChat(clock, app_id="wx0000000000000000").text()
    plain = PretendWeChat(clock, "plain").text()
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]><xml><FromUserName>&a;</FromUserName></xml>'
    return {
        "signature": (WireRequest("POST", {**good.query, "signature": "0" * 40}, good.body), 403),
        "no parameters": (WireRequest("POST", {}, good.body), 403),
        "message signature": (WireRequest("POST", {**good.query, "msg_signature": "0" * 40}, good.body), 403),
        "plain body": (plain, 400),
        "plain body, encrypted query": (WireRequest("POST", good.query, plain.body), 400),
        "another account": (stranger, 403),
        "cut body": (WireRequest("POST", good.query, good.body[:-40]), 400),
        "cut ciphertext": (WireRequest("POST", good.query, good.body.replace(b"]]></Encrypt>", b"")), 400),
        "no body": (WireRequest("POST", good.query), 400),
        "oversized": (WireRequest("POST", good.query, b"x" * (MAX_BODY_BYTES + 1)), 413),
        "entities outside": (WireRequest("POST", good.query, bomb.encode()), 400),
        "entities inside": (wechat.deliver(bomb), 400),
        "nobody sent it": (wechat.deliver("<xml><MsgType>text</MsgType></xml>"), 400),
        "method": (WireRequest("PUT", good.query, good.body), 405),
    }


REFUSED = list(refused_requests(PretendWeChat(ManualClock()), ManualClock()))


@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_request_has_no_effect(
    case: str, door: Webhook, robot: Echo, embedded: KeyValueStore, wechat: PretendWeChat, clock: ManualClock
) -> None:
    request, status = refused_requests(wechat, clock)[case]
    response = door.receive(request)
    assert (response.status, response.body) == (status, b"refused")
    assert robot.handled == []
    assert embedded.get(f"talk:{OPENID}") is None


def test_a_stale_request_is_refused(
    door: Webhook, robot: Echo, wechat: PretendWeChat, clock: ManualClock
) -> None:
    request = wechat.text()
    clock.advance(WINDOW_S + 1)
    assert door.receive(request).status == 403
    assert robot.handled == []


def test_a_repeated_message_is_worked_on_once_and_gets_the_same_reply(
    door: Webhook, robot: Echo, wechat: PretendWeChat
) -> None:
    said = {wechat.said(door.receive(wechat.text("买 1", msg_id=7))) for _ in range(4)}
    assert said == {"你说：买 1"}
    assert robot.handled == ["买 1"]


def test_a_replay_inside_the_window_does_nothing(
    door: Webhook, robot: Echo, wechat: PretendWeChat, clock: ManualClock
) -> None:
    request = wechat.text("买 1")
    door.receive(request)
    clock.advance(WINDOW_S - 1)
    assert wechat.said(door.receive(request)) == "你说：买 1"
    assert robot.handled == ["买 1"]


def test_messages_of_one_second_are_told_apart(door: Webhook, robot: Echo, wechat: PretendWeChat) -> None:
    door.receive(wechat.text("a", msg_id=7))
    door.receive(wechat.text("b", msg_id=8))
    door.receive(wechat.text("c", msg_id=7, openid="o" * 28))
    assert robot.handled == ["a", "b", "c"]


def test_events_of_one_second_are_told_apart_by_name_and_key(
    door: Webhook, robot: Echo, wechat: PretendWeChat
) -> None:
    seen: list[str] = []
    robot.handler(lambda message: seen.append(message.type + message.key))
    for name, key in [
        ("CLICK", "A"),
        ("CLICK", "A"),
        ("CLICK", "B"),
        ("VIEW", "A"),
        ("unsubscribe", ""),
        ("LOCATION", ""),
    ]:
        door.receive(wechat.event(name, EventKey=key))
    assert seen == ["click_eventA", "click_eventB", "view_eventA", "unsubscribe_event", "location_event"]


def test_the_conversation_goes_on(door: Webhook, wechat: PretendWeChat) -> None:
    door.receive(wechat.text("第一句"))
    assert wechat.said(door.receive(wechat.text("第二句"))) == "你说：第二句，上次：第一句"
    assert wechat.said(door.receive(wechat.text("别人", openid="o" * 28))) == "你说：别人"


def test_a_handler_that_breaks_gets_its_follower_a_sentence(
    door: Webhook, robot: Echo, wechat: PretendWeChat
) -> None:
    def broken(message: object) -> str:
        raise ZeroDivisionError

    robot.subscribe(broken)
    assert wechat.said(door.receive(wechat.event("subscribe"))) == "抱歉（error.sorry）"


def opened(door: Webhook, request: WireRequest) -> Letter:
    letter = door.gate.open(request)
    assert isinstance(letter, Letter)
    return letter


def test_an_answer_past_its_turn_leaves_as_a_message_of_its_own(
    door: Webhook, wechat: PretendWeChat, late: Late
) -> None:
    request, turn = wechat.text("慢"), Turn(Budget())
    turn.take()  # the edge gave the wire up
    assert door.answer(opened(door, request), turn) == SUCCESS
    assert late == [(OPENID, "你说：慢")]
    # A repeat must not bring the same answer a second time.
    assert door.receive(request) == SUCCESS
    assert len(late) == 1


class Watched(SqliteStore):
    """Notes what is kept for a message, and lets the edge give up just then."""

    def __init__(self, path: Path, gives_up: Turn | None = None) -> None:
        super().__init__(path)
        self.kept: list[bytes] = []
        self._gives_up = gives_up

    def together(self, *steps: Step) -> list[Result]:
        results = super().together(*steps)
        kept = [step.value for step in steps if isinstance(step, Set) and step.key.startswith("seen:")]
        self.kept += kept
        if kept and self._gives_up:
            self._gives_up.take()
        return results


def test_what_leaves_late_is_never_kept_for_a_repeat(
    tmp_path: Path, clock: ManualClock, wechat: PretendWeChat
) -> None:
    store, turn = Watched(tmp_path / "kv.db"), Turn(Budget())
    door = Webhook(account(), Echo(), store, clock, late=lambda *_: None)
    turn.take()
    door.answer(opened(door, wechat.text()), turn)
    assert set(store.kept) == {b"!"}


def test_an_answer_that_misses_its_turn_by_a_hair_leaves_late_and_once(
    tmp_path: Path, clock: ManualClock, wechat: PretendWeChat, late: Late
) -> None:
    turn = Turn(Budget())
    store = Watched(tmp_path / "kv.db", gives_up=turn)
    door = Webhook(account(), Echo(), store, clock, late=lambda *sent: late.append(sent))
    request = wechat.text("慢")
    assert door.answer(opened(door, request), turn) == SUCCESS
    assert late == [(OPENID, "你说：慢")]
    assert door.receive(request) == SUCCESS


def test_a_late_answer_that_cannot_be_sent_breaks_nothing(
    robot: Echo, embedded: KeyValueStore, clock: ManualClock, wechat: PretendWeChat
) -> None:
    def unreachable(_openid: str, _text: str) -> None:
        raise Unavailable("WeChat does not answer")

    door, turn = Webhook(account(), robot, embedded, clock, late=unreachable), Turn(Budget())
    turn.take()
    slow = wechat.text("慢")
    assert door.answer(opened(door, slow), turn) == SUCCESS
    # It comes with the answer to the next message, once, and not with a repeat of its own.
    assert door.receive(slow) == SUCCESS
    following = wechat.text("二")
    both = "抱歉（late.head）\n你说：慢\n\n抱歉（late.foot）\n\n你说：二，上次：慢"
    assert [wechat.said(door.receive(following)) for _ in range(2)] == [both, both]
    assert wechat.said(door.receive(wechat.text("三"))) == "你说：三，上次：二"


def test_a_late_answer_that_may_have_arrived_is_not_sent_again(
    robot: Echo, embedded: KeyValueStore, clock: ManualClock, wechat: PretendWeChat, late: Late
) -> None:
    def silent(openid: str, text: str) -> None:
        late.append((openid, text))
        raise Unsure("WeChat's answer cannot be read")

    door, turn = Webhook(account(), robot, embedded, clock, late=silent), Turn(Budget())
    turn.take()
    assert door.answer(opened(door, wechat.text("慢")), turn) == SUCCESS
    assert late == [(OPENID, "你说：慢")]
    assert wechat.said(door.receive(wechat.text("二"))) == "你说：二，上次：慢"


def late_turn() -> Turn:
    """The edge gave the wire up."""
    turn = Turn(Budget())
    turn.take()
    return turn


def counted(outcome: str) -> float:
    return float(MESSAGES.labels("text", outcome)._value.get())


def test_a_late_hand_over_is_asked_for_again(
    door: Webhook, robot: Echo, wechat: PretendWeChat, late: Late
) -> None:
    """What hands over to customer service works on the wire of its own message only."""
    robot.add_handler(to_customer_service, "image")
    door.answer(
        opened(door, wechat.deliver(wechat.xml("image", PicUrl="x", MediaId="x", MsgId="9"))), late_turn()
    )
    assert late == [(OPENID, "抱歉（late.again）")]


def test_a_late_silence_stays_one(door: Webhook, wechat: PretendWeChat, late: Late) -> None:
    assert door.answer(opened(door, wechat.event("LOCATION")), late_turn()) == SUCCESS
    assert late == []


class Gone(SqliteStore):
    def together(self, *steps: Step) -> list[Result]:
        raise Unavailable("the store is gone")


def test_who_cannot_be_answered_for_want_of_a_store_hears_so_late_too(
    tmp_path: Path, clock: ManualClock, wechat: PretendWeChat, late: Late
) -> None:
    store = Gone(tmp_path / "kv.db")
    door = Webhook(account(), Echo(), store, clock, late=lambda *sent: late.append(sent))
    before = counted("failed_late")
    assert door.answer(opened(door, wechat.text()), late_turn()) == SUCCESS
    assert late == [(OPENID, "抱歉（error.busy）")]
    assert counted("failed_late") == before + 1


def test_an_answer_on_its_way_is_in_the_store_until_it_has_gone(
    embedded: KeyValueStore, clock: ManualClock, wechat: PretendWeChat
) -> None:
    def send(openid: str, text: str) -> None:
        owed.append(Conversations(embedded).load(openid).owed)

    owed: list[tuple[Owed, ...]] = []
    door = Webhook(account(), Echo(), embedded, clock, late=send)
    door.answer(opened(door, wechat.text("慢")), late_turn())
    assert [[text for _, text in texts] for texts in owed] == [["你说：慢"]]
    assert Conversations(embedded).load(OPENID).owed == ()
    assert wechat.said(door.receive(wechat.text("二"))) == "你说：二，上次：慢"


def test_owed_answers_add_up_within_a_bound(
    robot: Echo, embedded: KeyValueStore, clock: ManualClock, wechat: PretendWeChat
) -> None:
    def unreachable(_openid: str, _text: str) -> None:
        raise Unavailable("WeChat does not answer")

    robot.view(lambda message: message.key)
    door = Webhook(account(), robot, embedded, clock, late=unreachable)
    for number in range(MAX_OWED + 2):
        door.answer(opened(door, wechat.event("VIEW", EventKey=f"慢{number}")), late_turn())
    owed = [text for _, text in Conversations(embedded).load(OPENID).owed]
    # The first went into the second, and so on: nothing that there was room for is lost.
    assert "慢5" in "".join(owed) and len(owed) <= MAX_OWED
    assert all(f"慢{number}" in "".join(owed) for number in range(2, MAX_OWED + 2))


def test_an_answer_is_owed_for_as_long_as_the_follower_can_be_written_to(
    tmp_path: Path, clock: ManualClock, wechat: PretendWeChat
) -> None:
    store = SqliteStore(tmp_path / "kv.db", now_s=lambda: clock.now().timestamp())
    Conversations(store).owe(OPENID, Owed(60, "慢"))
    clock.advance(OWED_TTL_S - 60)
    door = Webhook(account(), Echo(), store, clock, late=lambda *_: None)
    assert "慢" in wechat.said(door.receive(wechat.text("二")))


def test_who_takes_over_a_dead_claim_clears_the_line(
    tmp_path: Path, clock: ManualClock, wechat: PretendWeChat
) -> None:
    """The next message of the follower finds it free, whatever the time of the dead mark."""

    def now_s() -> float:
        return clock.now().timestamp()

    store = SqliteStore(tmp_path / "kv.db", now_s=now_s)
    line = Line(store, pause=clock.advance, now_s=lambda: 0.0)  # by its own clock nobody is ever passed by
    door = Webhook(account(), Echo(), store, clock, late=lambda *_: None, line=line, pause=clock.advance)
    request = wechat.text("一")
    dead = opened(door, request)
    store.together(Add(dead.key, b"?" + dead.mark, LEASE_S), *line.entering(OPENID, dead.mark))
    assert wechat.said(door.receive(request)) == "你说：一"
    assert store.get(f"line:{OPENID}") is None


# What opens windows for messages of ours


@pytest.fixture
def quota(embedded: KeyValueStore, clock: ManualClock) -> Quota:
    return Quota(embedded, clock)


def spend(quota: Quota, count: int) -> None:
    assert all(quota.take(OPENID) for _ in range(count))


def test_a_message_that_is_answered_opens_its_window(
    door: Webhook, wechat: PretendWeChat, quota: Quota
) -> None:
    door.receive(wechat.text("你好"))
    assert quota.left(OPENID) == 5
    door.receive(wechat.event("CLICK", EventKey="HELP"))
    assert quota.left(OPENID) == 8


def test_who_leaves_shuts_the_windows_and_who_follows_opens_one(
    door: Webhook, wechat: PretendWeChat, quota: Quota
) -> None:
    door.receive(wechat.text("你好"))
    door.receive(wechat.event("unsubscribe"))
    assert quota.left(OPENID) == 0
    door.receive(wechat.event("subscribe"))
    assert quota.left(OPENID) == 3


def test_a_repeat_opens_no_window(door: Webhook, wechat: PretendWeChat, quota: Quota) -> None:
    door.receive(wechat.text("一", msg_id=1))
    spend(quota, 2)
    door.receive(wechat.text("一", msg_id=1))
    assert quota.left(OPENID) == 3


def test_a_repeat_does_not_bring_an_older_window_back(
    door: Webhook, wechat: PretendWeChat, quota: Quota
) -> None:
    door.receive(wechat.text("一", msg_id=1))
    door.receive(wechat.text("二", msg_id=2))
    spend(quota, 4)
    door.receive(wechat.text("一", msg_id=1))
    assert quota.left(OPENID) == 1


def test_a_window_counts_from_the_first_delivery_even_if_its_worker_died(
    door: Webhook, wechat: PretendWeChat, quota: Quota, clock: ManualClock
) -> None:
    """Nothing is in the store of the first delivery, as after a kill; the second comes 10 s later."""
    first = opened(door, wechat.event("CLICK", EventKey="HELP"))
    clock.advance(10)
    again = replace(first, at_s=first.at_s + 10)
    door.answer(again, Turn(Budget()))
    clock.advance(60 - 10 - MARGIN_S)
    assert quota.left(OPENID) == 0


def test_a_late_answer_finds_the_window_of_its_own_message(
    embedded: KeyValueStore, clock: ManualClock, wechat: PretendWeChat, late: Late
) -> None:
    """Also where the door's store writes a moment later."""
    behind = WriteBehind(embedded)
    quota = Quota(embedded, clock, windows=behind)

    def send(openid: str, text: str) -> None:
        with quota.spending(openid):
            late.append((openid, text))

    door, turn = Webhook(account(), Echo(), behind, clock, late=send), Turn(Budget())
    turn.take()
    door.answer(opened(door, wechat.text("慢")), turn)
    behind.close()
    assert late == [(OPENID, "你说：慢")]


def test_a_late_answer_without_a_window_is_owed(
    embedded: KeyValueStore, clock: ManualClock, wechat: PretendWeChat, quota: Quota, late: Late
) -> None:
    def send(openid: str, text: str) -> None:
        with quota.spending(openid):
            late.append((openid, text))

    robot, turn = Echo(), Turn(Budget())
    robot.view(lambda _message: "慢")
    door = Webhook(account(), robot, embedded, clock, late=send)
    turn.take()
    door.answer(opened(door, wechat.event("VIEW", EventKey="https://x")), turn)
    assert late == []
    assert "慢" in wechat.said(door.receive(wechat.text("二")))


def text_message(content: str) -> Message:
    fields = {"FromUserName": OPENID, "ToUserName": US, "CreateTime": "1", "MsgType": "text"}
    return to_message({**fields, "Content": content, "MsgId": "1"})


def owing(*texts: str, due_s: int = 0) -> Conversation:
    return Conversation(OPENID, owed=tuple(Owed(due_s, text) for text in texts))


def test_an_owed_answer_gets_the_room_that_the_new_one_leaves(robot: Echo) -> None:
    talk = owing("\n".join("旧" * 20 for _ in range(40)))
    new = robot.answer(text_message("新" * 300), Conversation(OPENID))
    both = robot.with_owed(new, text_message("x"), talk, now_s=1)
    assert talk.owed == ()
    assert both.text.endswith(f"\n\n{new.text}")
    assert both.text.startswith("抱歉（late.head）\n旧") and "…" in both.text
    assert len(both.text.encode()) <= 2048


def test_an_owed_answer_waits_on_when_there_is_no_room(robot: Echo) -> None:
    talk = owing("旧")
    new = robot.answer(text_message("新" * 660), Conversation(OPENID))
    assert robot.with_owed(new, text_message("x"), talk, now_s=1) == new
    assert talk == owing("旧")


def test_an_owed_answer_waits_for_an_answer_of_text(robot: Echo) -> None:
    talk = owing("旧")
    assert robot.with_owed(NOTHING, text_message("x"), talk, now_s=1) == NOTHING
    assert talk == owing("旧")


def test_of_several_owed_answers_go_out_as_many_as_find_room(robot: Echo) -> None:
    talk = owing("一" * 200, "二" * 200, "三" * 200)
    new = robot.answer(text_message("新" * 100), Conversation(OPENID))
    both = robot.with_owed(new, text_message("x"), talk, now_s=1)
    assert "一" * 200 + "\n\n" + "二" * 200 in both.text and "三" not in both.text
    assert talk == owing("三" * 200)


def test_what_somebody_is_about_to_send_is_not_told_twice(robot: Echo) -> None:
    talk = owing("旧", due_s=60)
    new = robot.answer(text_message("新"), Conversation(OPENID))
    assert robot.with_owed(new, text_message("x"), talk, now_s=59) == new
    assert "旧" in robot.with_owed(new, text_message("x"), talk, now_s=60).text
