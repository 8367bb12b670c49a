"""Calls to WeChat against a small server that speaks its documented wire, token and refusals included."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import redis

from bot.api import WeChatApi
from bot.calls.messages import SENDING_S
from bot.errcode import (
    ApiBusy,
    ApiRefused,
    CodeSpent,
    NoneLeft,
    NotPermitted,
    NotWhitelisted,
    QuotaSpent,
    Unreachable,
    Unsure,
    WindowClosed,
)
from bot.menu import lines, to_wechat
from bot.oauth import OAuth
from bot.quota import Quota
from bot.shared import LOCK_TTL_S, Kept
from bot.token import FORCED_A_DAY, FORCED_APART_S, RENEW_EARLY_S, StableToken
from infra.clock import ManualClock
from infra.errors import Unavailable
from infra.http import READ_TIMEOUT_S, Door
from infra.keyvalue import KeyValueStore
from infra.keyvalue_sqlite import SqliteStore
from infra.outbox import Deferred, Undeliverable
from tests.process import ROOT
from tests.waiting import until

APP_ID, SECRET = "wx2c2769f8efd9abc2", "0123456789abcdef0123456789abcdef"
LASTS_S = 7200


@dataclass
class Platform:
    """WeChat's side: one valid token, a list of calls, and what to answer next instead."""

    token: str = "t1"
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    refusals: list[dict[str, Any]] = field(default_factory=list)
    raw: bytes | None = None
    status: int = 200
    menu: dict[str, Any] | None = None
    fetching: threading.Event | None = None
    cut: int = 0

    def answer(self, path: str, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((path, body))
        if path == "/cgi-bin/stable_token":
            return self._token(body)
        if path == "/sns/oauth2/access_token":
            return self._login(query)
        if query.get("access_token") != self.token:
            return {"errcode": 40001, "errmsg": "invalid credential, access_token is invalid or not latest"}
        if self.refusals:
            return self.refusals.pop(0)
        return self._do(path, body)

    def count(self, path: str) -> int:
        return [called for called, _ in self.calls].count(path)

    def _token(self, body: dict[str, Any]) -> dict[str, Any]:
        if self.fetching:
            self.fetching.wait(5)
        if body["secret"] != SECRET:
            return {"errcode": 40125, "errmsg": "invalid appsecret, view more at http://t.cn/RAEkdVq"}
        if body["force_refresh"]:
            self.token += "+"
        return {"access_token": self.token, "expires_in": LASTS_S}

    def _login(self, query: dict[str, str]) -> dict[str, Any]:
        codes = {"used": 40163, "wrong": 40029}
        if query["code"] in codes:
            return {"errcode": codes[query["code"]], "errmsg": "code been used, rid: 1-2-3"}
        return {"access_token": "web", "expires_in": 7200, "openid": "o1", "scope": query["grant_type"]}

    def _do(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if path == "/cgi-bin/menu/create":
            self.menu = body
        if path == "/cgi-bin/menu/get":
            return {"menu": self.menu} if self.menu else {"errcode": 46003, "errmsg": "menu no exist"}
        if path == "/cgi-bin/getcallbackip":
            return {"ip_list": ["101.226.62.77", "101.226.62.78"]}
        return {"errcode": 0, "errmsg": "ok"}


class Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that gave up is what some tests are about."""


def serve(platform: Platform) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            query = {name: values[0] for name, values in parse_qs(address.query).items()}
            said = platform.answer(address.path, query, json.loads(body or b"{}"))
            if platform.cut and address.path != "/cgi-bin/stable_token":
                platform.cut -= 1
                return  # and the connection closes without a word
            data = platform.raw if platform.raw is not None else json.dumps(said).encode()
            self.send_response(platform.status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Quiet."""

    return Server(("127.0.0.1", 0), Handler)


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture
def base(platform: Platform) -> Iterator[str]:
    server = serve(platform)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def tokens(store: KeyValueStore, clock: ManualClock, base: str) -> StableToken:
    return made(store, clock, base)


@pytest.fixture
def api(tmp_path: Path, clock: ManualClock, base: str) -> WeChatApi:
    return called(made(SqliteStore(tmp_path / "api.db"), clock, base), base)


@pytest.fixture
def oauth(base: str) -> OAuth:
    return OAuth(
        Door("wechat"), app_id=APP_ID, secret=SECRET, api_base=base, open_base="https://open.example"
    )


def made(
    store: KeyValueStore,
    clock: ManualClock,
    base: str,
    *,
    secret: str = SECRET,
    lock_ttl_s: float = LOCK_TTL_S,
    read_timeout_s: float = READ_TIMEOUT_S,
) -> StableToken:
    door = Door("wechat", read_timeout_s=read_timeout_s)
    return StableToken(store, clock, door, app_id=APP_ID, secret=secret, api_base=base, lock_ttl_s=lock_ttl_s)


def called(tokens: StableToken, base: str, *, quota: Quota | None = None) -> WeChatApi:
    return WeChatApi(tokens, Door("wechat"), app_id=APP_ID, api_base=base, quota=quota)


# The token


def test_the_token_is_fetched_once_for_all_processes(
    tokens: StableToken, store: KeyValueStore, clock: ManualClock, base: str, platform: Platform
) -> None:
    another_process = made(store, clock, base)
    assert [tokens.get(), another_process.get(), tokens.get()] == ["t1", "t1", "t1"]
    assert len(platform.calls) == 1
    assert platform.calls[0][1]["force_refresh"] is False


def test_many_who_ask_at_once_fetch_once(tokens: StableToken, platform: Platform) -> None:
    platform.fetching = threading.Event()
    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(tokens.get) for _ in range(4)]
        platform.fetching.set()
        assert {one.result() for one in asked} == {"t1"}
    assert len(platform.calls) == 1


def test_the_token_is_renewed_five_minutes_early(
    tokens: StableToken, clock: ManualClock, platform: Platform
) -> None:
    tokens.get()
    platform.token = "t2"
    clock.advance(LASTS_S - RENEW_EARLY_S - 1)
    assert tokens.get() == "t1"
    clock.advance(2)
    assert tokens.get() == "t2"


def test_while_one_process_renews_the_others_use_the_old_token(
    tokens: StableToken, store: KeyValueStore, clock: ManualClock
) -> None:
    tokens.get()
    clock.advance(LASTS_S - RENEW_EARLY_S + 1)
    with store.lock(f"token:{APP_ID}", ttl_s=20, wait_s=0):
        assert tokens.get() == "t1"


def test_an_old_token_that_still_holds_survives_a_platform_that_does_not_answer(
    tokens: StableToken, clock: ManualClock, platform: Platform
) -> None:
    tokens.get()
    platform.raw = b"<html>502 Bad Gateway</html>"
    clock.advance(LASTS_S - RENEW_EARLY_S + 1)
    assert tokens.get() == "t1"
    clock.advance(RENEW_EARLY_S)
    with pytest.raises(Unavailable):
        tokens.get()


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"access_token":"t"}', b"null", b"\xff"])
def test_an_unreadable_answer_is_no_token(tokens: StableToken, platform: Platform, raw: bytes) -> None:
    platform.raw = raw
    with pytest.raises(Unavailable):
        tokens.get()


