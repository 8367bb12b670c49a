"""Keys of WeChat Pay's and of the merchant's, and how one replaces another while the shop is open."""

from __future__ import annotations

import os
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest
import requests
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import Engine, event

from infra.clock import ManualClock
from infra.database import Database
from infra.errors import ConfigError
from infra.http import Door
from infra.thinned import Thinned
from payments import notify
from payments.errors import NotificationRefused
from payments.gateway import GatewayRefused
from payments.key_watch import KeyWatch
from payments.till import Till
from payments.wechatpay import WeChatPayGateway
from payments.wechatpay_keys import WeChatPayKeys
from tests.unit.payments.pretend_wechatpay import API_V3_KEY, PAID, PretendWeChatPay, new_key, private_pem
from tests.waiting import until

NEXT_V3_KEY = "fedcba9876543210fedcba9876543210"
PLATFORM, MERCHANT, COMING = new_key(), new_key(), new_key()
PRESENT_SERIAL, COMING_SERIAL = "444F4864EA9B34415", "555F4864EA9B34416"


@pytest.fixture
def wechat() -> PretendWeChatPay:
    return PretendWeChatPay(ManualClock(), PLATFORM, MERCHANT)


def opens(gateway: WeChatPayGateway, wechat: PretendWeChatPay, **how: Any) -> bool:
    body = wechat.notice("TRANSACTION.SUCCESS", PAID, **how)
    try:
        return gateway.open_payment(wechat.signed(body), body).fact.total_fen == 9900
    except NotificationRefused:
        return False


def test_public_key_mode_certificate_mode_and_both_while_one_replaces_the_other(
    wechat: PretendWeChatPay,
) -> None:
    pem, serial = wechat.certificate()
    by_certificate = PretendWeChatPay(wechat.clock, PLATFORM, MERCHANT, serial)
    old = wechat.keys(public_key="", public_key_id="", platform_certificates=(pem,))
    both = wechat.keys(platform_certificates=(pem,))
    told = {
        name: (opens(gateway, wechat), opens(gateway, by_certificate))
        for name, gateway in {
            "certificate": WeChatPayGateway(old, wechat.clock),
            "both": WeChatPayGateway(both, wechat.clock),
            "public key": WeChatPayGateway(wechat.keys(), wechat.clock),
        }.items()
    }
    assert told == {"certificate": (False, True), "both": (True, True), "public key": (True, False)}


def test_the_change_from_certificate_to_public_key_needs_no_stop(wechat: PretendWeChatPay) -> None:
    pem, serial = wechat.certificate()
    by_certificate = PretendWeChatPay(wechat.clock, PLATFORM, MERCHANT, serial)
    gateway = WeChatPayGateway(
        wechat.keys(public_key="", public_key_id="", platform_certificates=(pem,)), wechat.clock
    )
    gateway.use(wechat.keys(platform_certificates=(pem,)))
    assert opens(gateway, wechat) and opens(gateway, by_certificate)
    gateway.use(wechat.keys())
    assert opens(gateway, wechat) and not opens(gateway, by_certificate)


def test_keys_that_cannot_work_leave_the_ones_that_do(wechat: PretendWeChatPay) -> None:
    gateway = WeChatPayGateway(wechat.keys(), wechat.clock)
    wrong: list[dict[str, Any]] = [
        {"private_key": "-----BEGIN PRIVATE KEY-----\nhalf"},
        {"public_key": "half"},
        {"api_v3_key": "short"},
        {"next_private_key": "half"},
        {"next_api_v3_key": "short"},
        {"platform_certificates": ("half",)},
        {"mch_id": "1900000009"},
    ]
    for change in wrong:
        with pytest.raises(ConfigError):
            gateway.use(wechat.keys(**change))
        assert opens(gateway, wechat), change


def test_notifications_open_with_either_v3_key_while_it_is_changed(wechat: PretendWeChatPay) -> None:
    changing = WeChatPayGateway(wechat.keys(next_api_v3_key=NEXT_V3_KEY), wechat.clock)
    assert opens(changing, wechat, api_v3_key=API_V3_KEY)
    assert opens(changing, wechat, api_v3_key=NEXT_V3_KEY)
    assert not opens(changing, wechat, api_v3_key="x" * 32)
    assert not opens(WeChatPayGateway(wechat.keys(), wechat.clock), wechat, api_v3_key=NEXT_V3_KEY)


