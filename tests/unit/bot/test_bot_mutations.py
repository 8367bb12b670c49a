"""Requests that somebody has tampered with: no 5xx, and no effect unless the request is still WeChat's."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.account import Mode
from bot.webhook import Webhook
from bot.wire import WireRequest
from infra.clock import ManualClock
from infra.keyvalue_sqlite import SqliteStore
from tests.unit.bot.pretend_wechat import Echo, PretendWeChat, account

MODES: list[Mode] = ["safe", "compatible", "plain"]
PARAMETERS = ["timestamp", "nonce", "signature", "msg_signature", "encrypt_type", "echostr"]


@contextmanager
def door(mode: Mode, robot: Echo, clock: ManualClock) -> Iterator[Webhook]:
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder) / "kv.db")
        yield Webhook(account(mode), robot, store, clock, late=lambda *_: None)
        store.close()


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


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.sampled_from(["safe", "compatible"]))
def test_a_tampered_encrypted_body_never_reaches_a_handler(data: st.DataObject, mode: Mode) -> None:
    clock, robot = ManualClock(), Echo()
    request = PretendWeChat(clock, mode).text("买 1", msg_id=7)
    body = data.draw(mutated_bytes(request.body))
    with door(mode, robot, clock) as webhook:
        response = webhook.receive(WireRequest("POST", request.query, body))
    assert response.status in (200, 400, 403, 413)
    # What is left of the encrypted part is signed: it is whole, or nothing happens.
    assert robot.handled in ([], ["买 1"])
    assert response.status == 200 or robot.handled == []


@settings(max_examples=250, deadline=None)
@given(
    st.sampled_from(MODES),
    st.dictionaries(st.sampled_from(PARAMETERS), st.one_of(st.none(), st.text(max_size=200)), min_size=1),
    st.sampled_from(["GET", "POST"]),
)
def test_tampered_parameters_never_reach_a_handler(
    mode: Mode, changes: dict[str, str | None], method: str
) -> None:
    clock, robot = ManualClock(), Echo()
    request = PretendWeChat(clock, mode).text(msg_id=7)
    changed = {**request.query, **changes}
    query = {name: value for name, value in changed.items() if value is not None}
    covered = {"timestamp", "nonce", "signature"} | ({"msg_signature"} if mode != "plain" else set())
    with door(mode, robot, clock) as webhook:
        response = webhook.receive(WireRequest(method, query, request.body))
    assert response.status in (200, 400, 403)
    if any(query.get(name) != request.query[name] for name in covered):
        assert robot.handled == []


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_any_signed_document_is_answered_or_refused_but_never_an_error(data: st.DataObject) -> None:
    clock, robot = ManualClock(), Echo()
    robot.handler(lambda message: [str(getattr(message, name)) for name in dir(message)] and None)
    wechat = PretendWeChat(clock, "plain")
    names = st.sampled_from(
        [
            "MsgType",
            "Event",
            "EventKey",
            "Content",
            "MsgId",
            "CreateTime",
            "SendPicsInfo",
            "source",
            "Scale",
            "x",
        ]
    )
    values = st.one_of(
        st.text(max_size=12), st.sampled_from(["text", "event", "location", "pic_weixin", "1"])
    )
    fields = data.draw(st.dictionaries(names, values))
    xml = wechat.xml(**{"kind": "text", **fields})
    with door("plain", robot, clock) as webhook:
        response = webhook.receive(
            wechat.deliver(
                data.draw(
                    st.one_of(
                        st.just(xml.encode("utf-8", "surrogatepass")),
                        mutated_bytes(xml.encode("utf-8", "surrogatepass")),
                    )
                )
            )
        )
    assert response.status in (200, 400)