def test_a_wrong_secret_is_named_and_not_shown(store: KeyValueStore, clock: ManualClock, base: str) -> None:
    with pytest.raises(ApiRefused) as refused:
        made(store, clock, base, secret="not-the-secret").get()
    assert "wechat.app_secret" in str(refused.value)
    assert "not-the-secret" not in str(refused.value)


def test_a_rejected_token_that_another_process_has_renewed_costs_no_call(
    tokens: StableToken, platform: Platform
) -> None:
    tokens.get()
    assert tokens.renew("older") == "t1"
    assert len(platform.calls) == 1


def test_a_rejected_token_is_renewed_by_force_only_when_asking_gives_the_same(
    tokens: StableToken, platform: Platform
) -> None:
    tokens.get()
    assert tokens.renew("t1") == "t1+"
    assert [body["force_refresh"] for _, body in platform.calls] == [False, False, True]
    assert tokens.get() == "t1+"


def test_forced_renewals_are_apart_and_counted(tmp_path: Path, clock: ManualClock, base: str) -> None:
    moments = SqliteStore(tmp_path / "kv.db", now_s=lambda: clock.now().timestamp())
    tokens = made(moments, clock, base)
    token = tokens.get()
    for _ in range(FORCED_A_DAY):
        token = tokens.renew(token)
        with pytest.raises(Unavailable):
            tokens.renew(token)
        clock.advance(FORCED_APART_S + 1)
    with pytest.raises(Unavailable, match="spent"):
        tokens.renew(token)