# The merchant's own key


@dataclass
class Merchantry:
    """WeChat Pay as far as it looks at who signed: takes one serial, refuses the others."""

    wechat: PretendWeChatPay
    takes: str = PRESENT_SERIAL
    asked_with: list[str] = field(default_factory=list)

    def answer(self, _method: str, _url: str, **how: Any) -> requests.Response:
        headers: Mapping[str, str] = how["headers"]
        serial = headers["Authorization"].partition('serial_no="')[2].partition('"')[0]
        self.asked_with.append(serial)
        response: Any = requests.Response()
        response._content_consumed = True
        if serial == self.takes:
            response.status_code, response._content = 200, b'{"prepay_id": "wx1"}'
            response.headers.update(self.wechat.signed(b'{"prepay_id": "wx1"}'))
        else:
            response.status_code, response._content = 401, b'{"code": "SIGN_ERROR"}'
        return cast(requests.Response, response)


@pytest.fixture
def merchantry(wechat: PretendWeChatPay, monkeypatch: pytest.MonkeyPatch) -> Merchantry:
    made = Merchantry(wechat)
    monkeypatch.setattr(Door, "request", made.answer)
    return made


def coming(wechat: PretendWeChatPay) -> WeChatPayKeys:
    return wechat.keys(next_serial_no=COMING_SERIAL, next_private_key=private_pem(COMING))


def test_the_coming_key_is_used_as_soon_as_the_present_one_is_refused_and_from_then_on(
    wechat: PretendWeChatPay, merchantry: Merchantry
) -> None:
    gateway = WeChatPayGateway(coming(wechat), wechat.clock)
    gateway._library.query(out_trade_no="260105100000abcdEFGH01")
    merchantry.takes = COMING_SERIAL
    gateway._library.query(out_trade_no="260105100000abcdEFGH01")
    gateway._library.query(out_trade_no="260105100000abcdEFGH01")
    assert merchantry.asked_with == [PRESENT_SERIAL, PRESENT_SERIAL, COMING_SERIAL, COMING_SERIAL]
    assert signs_with(gateway, COMING)


def test_what_neither_key_is_taken_for_is_refused_after_one_call_each(
    wechat: PretendWeChatPay, merchantry: Merchantry
) -> None:
    merchantry.takes = "another"
    with pytest.raises(GatewayRefused, match="SIGN_ERROR"):
        WeChatPayGateway(coming(wechat), wechat.clock).query("260105100000abcdEFGH01")
    assert merchantry.asked_with == [PRESENT_SERIAL, COMING_SERIAL]


def test_without_a_coming_key_a_refusal_costs_one_call(
    wechat: PretendWeChatPay, merchantry: Merchantry
) -> None:
    merchantry.takes = "another"
    with pytest.raises(GatewayRefused):
        WeChatPayGateway(wechat.keys(), wechat.clock).query("260105100000abcdEFGH01")
    assert merchantry.asked_with == [PRESENT_SERIAL]


