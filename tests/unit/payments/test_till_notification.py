"""The verifier of WeChat Pay's notifications, with real RSA keys and real AES-GCM."""

from __future__ import annotations

import json
import socket
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest

from infra.clock import ManualClock
from infra.errors import ConfigError
from payments.errors import NotificationRefused, SignatureProbe
from payments.notification import MOST_BYTES, moment, read_json
from payments.wechatpay import WeChatPayGateway
from tests.unit.payments.pretend_wechatpay import (
    GONE_BACK,
    PAID,
    PUBLIC_KEY_ID,
    PretendWeChatPay,
    new_key,
    private_pem,
)

PLATFORM, MERCHANT, STRANGER = new_key(), new_key(), new_key()


@pytest.fixture
def wechat(clock: ManualClock) -> PretendWeChatPay:
    return PretendWeChatPay(clock, PLATFORM, MERCHANT)


@pytest.fixture
def gateway(wechat: PretendWeChatPay, clock: ManualClock) -> WeChatPayGateway:
    return WeChatPayGateway(wechat.keys(), clock)


def test_a_notification_of_wechat_pays_is_opened(gateway: WeChatPayGateway, wechat: PretendWeChatPay) -> None:
    body = wechat.notice("TRANSACTION.SUCCESS", PAID)
    notice = gateway.open_payment(wechat.signed(body), body)
    assert notice.event_type == "TRANSACTION.SUCCESS"
    assert notice.body == body
    assert (notice.fact.total_fen, notice.fact.currency) == (9900, "CNY")
    assert notice.fact.openid == "oLin_follower_0000000000001a"
    assert notice.fact.success_at == moment("2026-01-05T02:00:05Z")


def test_a_refund_notification_is_opened(gateway: WeChatPayGateway, wechat: PretendWeChatPay) -> None:
    body = wechat.notice("REFUND.SUCCESS", GONE_BACK)
    fact = gateway.open_refund(wechat.signed(body), body).fact
    assert (fact.state, fact.fen, fact.total_fen, fact.mch_id) == ("SUCCESS", 3000, 9900, "1900000001")


def test_header_names_may_come_in_any_case(gateway: WeChatPayGateway, wechat: PretendWeChatPay) -> None:
    body = wechat.notice("TRANSACTION.SUCCESS", PAID)
    headers = {name.lower(): value for name, value in wechat.signed(body).items()}
    assert gateway.open_payment(headers, body).fact.state == "SUCCESS"


Spoil = Callable[[PretendWeChatPay, dict[str, str], bytes], tuple[dict[str, str], bytes]]

SPOILT: dict[str, tuple[str, Spoil]] = {
    "another body": ("signature", lambda w, h, b: (h, b + b" ")),
    "another nonce": ("signature", lambda w, h, b: (h | {"Wechatpay-Nonce": "x"}, b)),
    "a stranger's key": ("signature", lambda w, h, b: (w.signed(b, key=STRANGER), b)),
    "no signature": ("signature", lambda w, h, b: (h | {"Wechatpay-Signature": ""}, b)),
    "not base64": ("signature", lambda w, h, b: (h | {"Wechatpay-Signature": "!!"}, b)),
    "no serial": ("serial", lambda w, h, b: (h | {"Wechatpay-Serial": ""}, b)),
    "an unknown serial": ("serial", lambda w, h, b: (h | {"Wechatpay-Serial": "5157F09E"}, b)),
    "no headers": ("serial", lambda w, h, b: ({}, b)),
    "a year old": ("stale", lambda w, h, b: (w.signed(b, age_s=365 * 86400), b)),
    "300 s old": ("stale", lambda w, h, b: (w.signed(b, age_s=300), b)),
    "from the future": ("stale", lambda w, h, b: (w.signed(b, age_s=-301), b)),
    "no timestamp": ("timestamp", lambda w, h, b: (h | {"Wechatpay-Timestamp": "now"}, b)),
    "a huge timestamp": ("timestamp", lambda w, h, b: (h | {"Wechatpay-Timestamp": "9" * 4000}, b)),
    "another algorithm": ("algorithm", lambda w, h, b: (h | {"Wechatpay-Signature-Type": "SM2"}, b)),
    "too large": ("size", lambda w, h, b: (h, b" " * (MOST_BYTES + 1))),
}


