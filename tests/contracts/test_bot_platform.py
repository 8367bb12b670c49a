"""Every call that the product makes, against the pretend platform over HTTP, which refuses as WeChat does."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from bot.api import WeChatApi
from bot.calls.jssdk import sign
from bot.calls.messages import Article
from bot.errcode import ApiRefused, NoneLeft, NotPermitted, NotWhitelisted, Unsure, WindowClosed
from bot.quota import Quota
from bot.token import StableToken
from handlers import push
from infra.clock import ManualClock
from infra.database import Database
from infra.errors import KebanError, Unavailable
from infra.http import Door
from infra.keyvalue_sqlite import SqliteStore
from infra.outbox import Outbox, Parcel, put
from sandbox.app import Running, running_sandbox
from sandbox.clock import ManualClock as SandboxClock
from sandbox.config import from_dict

OPENID, OTHER = "oA1b2C3d4E5f6G7h8I9j0K1l2M3n", "oZ9y8X7w6V5u4T3s2R1q0P9o8N7m"
TEMPLATE = "T" * 43
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64
TAP = {"type": "click", "key": "HELP"}


class Quiet(BaseHTTPRequestHandler):
    """A service that has nothing to say."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("Content-Length", "7")
        self.end_headers()
        self.wfile.write(b"success")

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def service_url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def later() -> SandboxClock:
    """The platform's time."""
    return SandboxClock()


@pytest.fixture
def sandbox(platform_keys: dict[str, Any], service_url: str, later: SandboxClock) -> Iterator[Running]:
    config = replace(from_dict(platform_keys), port=0, service_url=service_url)
    with running_sandbox(config, later) as running:
        yield running


@pytest.fixture
def api(sandbox: Running, tmp_path: Path, clock: ManualClock) -> WeChatApi:
    return made(sandbox, SqliteStore(tmp_path / "kv.db"), clock)


def made(
    sandbox: Running,
    store: SqliteStore,
    clock: ManualClock,
    *,
    quota: Quota | None = None,
    app_id: str = "",
    secret: str = "",
) -> WeChatApi:
    config, door = sandbox.config, Door("wechat", read_timeout_s=1.0)
    app_id, secret = app_id or config.app_id, secret or config.app_secret
    tokens = StableToken(store, clock, door, app_id=app_id, secret=secret, api_base=sandbox.url)
    return WeChatApi(tokens, door, app_id=app_id, api_base=sandbox.url, quota=quota)


def does(sandbox: Running, openid: str = OPENID, **message: Any) -> None:
    """A follower does something; "你好" when nothing is said."""
    body = {"openid": openid, "content": "你好", **message}
    requests.post(f"{sandbox.url}/api/messages", json=body, timeout=10).raise_for_status()


def inbox(sandbox: Running, openid: str = OPENID) -> list[dict[str, Any]]:
    answer = requests.get(f"{sandbox.url}/api/followers/{openid}/inbox", timeout=5).json()
    messages: list[dict[str, Any]] = answer["messages"]
    return messages


def faults(sandbox: Running, **wanted: Any) -> None:
    requests.put(f"{sandbox.url}/api/faults", json=wanted, timeout=5).raise_for_status()


def errcode(work: Callable[[], object]) -> int:
    """What WeChat said; 0 when it did it."""
    try:
        work()
    except KebanError as error:
        return int(getattr(error, "errcode", -2))
    return 0


# Customer messages


def test_text_menu_card_and_picture_arrive(api: WeChatApi, sandbox: Running) -> None:
    does(sandbox)
    api.messages.text(OPENID, "收据")
    api.messages.menu(OPENID, "满意吗？", [("1", "满意"), ("2", "不满意")], "谢谢")
    api.messages.article(OPENID, Article("Python 爬虫", "https://keban.example/courses/a", "从零开始"))
    api.messages.image(OPENID, api.media.id_of("image", PNG, "cover.png"))
    text, menu, card, picture = inbox(sandbox)
    assert text["content"] == "收据"
    assert menu["content"].startswith("满意吗？\n<a ") and "msgmenuid=2" in menu["content"]
    assert card["articles"][0]["url"] == "https://keban.example/courses/a"
    assert picture["type"] == "image"


def test_a_long_menu_keeps_its_choices(api: WeChatApi, sandbox: Running) -> None:
    does(sandbox)
    api.messages.menu(OPENID, "课程\n" * 400, [("1", "满意")])
    assert inbox(sandbox)[0]["content"].endswith("满意</a>")