def signs_with(gateway: WeChatPayGateway, key: RSAPrivateKey) -> bool:
    fields = gateway.sign_jsapi("wx1")
    text = "".join(f"{fields[name]}\n" for name in ("appId", "timeStamp", "nonceStr", "package"))
    try:
        key.public_key().verify(b64decode(fields["paySign"]), text.encode(), PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


# Files that are replaced


@pytest.fixture
def watched(wechat: PretendWeChatPay, tmp_path: Path) -> tuple[WeChatPayGateway, KeyWatch, Path]:
    file = tmp_path / "key.pem"
    file.write_text(private_pem(MERCHANT))
    keys = replace(wechat.keys(), private_key=file.read_text())
    gateway = WeChatPayGateway(keys, wechat.clock)
    return (
        gateway,
        KeyWatch(lambda: gateway.use(replace(keys, private_key=file.read_text())), lambda: [file]),
        file,
    )


def put(file: Path, text: str) -> None:
    """As careful people do it, and with another moment, however coarse the file system's clock is."""
    before = file.stat().st_mtime_ns if file.exists() else 0
    beside = file.with_suffix(".new")
    beside.write_text(text)
    os.utime(beside, ns=(before + 1_000_000_000, before + 1_000_000_000))
    beside.replace(file)


def test_a_file_that_is_replaced_is_taken_up_once(
    watched: tuple[WeChatPayGateway, KeyWatch, Path],
) -> None:
    gateway, watch, file = watched
    assert not watch.look() and signs_with(gateway, MERCHANT)
    put(file, private_pem(COMING))
    assert signs_with(gateway, MERCHANT)  # no request looks at files
    assert watch.look() and signs_with(gateway, COMING)
    assert not watch.look()


def test_a_half_written_file_is_left_until_it_is_whole(
    watched: tuple[WeChatPayGateway, KeyWatch, Path],
) -> None:
    gateway, watch, file = watched
    put(file, private_pem(COMING)[:100])
    assert not watch.look() and signs_with(gateway, MERCHANT)
    file.unlink()
    assert not watch.look() and signs_with(gateway, MERCHANT)
    put(file, private_pem(COMING))
    assert watch.look() and signs_with(gateway, COMING)


def test_the_watch_takes_up_by_itself_and_ends(watched: tuple[WeChatPayGateway, KeyWatch, Path]) -> None:
    *_, file = watched
    seen: list[str] = []
    watch = KeyWatch(lambda: seen.append(file.read_text()), lambda: [file], every_s=0.01)
    watch.start()
    put(file, private_pem(COMING))
    until(lambda: seen, "the new file")
    watch.close()
    assert len(seen) == 1


# A flood of forgeries


class CountingKey:
    """A public key that counts how often it is used."""

    def __init__(self, key: Any) -> None:
        self._key, self.checks = key, 0

    def verify(self, *given: Any) -> None:
        self.checks += 1
        self._key.verify(*given)


@dataclass
class Flooded:
    till: Till
    wechat: PretendWeChatPay
    key: CountingKey
    calls: list[str]
    statements: list[str]
    lines: list[str]


@pytest.fixture
def flooded(db: Database, wechat: PretendWeChatPay, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flooded]:
    calls: list[str] = []
    statements: list[str] = []
    lines: list[str] = []
    monkeypatch.setattr(Door, "request", lambda *args, **_how: calls.append(str(args)))
    monkeypatch.setattr("requests.Session.request", lambda *args, **_how: calls.append(str(args)))
    gateway = WeChatPayGateway(wechat.keys(), wechat.clock)
    key = CountingKey(PLATFORM.public_key())
    keys = gateway._envelope._signatures._keys
    for serial in keys:
        keys[serial] = key  # type: ignore[assignment]

    class Lines:
        def warning(self, event: str, **values: Any) -> None:
            lines.append(f"{event} {values}")

    monkeypatch.setattr(notify, "refused", Thinned(Lines()))  # type: ignore[arg-type]
    till = Till(db, gateway, wechat.clock, notify_url="https://k/n", refund_notify_url="https://k/r")

    def heard(*args: Any) -> None:
        statements.append(args[2])

    event.listen(Engine, "before_cursor_execute", heard)
    yield Flooded(till, wechat, key, calls, statements, lines)
    event.remove(Engine, "before_cursor_execute", heard)


FLOOD = 500


@pytest.mark.parametrize(
    ("forged", "checks"), [("a bad signature", 1), ("an unknown serial", 0), ("a stale moment", 0)]
)
def test_a_flood_of_forged_notifications_costs_one_check_each_and_touches_nothing(
    flooded: Flooded, forged: str, checks: int
) -> None:
    stranger = new_key()
    body = flooded.wechat.notice("TRANSACTION.SUCCESS", PAID)
    for number in range(FLOOD):
        headers = flooded.wechat.signed(body, key=stranger, age_s=600 if forged == "a stale moment" else 0)
        if forged == "an unknown serial":
            headers["Wechatpay-Serial"] = f"{number:040X}"
        with pytest.raises(NotificationRefused):
            flooded.till.notified(headers, body)
    assert flooded.key.checks == checks * FLOOD
    assert flooded.calls == []
    assert flooded.statements == []
    assert 1 <= len(flooded.lines) <= 10


def test_in_the_middle_of_a_flood_the_true_notification_is_still_verified(flooded: Flooded) -> None:
    stranger, body = new_key(), flooded.wechat.notice("TRANSACTION.SUCCESS", PAID)
    for _ in range(FLOOD):
        with pytest.raises(NotificationRefused):
            flooded.till.notified(flooded.wechat.signed(body, key=stranger), body)
    with pytest.raises(Exception, match="does not match"):  # no such order here: read, kept as evidence
        flooded.till.notified(flooded.wechat.signed(body), body)
    assert flooded.statements