@pytest.mark.parametrize("spoilt", SPOILT)
def test_what_is_not_wechat_pays_is_refused_with_its_cause(
    gateway: WeChatPayGateway, wechat: PretendWeChatPay, spoilt: str
) -> None:
    cause, spoil = SPOILT[spoilt]
    body = wechat.notice("TRANSACTION.SUCCESS", PAID)
    with pytest.raises(NotificationRefused) as refused:
        gateway.open_payment(*spoil(wechat, wechat.signed(body), body))
    assert refused.value.cause == cause
    assert not refused.value.quiet


def test_a_notification_just_fresh_enough_is_taken(
    gateway: WeChatPayGateway, wechat: PretendWeChatPay
) -> None:
    body = wechat.notice("TRANSACTION.SUCCESS", PAID)
    assert gateway.open_payment(wechat.signed(body, age_s=299), body)


def test_wechats_own_probe_is_refused_without_an_alarm(
    gateway: WeChatPayGateway, wechat: PretendWeChatPay
) -> None:
    body = wechat.notice("TRANSACTION.SUCCESS", PAID)
    headers = wechat.signed(body)
    headers["Wechatpay-Signature"] = "WECHATPAY/SIGNTEST/" + headers["Wechatpay-Signature"]
    with pytest.raises(SignatureProbe) as refused:
        gateway.open_payment(headers, body)
    assert refused.value.quiet


SEALED_WRONG: dict[str, Callable[[PretendWeChatPay], bytes]] = {
    "another APIv3 key": lambda w: w.notice("TRANSACTION.SUCCESS", PAID, api_v3_key="x" * 32),
    "not JSON": lambda w: b"<xml/>",
    "not an object": lambda w: b"[]",
    "deeply nested": lambda w: b"[" * 60_000,
    "no resource": lambda w: b'{"id": "EV-1", "event_type": "TRANSACTION.SUCCESS"}',
    "a float for money": lambda w: w.notice("TRANSACTION.SUCCESS", {**PAID, "amount": {"total": 99.0}}),
    "a truth for money": lambda w: w.notice("TRANSACTION.SUCCESS", {**PAID, "amount": {"total": True}}),
    "a text for money": lambda w: w.notice("TRANSACTION.SUCCESS", {**PAID, "amount": {"total": "9900"}}),
    "no amount object": lambda w: w.notice("TRANSACTION.SUCCESS", {**PAID, "amount": 9900}),
    "a moment without zone": lambda w: w.notice(
        "TRANSACTION.SUCCESS", {**PAID, "success_time": "2026-01-05T10:00:05"}
    ),
    "an endless id": lambda w: with_id(w, "E" * 65),
    "half a character for an id": lambda w: with_id(w, "\ud800"),
    "a nothing in an id": lambda w: with_id(w, "EV\x00"),
    "half a character in a number": lambda w: w.notice(
        "TRANSACTION.SUCCESS", PAID | {"transaction_id": "\udfff"}
    ),
    "a nothing in a number": lambda w: w.notice("TRANSACTION.SUCCESS", PAID | {"out_trade_no": "26\x00"}),
    "UTF-16": lambda w: w.notice("TRANSACTION.SUCCESS", PAID).decode().encode("utf-16"),
    "UTF-32": lambda w: w.notice("TRANSACTION.SUCCESS", PAID).decode().encode("utf-32-le"),
    "not UTF-8": lambda w: b'{"id": "\xff"}',
    "a moment before all time": lambda w: paid_at(w, "0001-01-01T00:00:00+14:00"),
    "a moment after all time": lambda w: paid_at(w, "9999-12-31T23:59:59-12:00"),
}


def with_id(wechat: PretendWeChatPay, notice_id: str) -> bytes:
    outer = json.loads(wechat.notice("TRANSACTION.SUCCESS", PAID))
    return json.dumps({**outer, "id": notice_id}).encode()


def paid_at(wechat: PretendWeChatPay, moment: str) -> bytes:
    return wechat.notice("TRANSACTION.SUCCESS", PAID | {"success_time": moment})


@pytest.mark.parametrize("wrong", SEALED_WRONG)
def test_signed_but_unreadable_contents_are_refused(
    gateway: WeChatPayGateway, wechat: PretendWeChatPay, wrong: str
) -> None:
    body = SEALED_WRONG[wrong](wechat)
    with pytest.raises(NotificationRefused) as refused:
        gateway.open_payment(wechat.signed(body), body)
    assert refused.value.cause == "contents"