@pytest.mark.parametrize(
    ("doing", "count", "window_s"), [({}, 5, 48 * 3600), (TAP, 3, 60), ({"type": "subscribe"}, 3, 60)]
)
def test_our_quota_is_the_platforms(
    sandbox: Running,
    tmp_path: Path,
    clock: ManualClock,
    later: SandboxClock,
    doing: dict[str, str],
    count: int,
    window_s: float,
) -> None:
    """With the quota WeChat never refuses; without it the platform gives just as many."""
    store = SqliteStore(tmp_path / "kv.db")
    quota = Quota(store, clock)
    ours, bare = made(sandbox, store, clock, quota=quota), made(sandbox, store, clock)
    kind = {"click": "click_event", "subscribe": "subscribe_event"}.get(doing.get("type", ""), "text")
    does(sandbox, **doing)
    quota.opened(OPENID, kind)
    for _ in range(count):
        ours.send_text(OPENID, "收据")
    with pytest.raises(NoneLeft):
        ours.send_text(OPENID, "收据")
    assert len(inbox(sandbox)) == count
    assert errcode(lambda: bare.send_text(OPENID, "收据")) == 45047
    does(sandbox, **doing)
    quota.opened(OPENID, kind)
    for its in (clock, later):
        its.advance(window_s)
    assert quota.left(OPENID) == 0
    assert errcode(lambda: bare.send_text(OPENID, "收据")) == 45015


def test_a_window_that_only_wechat_knows_to_be_closed_is_closed_for_us_too(
    sandbox: Running, tmp_path: Path, clock: ManualClock
) -> None:
    store = SqliteStore(tmp_path / "kv.db")
    quota = Quota(store, clock)
    does(sandbox)
    does(sandbox, type="unsubscribe")
    quota.opened(OPENID, "text")
    with pytest.raises(WindowClosed):
        made(sandbox, store, clock, quota=quota).send_text(OPENID, "收据")
    assert quota.left(OPENID) == 0


class Post:
    """The outbox with a worker that pushes by ``api``; what waits is released by its quota."""

    def __init__(self, db: Database, clock: ManualClock, api: WeChatApi) -> None:
        self._db, self._clock, self._api = db, clock, api
        self.outbox = Outbox(db, clock)

    def put(self, *keys: str) -> None:
        for key in keys:
            with self._db.transaction() as conn:
                put(conn, topic="receipt", key=key, payload={"openid": OPENID}, now=self._clock.now())

    def work(self) -> int:
        self.outbox.release(push.ready(self._api.reachable))
        return self.outbox.deliver({"receipt": self._push})

    def waiting(self) -> list[tuple[str, int]]:
        return [(parcel.key, parcel.tries) for parcel in self.outbox.waiting()]

    def _push(self, parcel: Parcel) -> None:
        self._api.send_text(parcel.payload["openid"], parcel.key, once=parcel.key)


@pytest.mark.parametrize("refuses", [45047, 45015])
def test_what_wechat_refuses_waits_for_the_followers_next_message(
    sandbox: Running,
    tmp_path: Path,
    db: Database,
    clock: ManualClock,
    later: SandboxClock,
    refuses: int,
) -> None:
    """Our count says that there are messages left; WeChat, which counts what others sent too, does not."""
    store = SqliteStore(tmp_path / "kv.db")
    quota, bare = Quota(store, clock), made(sandbox, store, clock)
    post = Post(db, clock, made(sandbox, store, clock, quota=quota))
    does(sandbox)
    quota.opened(OPENID, "text")
    if refuses == 45047:
        for _ in range(5):
            bare.send_text(OPENID, "另一个系统发的")
    else:
        later.advance(48 * 3600)
    assert errcode(lambda: bare.send_text(OPENID, "收据")) == refuses
    post.put("a", "b")
    assert [post.work() for _ in range(3)] == [0, 0, 0]
    assert post.waiting() == [("a", 0), ("b", 0)]
    does(sandbox)
    quota.opened(OPENID, "text")
    assert (post.work(), post.waiting()) == (2, [])
    assert [one["content"] for one in inbox(sandbox)][-2:] == ["a", "b"]


