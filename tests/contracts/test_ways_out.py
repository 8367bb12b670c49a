"""Every way out of the product is counted with what came of it, silence and shut doors included."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.answers import NONE, UNREADABLE
from bot.api import WeChatApi
from bot.oauth import OAuth
from bot.token import StableToken
from infra.clock import ManualClock, SystemClock
from infra.errors import KebanError
from infra.http import Door
from infra.keyvalue_sqlite import SqliteStore
from infra.metrics import CALL_SECONDS, REGISTRY
from payments import wechatpay_core
from payments.gateway import PrepayRequest, RefundRequest
from payments.wechatpay import WeChatPayGateway
from tests.unit.payments.pretend_wechatpay import PretendWeChatPay, new_key

ROOT = Path(__file__).resolve().parents[2]
SILENCE_S, LONG_S = 0.2, 10.0
NOW = SystemClock().now()
PREPAY = PrepayRequest("T1", "课", 9900, "oX", "https://x/pay/notify", NOW)
REFUND = RefundRequest("R1", "T1", 9900, 9900, "退", "https://x/pay/refund-notify")


def http(status: int, body: bytes, *, length: int | None = None) -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (
        status,
        len(body) if length is None else length,
        body,
    )


# What a peer says, whether it goes on holding the line, and how the call is counted.
@dataclass(frozen=True)
class Peer:
    says: bytes
    holds: bool
    result: str

    @property
    def patience_s(self) -> float:
        return SILENCE_S if self.holds else LONG_S


PEERS = {
    "silent": Peer(b"", True, "timeout"),
    "silent in the middle": Peer(http(200, b"{", length=10), True, "timeout"),
    "cut": Peer(b"", False, "unreachable"),
    "cut in the middle": Peer(http(200, b"{", length=10), False, "unreachable"),
    "no protocol": Peer(b"nonsense\r\n\r\n", False, "unreachable"),
    "broken": Peer(http(502, b"<html>bad gateway"), False, "502"),
}


@contextmanager
def listening(peer: Peer) -> Iterator[str]:
    """A server that says the same to everybody."""
    free = threading.Event()

    def answer(line: socket.socket) -> None:
        with line:
            line.recv(65536)
            if peer.says:
                line.sendall(peer.says)
            if peer.holds:
                free.wait(10)

    def accept(server: socket.socket) -> None:
        while True:
            try:
                line, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(line,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=accept, args=(server,), daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        free.set()
        server.shutdown(socket.SHUT_RDWR)


def calls(peer: str, result: str) -> float:
    return REGISTRY.get_sample_value("keban_outgoing_calls_total", {"peer": peer, "result": result}) or 0.0


def timed(peer: str) -> float:
    CALL_SECONDS.labels(peer=peer)
    return REGISTRY.get_sample_value("keban_outgoing_call_seconds_count", {"peer": peer}) or 0.0


def answers(call: str, errcode: str) -> float:
    labels = {"call": call, "errcode": errcode}
    return REGISTRY.get_sample_value("keban_wechat_answers_total", labels) or 0.0


# WeChat's API

WECHAT: dict[str, Callable[[WeChatApi, OAuth], object]] = {
    "stable_token": lambda api, _: api.check_secret(),
    "oauth2/access_token": lambda _, oauth: oauth.exchange("code"),
    "message/custom/send": lambda api, _: api.send_text("oX", "好"),
    "getcallbackip": lambda api, _: api.callback_addresses(),
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    made = SqliteStore(tmp_path / "kv.db")
    yield made
    made.close()


@pytest.mark.parametrize("name", PEERS)
@pytest.mark.parametrize("call", WECHAT)
def test_each_call_to_wechat_is_counted_with_what_came_of_it(
    store: SqliteStore, call: str, name: str
) -> None:
    peer, clock = PEERS[name], ManualClock()
    # A token that is good still, so that the call itself is what fails.
    store.set("token:wx1", b'["t", 9e9, 9e9]', ttl_s=60)
    said = UNREADABLE if peer.result.isdigit() else NONE
    before = calls("wechat", peer.result), answers(call, said), timed("wechat")
    with listening(peer) as base:
        door = Door("wechat", read_timeout_s=peer.patience_s)
        tokens = StableToken(store, clock, door, app_id="wx1", secret="s", api_base=base)
        api = WeChatApi(tokens, door, app_id="wx1", api_base=base)
        oauth = OAuth(door, app_id="wx1", secret="s", api_base=base, open_base=base)
        with pytest.raises(KebanError):
            WECHAT[call](api, oauth)
    # A call that was cut is made once more where that is harmless; each one counts.
    made = 2 if call == "getcallbackip" and "cut" in name else made_of(call, name)
    assert calls("wechat", peer.result) == before[0] + made
    assert answers(call, said) == before[1] + made
    assert timed("wechat") == before[2] + made


def made_of(call: str, name: str) -> int:
    """What is no HTTP at all is a connection that was cut, too."""
    return 2 if call == "getcallbackip" and name == "no protocol" else 1


def test_a_refusal_and_its_repeat_with_a_new_token_are_two_answers(store: SqliteStore) -> None:
    store.set("token:wx1", b'["t", 9e9, 9e9]', ttl_s=60)
    before = answers("message/custom/send", "40001"), answers("stable_token", "40001")
    refusal = Peer(http(200, b'{"errcode": 40001, "errmsg": "no"}'), False, "200")
    with listening(refusal) as base:
        door = Door("wechat", read_timeout_s=LONG_S)
        tokens = StableToken(store, ManualClock(), door, app_id="wx1", secret="s", api_base=base)
        with pytest.raises(KebanError):
            WeChatApi(tokens, door, app_id="wx1", api_base=base).send_text("oX", "好")
    assert answers("message/custom/send", "40001") == before[0] + 1
    assert answers("stable_token", "40001") == before[1] + 1


# WeChat Pay

PAY: dict[str, Callable[[WeChatPayGateway], object]] = {
    "prepay": lambda gateway: gateway.prepay(PREPAY),
    "query": lambda gateway: gateway.query("T1"),
    "close": lambda gateway: gateway.close("T1"),
    "refund": lambda gateway: gateway.refund(REFUND),
    "query_refund": lambda gateway: gateway.query_refund("R1"),
}
KEYS = PretendWeChatPay(SystemClock(), new_key(), new_key()).keys()


@pytest.mark.parametrize("name", PEERS)
@pytest.mark.parametrize("call", PAY)
def test_each_call_to_wechat_pay_is_counted_with_what_came_of_it(
    monkeypatch: pytest.MonkeyPatch, call: str, name: str
) -> None:
    peer = PEERS[name]
    monkeypatch.setattr(wechatpay_core, "READ_TIMEOUT_S", peer.patience_s)
    before = calls("wechatpay", peer.result), timed("wechatpay")
    with listening(peer) as base, pytest.raises(KebanError):
        PAY[call](WeChatPayGateway(KEYS, SystemClock(), api_base=base))
    assert calls("wechatpay", peer.result) == before[0] + 1
    assert timed("wechatpay") == before[1] + 1


def test_nobody_there_is_counted_too() -> None:
    before = calls("wechatpay", "unreachable")
    with pytest.raises(KebanError):
        WeChatPayGateway(KEYS, SystemClock(), api_base="http://127.0.0.1:1").query("T1")
    assert calls("wechatpay", "unreachable") == before + 1


def test_an_answer_that_is_not_wechat_pays_is_counted_as_such() -> None:
    labels = {"step": "answer", "result": "not_verified"}
    before = REGISTRY.get_sample_value("keban_payments_total", labels) or 0.0
    with listening(Peer(http(200, b"{}"), False, "200")) as base, pytest.raises(KebanError):
        WeChatPayGateway(KEYS, SystemClock(), api_base=base).query("T1")
    assert REGISTRY.get_sample_value("keban_payments_total", labels) == before + 1


# No other way

ANOTHER_WAY = re.compile(
    r"requests\.(?:get|post|put|delete|head|request|Session)\(|urllib\.request|urllib3\.(?:Pool|request)"
    r"|HTTPS?Connection\(|tornado\.httpclient|create_connection|httpx|aiohttp"
)


def test_there_is_one_door_out() -> None:
    rooms = ("app.py", "manage.py", "bot", "commands", "content", "handlers", "infra", "learners", "payments")
    files = [
        file
        for room in rooms
        for file in ([ROOT / room] if room.endswith(".py") else ROOT.glob(f"{room}/**/*.py"))
    ]
    assert len(files) > 100
    others = [
        f"{file.relative_to(ROOT)}: {found.group()}"
        for file in files
        if (found := ANOTHER_WAY.search(file.read_text(encoding="utf-8")))
    ]
    assert others == []
