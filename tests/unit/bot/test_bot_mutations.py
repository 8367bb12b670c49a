"""Requests that somebody has tampered with: no 5xx, and no effect unless the request is still WeChat's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.account import Mode
from bot.webhook import Webhook
from bot.wire import WireRequest, WireResponse
from infra.clock import ManualClock
from infra.keyvalue_sqlite import SqliteStore
from tests.unit.bot.pretend_wechat import Echo, PretendWeChat, account

MODES: list[Mode] = ["safe", "compatible", "plain"]
PARAMETERS = ["timestamp", "nonce", "signature", "msg_signature", "encrypt_type", "echostr"]
FIELDS = ["MsgType", "Event", "EventKey", "Content", "MsgId", "CreateTime", "SendPicsInfo", "source", "Scale"]


@dataclass
class Door:
    """One door for all examples; each example's message has a number of its own."""

    webhook: Webhook
    robot: Echo
    wechat: PretendWeChat

    def try_on(self, request: WireRequest) -> tuple[WireResponse, list[str]]:
        """The answer, and what the handlers were given."""
        self.robot.handled.clear()
        response = self.webhook.receive(request)
        return response, list(self.robot.handled)


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Door]:
    store = SqliteStore(Path(tmp_path_factory.mktemp("doors")) / "kv.db")
    return {mode: _door(mode, store) for mode in MODES}


def _door(mode: Mode, store: SqliteStore) -> Door:
    clock, robot = ManualClock(), Echo()
    robot.handler(lambda message: [str(getattr(message, name)) for name in dir(message)] and None)
    webhook = Webhook(account(mode), robot, store, clock, late=lambda *_: None)
    return Door(webhook, robot, PretendWeChat(clock, mode))


@st.composite
def mutated_bytes(draw: st.DrawFn, original: bytes) -> bytes:
    body = bytearray(original)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(body) - 1)))
        change = draw(st.sampled_from(["flip", "cut", "insert", "drop", "double"]))
        if change == "flip" and body:
            body[at] ^= draw(st.integers(1, 255))
        elif change == "cut":
            del body[at:]
        elif change == "insert":
            body[at:at] = draw(st.binary(min_size=1, max_size=20))
        elif change == "drop":
            del body[at : at + draw(st.integers(1, 30))]
        else:
            body += body[at:]
    return bytes(body)


@settings(max_examples=300, deadline=None)
@given(data=st.data(), mode=st.sampled_from(["safe", "compatible"]))
def test_a_tampered_encrypted_body_never_reaches_a_handler(
    doors: dict[str, Door], data: st.DataObject, mode: str
) -> None:
    request = doors[mode].wechat.text("买 1")
    body = data.draw(mutated_bytes(request.body))
    response, handled = doors[mode].try_on(WireRequest("POST", request.query, body))
    assert response.status in (200, 400, 403, 413)
    # The encrypted part is signed: it is whole, or nothing happens.
    assert handled in ([], ["买 1"])
    assert response.status == 200 or handled == []


@settings(max_examples=300, deadline=None)
@given(
    mode=st.sampled_from(MODES),
    changes=st.dictionaries(
        st.sampled_from(PARAMETERS), st.one_of(st.none(), st.text(max_size=200)), min_size=1
    ),
    method=st.sampled_from(["GET", "POST"]),
)
def test_tampered_parameters_never_reach_a_handler(
    doors: dict[str, Door], mode: Mode, changes: dict[str, str | None], method: str
) -> None:
    request = doors[mode].wechat.text("买 1")
    changed = {**request.query, **changes}
    query = {name: value for name, value in changed.items() if value is not None}
    response, handled = doors[mode].try_on(WireRequest(method, query, request.body))
    covered = {"timestamp", "nonce", "signature"} | ({"msg_signature"} if mode != "plain" else set())
    assert response.status in (200, 400, 403)
    if method == "GET" or any(query.get(name) != request.query[name] for name in covered):
        assert handled == []


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_any_signed_document_is_answered_or_refused_but_never_an_error(
    doors: dict[str, Door], data: st.DataObject
) -> None:
    wechat = doors["plain"].wechat
    values = st.one_of(
        st.text(max_size=12), st.sampled_from(["text", "event", "location", "pic_weixin", "1"])
    )
    fields = data.draw(st.dictionaries(st.sampled_from(FIELDS), values))
    xml = wechat.xml("text", **fields).encode("utf-8", "surrogatepass")
    body = data.draw(st.one_of(st.just(xml), mutated_bytes(xml)))
    response, _ = doors["plain"].try_on(wechat.deliver(body))
    assert response.status in (200, 400)