def test_what_is_more_than_wechat_takes_goes_after_the_next_message(
    sandbox: Running, tmp_path: Path, db: Database, clock: ManualClock
) -> None:
    store = SqliteStore(tmp_path / "kv.db")
    quota = Quota(store, clock)
    post = Post(db, clock, made(sandbox, store, clock, quota=quota))
    for opens, goes in [("text", 5), ("subscribe_event", 3), ("text", 4)]:
        does(sandbox, **({"type": "subscribe"} if opens == "subscribe_event" else {}))
        quota.opened(OPENID, opens)
        if opens == "text" and goes == 5:
            post.put(*(f"receipt:{number:02}" for number in range(12)))
        assert [post.work() for _ in range(3)] == [goes, 0, 0]
    assert [one["content"] for one in inbox(sandbox)] == [f"receipt:{number:02}" for number in range(12)]


def test_a_picture_that_is_gone_is_told(api: WeChatApi, sandbox: Running, later: SandboxClock) -> None:
    does(sandbox)
    media_id = api.media.id_of("image", PNG, "cover.png")
    later.advance(3 * 86_400)
    does(sandbox)
    assert errcode(lambda: api.messages.image(OPENID, media_id)) == 40007
    assert errcode(lambda: api.messages.image(OPENID, "nothing")) == 40007


# Templates and subscriptions


def test_a_template_needs_no_window_and_is_cut_to_its_fields(api: WeChatApi, sandbox: Running) -> None:
    does(sandbox, type="subscribe")
    fields = {
        "thing1": "从零开始学 Python 网络爬虫，一直到能够上线为止",
        "time2": "2026-01-05 10:00",
        "thing3": "一\n二",
    }
    api.messages.template(OPENID, TEMPLATE, fields, once="receipt:1", url="https://keban.example/me")
    sent = inbox(sandbox)[-1]
    lines = sent["content"].split("\n")
    assert (sent["type"], len(lines[0]), lines[1:]) == ("template", 20, ["2026-01-05 10:00", "一 二"])


def test_a_template_is_sent_once_under_its_key(
    api: WeChatApi, sandbox: Running, tmp_path: Path, clock: ManualClock
) -> None:
    does(sandbox, type="subscribe")
    another = made(sandbox, SqliteStore(tmp_path / "of another machine.db"), clock)
    for process in (api, api, another):
        process.messages.template(OPENID, TEMPLATE, {"thing1": "收据"}, once="receipt:1")
    api.messages.template(OPENID, TEMPLATE, {"thing1": "收据"}, once="receipt:2")
    assert [line["type"] for line in inbox(sandbox)] == ["template", "template"]


@pytest.mark.parametrize(
    ("openid", "template_id", "fields", "expected"),
    [
        (OTHER, TEMPLATE, {"thing1": "a"}, 40003),
        (OPENID, "short", {"thing1": "a"}, 40037),
        (OPENID, TEMPLATE, {}, 47003),
        (OPENID, TEMPLATE, {"thing1": ""}, 47003),
    ],
)
def test_a_template_with_a_fault_is_refused(
    api: WeChatApi, sandbox: Running, openid: str, template_id: str, fields: dict[str, str], expected: int
) -> None:
    does(sandbox, type="subscribe")
    assert errcode(lambda: api.messages.template(openid, template_id, fields, once="x")) == expected


def test_who_left_gets_no_template(api: WeChatApi, sandbox: Running) -> None:
    does(sandbox, type="subscribe")
    does(sandbox, type="unsubscribe")
    assert errcode(lambda: api.messages.template(OPENID, TEMPLATE, {"thing1": "a"}, once="x")) == 43004


def test_a_subscription_message_takes_an_agreement(api: WeChatApi, sandbox: Running) -> None:
    does(sandbox)

    def tell() -> None:
        api.messages.subscription(
            OPENID, TEMPLATE, {"thing1": "新课上线"}, page="https://keban.example/courses"
        )

    assert errcode(tell) == 43101
    address = f"{sandbox.url}/api/followers/{OPENID}/agreements"
    assert requests.post(address, json={"template_id": TEMPLATE}, timeout=5).json() == {"agreed": True}
    assert [errcode(tell), errcode(tell)] == [0, 43101]
    assert inbox(sandbox)[-1]["content"] == "新课上线"


# QR codes


def test_a_temporary_code_says_where_it_leads_and_has_a_picture(api: WeChatApi, later: SandboxClock) -> None:
    code = api.qrcodes.temporary("poster-1", expires_s=600)
    assert code.expires_s == 600 and code.url.startswith("http")
    shown = requests.get(code.picture_url, timeout=5)
    assert shown.status_code == 200 and shown.headers["Content-Type"].startswith("image/")
    later.advance(600)
    assert requests.get(code.picture_url, timeout=5).status_code == 404