def test_a_kept_token_does_not_show_itself() -> None:
    assert "t1" not in repr(Kept("t1", 1.0, 2.0))


def test_a_holder_that_died_is_forgotten(
    store: KeyValueStore, clock: ManualClock, base: str, platform: Platform
) -> None:
    assert store.add(f"lock:token:{APP_ID}", b"of a process that was killed", ttl_s=0.2)
    assert made(store, clock, base).get() == "t1"


def test_a_holder_that_was_too_slow_does_not_undo_what_the_next_one_did(
    store: KeyValueStore, clock: ManualClock, base: str, platform: Platform
) -> None:
    platform.fetching = threading.Event()
    with ThreadPoolExecutor(1) as thread:
        slow = thread.submit(made(store, clock, base, lock_ttl_s=0.01).get)
        until(lambda: len(platform.calls) == 1, "the slow one asks")
        newer = json.dumps(["newer", clock.now().timestamp() + 6900, clock.now().timestamp() + 7200]).encode()
        store.set(f"token:{APP_ID}", newer, ttl_s=7200)
        platform.fetching.set()
        assert slow.result() == "newer"
    assert made(store, clock, base).get() == "newer"


def test_a_silent_wechat_holds_up_one_caller_and_not_each_in_turn(
    store: KeyValueStore, clock: ManualClock, base: str, platform: Platform
) -> None:
    platform.fetching = threading.Event()
    processes = [made(store, clock, base, read_timeout_s=0.3) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(process.get) for process in processes]
        errors = [one.exception() for one in asked]
    platform.fetching.set()
    assert all(isinstance(error, Unavailable) for error in errors)
    assert len(platform.calls) == 1


def test_many_whose_token_is_rejected_force_one_refresh(
    store: KeyValueStore, clock: ManualClock, base: str, platform: Platform
) -> None:
    processes = [made(store, clock, base) for _ in range(4)]
    assert {process.get() for process in processes} == {"t1"}
    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(lambda process: process.renew("t1"), processes)) == {"t1+"}
    assert [body["force_refresh"] for _, body in platform.calls].count(True) == 1


def test_a_second_forced_refresh_within_half_a_minute_is_refused_to_every_process(
    store: KeyValueStore, clock: ManualClock, base: str, platform: Platform
) -> None:
    one, another = made(store, clock, base), made(store, clock, base)
    one.get()
    assert one.renew("t1") == "t1+"
    with pytest.raises(Unavailable, match="a moment ago"):
        another.renew("t1+")
    assert [body["force_refresh"] for _, body in platform.calls].count(True) == 1


ASKER = """
import sys
from infra.clock import SystemClock
from infra.http import READ_TIMEOUT_S, Door
from infra.keyvalue_redis import RedisStore
from infra.keyvalue_sqlite import SqliteStore
from bot.token import StableToken
from pathlib import Path

where, base, app_id, secret = sys.argv[1:5]
url, _, prefix = where.partition("|")
store = RedisStore(url, prefix=prefix) if prefix else SqliteStore(Path(url))
tokens = StableToken(
    store, SystemClock(), Door("wechat"), app_id=app_id, secret=secret, api_base=base, lock_ttl_s=0.5
)
if "die" in sys.argv:
    with tokens._shared.lock(0):
        print("locked", flush=True)
        sys.stdin.read()
print("TOKEN", tokens.get())
"""


@pytest.fixture(params=["embedded", pytest.param("redis", marks=pytest.mark.redis)])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A store's address for another process."""
    if request.param == "embedded":
        yield str(tmp_path / "shared.db")
        return
    url, prefix = request.getfixturevalue("redis_url"), f"keban-test-{secrets.token_hex(6)}:"
    yield f"{url}|{prefix}"
    client = redis.Redis.from_url(url)
    for key in client.scan_iter(f"{prefix}*"):
        client.delete(key)