def test_a_forged_notification_calls_nobody(
    gateway: WeChatPayGateway, wechat: PretendWeChatPay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library's own check empties its key store and calls out for an unknown serial."""

    def no_network(*_args: Any, **_kw: Any) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    body = wechat.notice("TRANSACTION.SUCCESS", PAID)
    forged = wechat.signed(body) | {"Wechatpay-Serial": "0A1B2C"}
    for _ in range(3):
        with pytest.raises(NotificationRefused):
            gateway.open_payment(forged, body)
    assert gateway.open_payment(wechat.signed(body), body)  # and the keys are still there


def test_a_platform_certificate_works_alone(clock: ManualClock) -> None:
    wechat = PretendWeChatPay(clock, PLATFORM, MERCHANT)
    pem, wechat.serial = wechat.certificate()
    keys = wechat.keys(public_key="", public_key_id="", platform_certificates=(pem,))
    body = wechat.notice("TRANSACTION.SUCCESS", PAID)
    assert WeChatPayGateway(keys, clock).open_payment(wechat.signed(body), body)


def test_while_changing_over_both_keys_are_good(clock: ManualClock) -> None:
    old, new = PretendWeChatPay(clock, STRANGER, MERCHANT), PretendWeChatPay(clock, PLATFORM, MERCHANT)
    pem, old.serial = old.certificate()
    gateway = WeChatPayGateway(new.keys(platform_certificates=(pem,)), clock)
    for platform in (old, new):
        body = platform.notice("TRANSACTION.SUCCESS", PAID)
        assert gateway.open_payment(platform.signed(body), body)
    mixed = old.notice("TRANSACTION.SUCCESS", PAID)
    with pytest.raises(NotificationRefused):
        gateway.open_payment(old.signed(mixed) | {"Wechatpay-Serial": PUBLIC_KEY_ID}, mixed)


BAD_KEYS: dict[str, tuple[dict[str, Any], str]] = {
    "no public key at all": ({"public_key": "", "public_key_id": ""}, "public_key"),
    "an id without its key": ({"public_key": ""}, "public_key"),
    "a certificate's serial as id": ({"public_key_id": "5157F09E"}, "public_key_id"),
    "a public key that is none": ({"public_key": "hello"}, "public_key"),
    "a private key that is none": ({"private_key": "hello"}, "private_key"),
    "a short APIv3 key": ({"api_v3_key": "short"}, "api_v3_key"),
    "a certificate that is none": ({"platform_certificates": ("hello",)}, "certificate"),
}


@pytest.mark.parametrize("bad", BAD_KEYS)
def test_keys_that_cannot_work_stop_the_start_by_name(
    wechat: PretendWeChatPay, clock: ManualClock, bad: str
) -> None:
    changed, named = BAD_KEYS[bad]
    with pytest.raises(ConfigError, match=named):
        WeChatPayGateway(wechat.keys(**changed), clock)


def test_keys_do_not_show_in_a_representation(wechat: PretendWeChatPay) -> None:
    shown = repr(wechat.keys())
    assert private_pem(MERCHANT)[:60] not in shown
    assert "0123456789abcdef" not in shown


def test_money_is_never_read_as_a_float() -> None:
    with pytest.raises(NotificationRefused):
        read_json(b'{"total": 0.1}')
    with pytest.raises(NotificationRefused):
        read_json(b'{"total": NaN}')
    assert read_json(b'{"total": 9900}') == {"total": 9900}


def test_the_six_fields_are_signed_as_wechat_checks_them(
    gateway: WeChatPayGateway, clock: ManualClock
) -> None:
    from base64 import b64decode

    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    fields = gateway.sign_jsapi("wx201410272009395522657a690389285100")
    assert fields["signType"] == "RSA"
    assert fields["timeStamp"] == str(int(clock.now().timestamp()))
    assert fields["package"] == "prepay_id=wx201410272009395522657a690389285100"
    text = "\n".join([fields["appId"], fields["timeStamp"], fields["nonceStr"], fields["package"], ""])
    MERCHANT.public_key().verify(b64decode(fields["paySign"]), text.encode(), PKCS1v15(), SHA256())
    assert gateway.sign_jsapi("wx1")["nonceStr"] != fields["nonceStr"]


def test_base64_of_the_wire_is_checked_strictly(gateway: WeChatPayGateway, wechat: PretendWeChatPay) -> None:
    body = wechat.notice("TRANSACTION.SUCCESS", PAID)
    headers = wechat.signed(body)
    headers["Wechatpay-Signature"] = b64encode(b"short").decode() + "\n*"
    with pytest.raises(NotificationRefused):
        gateway.open_payment(headers, body)