def test_a_permanent_code_has_no_end(api: WeChatApi, later: SandboxClock) -> None:
    code = api.qrcodes.permanent("课" * 64)
    later.advance(365 * 86_400)
    assert code.expires_s is None
    assert requests.get(code.picture_url, timeout=5).status_code == 200


@pytest.mark.parametrize(("scene", "expires_s"), [("", 600), ("s" * 65, 600), ("s", 2_592_001), ("s", 0)])
def test_a_code_that_wechat_would_not_make_is_a_mistake(api: WeChatApi, scene: str, expires_s: int) -> None:
    with pytest.raises(ValueError, match=r"scene|expires_s"):
        api.qrcodes.temporary(scene, expires_s=expires_s)


def test_pictures_of_codes_come_from_wechats_other_host(
    tmp_path: Path, clock: ManualClock, sandbox: Running
) -> None:
    door = Door("wechat")
    tokens = StableToken(
        SqliteStore(tmp_path / "q.db"), clock, door, app_id="a", secret="b", api_base="http://x"
    )
    for host in ("api", "sh.api"):
        real = WeChatApi(tokens, door, app_id="a", api_base=f"https://{host}.weixin.qq.com")
        assert real.qrcodes._picture_base == "https://mp.weixin.qq.com"


# Tags and users


def test_a_tag_is_made_once_and_put_on_and_off(api: WeChatApi, sandbox: Running) -> None:
    does(sandbox, type="subscribe")
    tag = api.tags.ensure("老师")
    assert api.tags.ensure("老师") == tag
    api.tags.tag(tag.id, [OPENID])
    api.tags.tag(tag.id, [OPENID])
    assert api.tags.of(OPENID) == [tag.id]
    assert api.users.info(OPENID).tag_ids == (tag.id,)
    assert [one.followers for one in api.tags.all() if one.name == "老师"] == [1]
    api.tags.untag(tag.id, [OPENID])
    assert api.tags.of(OPENID) == []
    api.tags.delete(tag.id)
    assert "老师" not in [one.name for one in api.tags.all()]


def test_many_followers_are_tagged_in_batches(api: WeChatApi, sandbox: Running) -> None:
    openids = [f"oB{secrets.token_hex(13)}" for _ in range(51)]
    for openid in openids:
        does(sandbox, openid, type="subscribe")
    tag = api.tags.ensure("学员")
    api.tags.tag(tag.id, openids)
    assert api.tags.of(openids[0]) == api.tags.of(openids[50]) == [tag.id]


def test_a_tag_with_a_fault_is_refused(api: WeChatApi, sandbox: Running) -> None:
    does(sandbox, type="subscribe")
    with pytest.raises(ValueError, match="30 bytes"):
        api.tags.ensure("很长很长很长很长很长的名字")
    assert errcode(lambda: api.tags.tag(999, [OPENID])) == 45159
    assert errcode(lambda: api.tags.tag(api.tags.ensure("学员").id, [OTHER])) == 49003
    assert errcode(lambda: api.tags.delete(2)) == 45058


def test_followers_are_known_and_listed(api: WeChatApi, sandbox: Running) -> None:
    assert list(api.users.openids()) == []
    does(sandbox, type="subscribe")
    does(sandbox, OTHER, type="subscribe")
    does(sandbox, OTHER, type="unsubscribe")
    assert list(api.users.openids()) == [OPENID]
    assert api.users.info(OPENID).subscribed and api.users.info(OPENID).subscribed_at_s > 0
    assert not api.users.info(OTHER).subscribed
    assert errcode(lambda: api.users.info("oNobody")) == 40003


# Menus


def test_a_menu_for_a_tag_stands_beside_the_one_for_everybody(api: WeChatApi) -> None:
    tag = api.tags.ensure("老师")
    menu = {"button": [{"type": "click", "name": "帮助", "key": "HELP"}]}
    assert errcode(lambda: api.menus.add_for_tag(menu, tag.id)) == 65303
    api.menus.create(menu)
    menu_id = api.menus.add_for_tag({"button": [{"type": "click", "name": "上课", "key": "TEACH"}]}, tag.id)
    assert [one["button"][0]["name"] for one in api.menus.for_tags()] == ["上课"]
    present = api.menus.get()
    assert present is not None and present["button"][0]["name"] == "帮助"
    api.menus.delete_for_tag(menu_id)
    assert api.menus.for_tags() == []