def process(where: str, base: str, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", ASKER, where, base, APP_ID, SECRET, *more],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def token_of(asker: subprocess.Popen[str]) -> str:
    out, _ = asker.communicate(timeout=30)
    return out.rpartition("TOKEN ")[2].strip()


def test_two_processes_share_one_token(where: str, base: str, platform: Platform) -> None:
    askers = [process(where, base) for _ in range(2)]
    assert [token_of(asker) for asker in askers] == ["t1", "t1"]
    assert len(platform.calls) == 1


def test_a_process_killed_while_it_holds_the_lock_stops_nobody(
    where: str, base: str, platform: Platform
) -> None:
    holder = process(where, base, "die")
    assert holder.stdout is not None and holder.stdout.readline() == "locked\n"
    holder.kill()
    holder.communicate(timeout=10)
    assert token_of(process(where, base)) == "t1"


# Calls


def test_a_text_is_sent(api: WeChatApi, platform: Platform) -> None:
    api.send_text("o1", "买好了 😀\x00")
    assert platform.calls[-1] == (
        "/cgi-bin/message/custom/send",
        {"touser": "o1", "msgtype": "text", "text": {"content": "买好了 😀"}},
    )


def test_a_text_that_is_too_long_is_cut(api: WeChatApi, platform: Platform) -> None:
    api.send_text("o1", "课程\n" * 2000)
    assert len(platform.calls[-1][1]["text"]["content"].encode()) <= 2048


def test_a_stale_token_is_renewed_once_and_the_call_repeated_once(api: WeChatApi, platform: Platform) -> None:
    api.send_text("o1", "一")
    platform.token = "t2"
    api.send_text("o1", "二")
    assert platform.count("/cgi-bin/message/custom/send") == 3
    assert platform.count("/cgi-bin/stable_token") == 2


def test_a_token_that_is_never_right_is_given_up(api: WeChatApi, platform: Platform) -> None:
    platform.refusals = [{"errcode": code, "errmsg": "x"} for code in (40014, 42001, 40001)]
    with pytest.raises(ApiRefused):
        api.send_text("o1", "一")
    assert platform.count("/cgi-bin/message/custom/send") == 2


@pytest.mark.parametrize(
    ("errcode", "kind", "hint"),
    [
        (-1, ApiBusy, "busy"),
        (45009, QuotaSpent, "quota"),
        (45015, WindowClosed, "48 hours"),
        (45047, WindowClosed, "enough"),
        (43004, Unreachable, "unsubscribed"),
        (40003, Unreachable, "openid"),
        (40164, NotWhitelisted, "白名单"),
        (48001, NotPermitted, "verified"),
        (43101, Unreachable, "agreed"),
        (45011, QuotaSpent, "minute"),
        (40125, ApiRefused, "app_secret"),
        (99999, ApiRefused, "what it says"),
    ],
)
def test_each_code_has_its_meaning(
    api: WeChatApi, platform: Platform, errcode: int, kind: type[Exception], hint: str
) -> None:
    platform.refusals = [{"errcode": errcode, "errmsg": "what it says, rid: 1"}]
    with pytest.raises(kind) as refused:
        api.send_text("o1", "一")
    assert hint in str(refused.value)
    assert platform.count("/cgi-bin/message/custom/send") == 1


def test_what_is_refused_for_good_stops_the_outbox() -> None:
    assert issubclass(Unreachable, Undeliverable)
    assert not issubclass(ApiRefused, Undeliverable)


def test_a_busy_wechat_is_asked_once_more_where_that_is_harmless(api: WeChatApi, platform: Platform) -> None:
    platform.refusals = [{"errcode": -1, "errmsg": "system error"}]
    assert api.callback_addresses()
    assert platform.count("/cgi-bin/getcallbackip") == 2


def test_a_busy_wechat_is_not_asked_for_ever(api: WeChatApi, platform: Platform) -> None:
    platform.refusals = [{"errcode": -1, "errmsg": "system error"}] * 3
    with pytest.raises(ApiBusy):
        api.callback_addresses()
    assert platform.count("/cgi-bin/getcallbackip") == 2


def test_a_connection_that_was_cut_is_tried_again_where_that_is_harmless(
    api: WeChatApi, platform: Platform
) -> None:
    platform.cut = 1
    assert api.callback_addresses()
    platform.cut = 1
    with pytest.raises(Unsure):
        api.send_text("o1", "一")
    assert platform.count("/cgi-bin/message/custom/send") == 1


@pytest.mark.parametrize("errcode", [45009, 45011])
def test_a_spent_quota_is_not_asked_again_by_any_process(
    store: KeyValueStore, clock: ManualClock, base: str, platform: Platform, errcode: int
) -> None:
    one, another = (called(made(store, clock, base), base) for _ in range(2))
    platform.refusals = [{"errcode": errcode, "errmsg": "reach max api daily quota limit"}]
    for process in (one, another):
        with pytest.raises(QuotaSpent):
            process.get_menu()
    assert platform.count("/cgi-bin/menu/get") == 1
    another.send_text("o1", "other calls go on")


def test_a_call_that_could_not_be_made_is_not_unsure(
    api: WeChatApi, platform: Platform, tmp_path: Path
) -> None:
    nowhere = made(SqliteStore(tmp_path / "y.db"), ManualClock(), "http://127.0.0.1:1")
    with pytest.raises(Unavailable) as error:
        called(nowhere, "http://127.0.0.1:1").send_text("o1", "一")
    assert not isinstance(error.value, Unsure)


def test_what_was_sent_under_a_key_is_not_sent_again(api: WeChatApi, platform: Platform) -> None:
    platform.refusals = [{"errcode": -1, "errmsg": "system error"}]
    with pytest.raises(ApiBusy):
        api.send_text("o1", "收据", once="receipt:1")
    for _ in range(3):
        api.send_text("o1", "收据", once="receipt:1")
    assert platform.count("/cgi-bin/message/custom/send") == 2


def test_two_workers_with_one_key_send_once(api: WeChatApi, platform: Platform) -> None:
    """The second is asked while the first one's call is under way; it is told to look again later."""

    def send() -> None:
        api.send_text("o1", "收据", once="receipt:2")

    platform.fetching = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(send)
        until(lambda: platform.count("/cgi-bin/stable_token") == 1, "the first call")
        with pytest.raises(Unavailable, match="another worker"):
            send()
        platform.fetching.set()
        first.result(timeout=10)
    send()
    assert platform.count("/cgi-bin/message/custom/send") == 1


def test_who_died_while_sending_is_followed_by_another(
    tmp_path: Path, clock: ManualClock, base: str, platform: Platform
) -> None:
    store = SqliteStore(tmp_path / "calls.db", now_s=lambda: clock.now().timestamp())
    api = called(made(store, clock, base), base)
    store.add(f"sent-once:{sha256(b'receipt:3').hexdigest()}", b"dead", ttl_s=SENDING_S)
    with pytest.raises(Unavailable):
        api.send_text("o1", "收据", once="receipt:3")
    clock.advance(SENDING_S)
    api.send_text("o1", "收据", once="receipt:3")
    assert platform.count("/cgi-bin/message/custom/send") == 1


def test_with_a_quota_nothing_is_sent_that_wechat_would_refuse(
    store: KeyValueStore, clock: ManualClock, base: str, platform: Platform
) -> None:
    quota = Quota(store, clock)
    api = called(made(store, clock, base), base, quota=quota)
    with pytest.raises(NoneLeft):
        api.send_text("o1", "一")
    assert platform.calls == []
    quota.opened("o1", "click_event")
    platform.refusals = [{"errcode": -1, "errmsg": "system error"}]
    with pytest.raises(ApiBusy):
        api.send_text("o1", "一")
    assert quota.left("o1") == 3
    platform.refusals = [{"errcode": 45047, "errmsg": "out of response count limit"}]
    with pytest.raises(WindowClosed):
        api.send_text("o1", "一")
    assert quota.left("o1") == 0


def test_a_network_that_is_down_does_not_eat_the_quota(store: KeyValueStore, clock: ManualClock) -> None:
    nowhere = "http://127.0.0.1:1"
    quota = Quota(store, clock)
    quota.opened("o1", "text")
    store.set(f"token:{APP_ID}", json.dumps(["t", 4e9, 4e9]).encode(), ttl_s=60)
    with pytest.raises(Unavailable):
        called(made(store, clock, nowhere), nowhere, quota=quota).send_text("o1", "一")
    assert quota.left("o1") == 5


def test_a_server_that_is_not_on_the_white_list_is_named(api: WeChatApi, platform: Platform) -> None:
    words = "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist rid: 630dabf4-1-2"
    platform.refusals = [{"errcode": 40164, "errmsg": words}]
    with pytest.raises(NotWhitelisted, match=r"40164 for 203\.0\.113\.7 .*白名单"):
        api.callback_addresses()


@pytest.mark.parametrize("kind", [NoneLeft, WindowClosed])
def test_what_waits_for_the_follower_is_kept_by_the_outbox(kind: type[Exception]) -> None:
    assert issubclass(kind, Deferred) and not issubclass(kind, Undeliverable)


def test_what_is_not_permitted_stops_the_outbox_too() -> None:
    assert issubclass(NotPermitted, Undeliverable)


@pytest.mark.parametrize(("status", "raw"), [(502, b"bad gateway"), (200, b"<html>"), (200, b"[]")])
def test_an_answer_that_is_not_wechats_can_be_tried_again(
    api: WeChatApi, platform: Platform, status: int, raw: bytes
) -> None:
    api.callback_addresses()
    platform.status, platform.raw = status, raw
    with pytest.raises(Unavailable):
        api.callback_addresses()


def test_a_platform_that_is_not_there_can_be_tried_again(api: WeChatApi, tmp_path: Path) -> None:
    tokens = made(SqliteStore(tmp_path / "x.db"), ManualClock(), "http://127.0.0.1:1")
    with pytest.raises(Unavailable):
        called(tokens, "http://127.0.0.1:1").callback_addresses()


def test_the_menu_goes_there_and_back(api: WeChatApi) -> None:
    menu = to_wechat([{"name": "帮助", "key": "HELP"}], "https://keban.example")
    assert api.get_menu() is None
    api.create_menu(menu)
    assert lines(api.get_menu()) == lines(menu)


def test_the_addresses_of_wechat(api: WeChatApi) -> None:
    assert api.callback_addresses() == ["101.226.62.77", "101.226.62.78"]


# Login


def test_the_login_address_has_wechats_order(oauth: OAuth) -> None:
    assert oauth.authorize_url("https://keban.example/login?next=/me&x=课", "s1") == (
        f"https://open.example/connect/oauth2/authorize?appid={APP_ID}"
        "&redirect_uri=https%3A%2F%2Fkeban.example%2Flogin%3Fnext%3D%2Fme%26x%3D%E8%AF%BE"
        "&response_type=code&scope=snsapi_base&state=s1#wechat_redirect"
    )


@pytest.mark.parametrize("state", ["", "a&b", "课", "x" * 129])
def test_a_state_that_wechat_would_not_bring_back_is_a_mistake(oauth: OAuth, state: str) -> None:
    with pytest.raises(ValueError, match="state"):
        oauth.authorize_url("https://keban.example/login", state)


def test_a_code_is_exchanged_for_an_openid(oauth: OAuth) -> None:
    assert oauth.exchange("good") == "o1"


@pytest.mark.parametrize("code", ["used", "wrong"])
def test_a_spent_code_says_so(oauth: OAuth, code: str) -> None:
    with pytest.raises(CodeSpent):
        oauth.exchange(code)


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b"<html>"])
def test_an_unreadable_login_can_be_tried_again(oauth: OAuth, platform: Platform, raw: bytes) -> None:
    platform.raw = raw
    with pytest.raises(Unavailable):
        oauth.exchange("good")


@pytest.mark.parametrize("call", [lambda a, o: a.send_text("o1", "x"), lambda a, o: o.exchange("used")])
def test_no_error_and_no_log_line_shows_a_secret(
    api: WeChatApi,
    oauth: OAuth,
    platform: Platform,
    capfd: pytest.CaptureFixture[str],
    call: Callable[[WeChatApi, OAuth], None],
) -> None:
    platform.refusals = [{"errcode": 45015, "errmsg": "response out of time limit"}]
    platform.token = "the-access-token"
    with pytest.raises(Exception, match="WeChat answers") as refused:
        call(api, oauth)
    out, err = capfd.readouterr()
    for shown in (str(refused.value), repr(refused.value), out, err):
        assert SECRET not in shown
        assert "the-access-token" not in shown