# Media and pages


def test_a_picture_is_uploaded_once_while_wechat_keeps_it(
    sandbox: Running, tmp_path: Path, clock: ManualClock
) -> None:
    moment = [1_760_000_000.0]
    api = made(sandbox, SqliteStore(tmp_path / "m.db", now_s=lambda: moment[0]), clock)
    first = api.media.id_of("image", PNG, "cover.png")
    assert api.media.id_of("image", PNG, "renamed.png") == first
    assert api.media.id_of("image", PNG + b"!", "cover.png") != first
    moment[0] += 2.5 * 86_400
    assert api.media.id_of("image", PNG, "cover.png") != first


def test_a_medium_with_a_fault_is_refused(api: WeChatApi) -> None:
    with pytest.raises(ValueError, match="bytes"):
        api.media.id_of("thumb", b"x" * 70_000, "a.jpg")
    assert errcode(lambda: api.media.id_of("image", PNG, "cover.exe")) == 40005


def test_a_page_is_signed_as_in_wechats_own_example() -> None:
    ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
    signed = sign(ticket, "Wm3WZYTPz0wzccnW", "1414587457", "http://mp.weixin.qq.com?params=value#top")
    assert signed == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"


def test_the_page_ticket_is_shared_and_asked_for_once(
    api: WeChatApi, sandbox: Running, tmp_path: Path, clock: ManualClock
) -> None:
    config = api.jssdk.config("https://keban.example/courses")
    assert config["appId"] == sandbox.config.app_id and len(config["signature"]) == 40
    faults(sandbox, refuse_code=[48001] * 3)
    assert made(sandbox, SqliteStore(tmp_path / "kv.db"), clock).jssdk.config("https://keban.example/")


# The network, and what the platform refuses


def test_where_wechat_comes_from_and_whether_it_finds_us(api: WeChatApi, sandbox: Running) -> None:
    assert api.network.callback_addresses() and api.network.api_addresses()
    assert [reached.lost for reached in api.network.check_callback()] == [False]
    faults(sandbox, callback_lost=1)
    assert [reached.lost for reached in api.network.check_callback()] == [True]


def test_a_token_that_was_taken_away_is_replaced_on_the_way(api: WeChatApi, sandbox: Running) -> None:
    does(sandbox)
    faults(sandbox, token_invalid=1)
    api.send_text(OPENID, "收据")
    assert len(inbox(sandbox)) == 1


@pytest.mark.parametrize(("app_id", "secret", "says"), [("", "no", "app_secret"), ("wx0", "", "app_id")])
def test_a_wrong_account_is_named(
    sandbox: Running, tmp_path: Path, clock: ManualClock, app_id: str, secret: str, says: str
) -> None:
    store = SqliteStore(tmp_path / "w.db")
    with pytest.raises(ApiRefused, match=f"wechat.{says}"):
        made(sandbox, store, clock, app_id=app_id, secret=secret).callback_addresses()


def test_a_server_off_the_white_list_hears_its_own_address(api: WeChatApi, sandbox: Running) -> None:
    faults(sandbox, ip_refused=True)
    with pytest.raises(NotWhitelisted, match=r"stable_token: WeChat answers 40164 for 127\.0\.0\.1"):
        api.callback_addresses()
    faults(sandbox)
    api.callback_addresses()
    faults(sandbox, ip_refused=True)
    with pytest.raises(NotWhitelisted, match="getcallbackip"):
        api.callback_addresses()


def test_an_account_without_the_right_is_told_and_not_asked_again(api: WeChatApi, sandbox: Running) -> None:
    faults(sandbox, refuse_code=48001)
    with pytest.raises(NotPermitted, match="verified"):
        api.messages.template(OPENID, TEMPLATE, {"thing1": "a"}, once="x")


def test_a_wechat_that_does_not_answer_in_time_leaves_us_unsure(api: WeChatApi, sandbox: Running) -> None:
    does(sandbox)
    api.callback_addresses()
    faults(sandbox, api_timeout=1)
    with pytest.raises(Unsure):
        api.send_text(OPENID, "收据")
    assert len(inbox(sandbox)) == 1  # it had done it


def test_a_platform_that_is_gone_is_no_refusal(api: WeChatApi, sandbox: Running) -> None:
    api.callback_addresses()
    sandbox.stop()
    with pytest.raises(Unavailable):
        api.send_text(OPENID, "收据")
