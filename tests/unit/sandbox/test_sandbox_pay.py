"""WeChat Pay's rules: signatures, orders, refunds, the pay sheet."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from wechatpayv3.utils import build_authorization, load_private_key, load_public_key, rsa_verify

from sandbox.cashier import Cashier
from sandbox.clock import ManualClock
from sandbox.config import Config
from sandbox.faults import Faults
from sandbox.payrefusal import PayRefused
from sandbox.paysign import SIGN_TEST, AuthorizationRefused, PaySigner
from sandbox.refunds import Refunds
from sandbox.store import Store
from sandbox.transactions import SheetRefused, Transactions

OPENID = "oA1b2C3d4E5f6G7h8I9j0K1l2M3n"
OTHER = "oZ9y8X7w6V5u4T3s2R1q0P9o8N7m"
PATH = "/v3/pay/transactions/jsapi?a=%E8%AF%BE"


class Till:
    """The money side with no network."""

    def __init__(self, config: Config, clock: ManualClock, store: Store | None = None) -> None:
        self.config, self.clock, self.store, self.faults = config, clock, store or Store(), Faults()
        self.signer = PaySigner(config, clock)
        self.transactions = Transactions(
            config, self.store, clock, faults=self.faults, knows={OPENID, OTHER}.__contains__
        )
        self.refunds = Refunds(config, self.store, clock, self.transactions)

    def body(self, **changes: Any) -> dict[str, Any]:
        body = {
            "appid": self.config.app_id,
            "mchid": self.config.mch_id,
            "description": "Python 爬虫从零到一",
            "out_trade_no": "KB20260101000001",
            "notify_url": "http://service.test/pay/notify",
            "amount": {"total": 9900, "currency": "CNY"},
            "payer": {"openid": OPENID},
        }
        return {name: value for name, value in {**body, **changes}.items() if value is not None}

    def place(self, **changes: Any) -> str:
        return self.transactions.place(self.body(**changes), "JSAPI").prepay_id

    def paid(self, **changes: Any) -> str:
        return self.transactions.pay(self.place(**changes), OPENID).out_trade_no

    def refund(self, number: str = "R1", fen: int = 100, **changes: Any) -> str:
        body = {
            "out_trade_no": "KB20260101000001",
            "out_refund_no": number,
            "amount": {"refund": fen, "total": 9900, "currency": "CNY"},
        }
        return self.refunds.ask({**body, **changes})[0].refund_id


@pytest.fixture
def till(config: Config, clock: ManualClock) -> Till:
    return Till(config, clock)


def code(work: Callable[[], object]) -> str:
    try:
        work()
    except PayRefused as error:
        return error.code
    return "OK"


# ---- signatures ----


def authorization(till: Till, pem: str, body: bytes = b'{"a":1}', **parts: str) -> str:
    stamp, nonce = parts.get("timestamp", str(int(till.clock()))), "n0"
    key = serialization.load_pem_private_key(pem.encode(), None)
    signed = f"POST\n{PATH}\n{stamp}\n{nonce}\n".encode() + body + b"\n"
    signature = base64.b64encode(key.sign(signed, PKCS1v15(), hashes.SHA256())).decode()  # type: ignore[union-attr,call-arg,arg-type]
    given = {
        "mchid": till.config.mch_id,
        "serial_no": till.config.merchant_serial_no,
        "nonce_str": nonce,
        "timestamp": stamp,
        "signature": signature,
    }
    pairs = ",".join(f'{name}="{value}"' for name, value in {**given, **parts}.items())
    return f"WECHATPAY2-SHA256-RSA2048 {pairs}"


def check(till: Till, header: str, body: bytes = b'{"a":1}') -> None:
    till.signer.check_request("POST", PATH, body, {"Authorization": header})


def test_a_request_that_is_signed_well_passes(till: Till, merchant_pem: str) -> None:
    check(till, authorization(till, merchant_pem))


def test_the_librarys_signature_passes(config: Config, merchant_pem: str) -> None:
    import time

    signer = PaySigner(config, time.time)
    header = build_authorization(
        PATH, "POST", config.mch_id, config.merchant_serial_no, load_private_key(merchant_pem), data={"a": 1}
    )
    signer.check_request("POST", PATH, json.dumps({"a": 1}).encode(), {"Authorization": header})


@pytest.mark.parametrize(
    "parts",
    [
        {"mchid": "1"},
        {"serial_no": "AB"},
        {"signature": ""},
        {"signature": "AAAA"},
        {"signature": "不"},
        {"nonce_str": "another"},
        {"timestamp": "soon"},
        {"timestamp": "1760000300"},
        {"timestamp": "1759999700"},
    ],
)
def test_a_request_with_one_wrong_part_is_refused(
    till: Till, merchant_pem: str, parts: dict[str, Any]
) -> None:
    with pytest.raises(AuthorizationRefused):
        check(till, authorization(till, merchant_pem, **parts))


@pytest.mark.parametrize(
    "header", ["", "Bearer x", "WECHATPAY2-SHA256-RSA2048 nonsense", "WECHATPAY2-SHA256-RSA2048 "]
)
def test_a_request_without_a_signature_is_refused(till: Till, header: str) -> None:
    with pytest.raises(AuthorizationRefused):
        check(till, header)


def test_a_body_that_was_changed_is_refused(till: Till, merchant_pem: str) -> None:
    with pytest.raises(AuthorizationRefused, match="sign not match"):
        check(till, authorization(till, merchant_pem), b'{"a":2}')


def verified(headers: dict[str, str], body: str, pem: str) -> bool:
    stamp, nonce = headers["Wechatpay-Timestamp"], headers["Wechatpay-Nonce"]
    return bool(rsa_verify(stamp, nonce, body, headers["Wechatpay-Signature"], load_public_key(pem)))


def test_an_answer_is_signed_with_the_platforms_key(till: Till, made_keys: dict[str, Any]) -> None:
    from pathlib import Path

    pem = Path(made_keys["platform_public_key"]).read_text()
    assert verified(till.signer.headers("好".encode()), "好", pem)
    assert verified(till.signer.headers(b""), "", pem)
    assert not verified(till.signer.headers(b"x", stranger=True), "x", pem)
    probe = till.signer.headers(b"x", probe=True)
    assert probe["Wechatpay-Signature"].startswith(SIGN_TEST)
    assert int(till.signer.headers(b"", age_s=600)["Wechatpay-Timestamp"]) == till.clock() - 600


def test_a_resource_opens_with_the_api_v3_key(till: Till) -> None:
    resource = till.signer.closed(b'{"a":1}', "transaction")
    aes = AESGCM(till.config.api_v3_key.encode())
    opened = aes.decrypt(resource["nonce"].encode(), base64.b64decode(resource["ciphertext"]), b"transaction")
    assert opened == b'{"a":1}'
    assert len(resource["nonce"]) == 12


# ---- orders ----


def test_the_same_order_again_gives_the_same_prepay_id(till: Till) -> None:
    assert till.place() == till.place()


def test_a_prepay_id_lives_two_hours(till: Till) -> None:
    first = till.place()
    till.clock.advance(7200)
    with pytest.raises(SheetRefused, match="过期"):
        till.transactions.payable(first, OPENID)
    assert till.place() != first


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": {"total": 1, "currency": "CNY"}},
        {"description": "另一门课"},
        {"payer": {"openid": OTHER}},
        {"notify_url": "http://service.test/other"},
    ],
)
def test_one_number_keeps_its_parameters_for_ever(till: Till, changes: dict[str, Any]) -> None:
    till.place()
    with pytest.raises(PayRefused, match="201 商户订单号重复") as refusal:
        till.place(**changes)
    assert (refusal.value.status, refusal.value.code) == (400, "INVALID_REQUEST")


@pytest.mark.parametrize(
    "changes",
    [
        {"mchid": "1"},
        {"description": ""},
        {"description": "长" * 128},
        {"out_trade_no": "short"},
        {"out_trade_no": "x" * 33},
        {"out_trade_no": "订单订单订单"},
        {"notify_url": "http://service.test/pay/notify?a=1"},
        {"notify_url": "http://elsewhere.test/pay/notify"},
        {"notify_url": None},
        {"amount": {"total": 0}},
        {"amount": {"total": "9900"}},
        {"amount": {"total": 99.0}},
        {"amount": {"total": True}},
        {"amount": {"total": 1, "currency": "USD"}},
        {"amount": None},
        {"payer": None},
        {"payer": {"openid": "oNobody"}},
        {"time_expire": "tomorrow"},
        {"time_expire": "2030-01-01T00:00:00"},
        {"time_expire": "2020-01-01T00:00:00+08:00"},
        {"attach": "长" * 129},
    ],
)
def test_a_parameter_out_of_bounds_is_refused(till: Till, changes: dict[str, Any]) -> None:
    assert code(lambda: till.place(**changes)) == "PARAM_ERROR"


def test_another_app_is_told_apart(till: Till) -> None:
    assert code(lambda: till.place(appid="wx0")) == "APPID_MCHID_NOT_MATCH"


def test_a_paid_order_is_paid_once_and_never_closed(till: Till) -> None:
    number = till.paid()
    assert code(till.place) == "ORDERPAID"
    assert code(lambda: till.transactions.close(number)) == "ORDERPAID"
    with pytest.raises(SheetRefused, match="已支付"):
        till.transactions.pay(till.transactions.find(number).prepay_id, OPENID)


def test_a_closed_order_is_never_paid(till: Till) -> None:
    prepay_id = till.place()
    till.transactions.close("KB20260101000001")
    till.transactions.close("KB20260101000001")
    assert code(till.place) == "ORDER_CLOSED"
    with pytest.raises(SheetRefused, match="关闭"):
        till.transactions.pay(prepay_id, OPENID)


def test_an_expired_order_is_not_paid_unless_the_platform_lets_it(till: Till) -> None:
    prepay_id = till.place(time_expire="2025-10-09T17:00:00+08:00")
    till.clock.advance(3600)
    with pytest.raises(SheetRefused, match="过期"):
        till.transactions.pay(prepay_id, OPENID)
    till.faults.replace({"ignore_expiry": 1})
    assert till.transactions.pay(prepay_id, OPENID).state == "SUCCESS"


def test_only_the_payer_pays(till: Till) -> None:
    with pytest.raises(SheetRefused, match="同一人"):
        till.transactions.pay(till.place(), OTHER)


def test_a_bank_that_refuses_leaves_the_order_open(till: Till) -> None:
    prepay_id = till.place()
    till.faults.replace({"refuse": 1})
    with pytest.raises(SheetRefused, match="银行"):
        till.transactions.pay(prepay_id, OPENID)
    assert till.transactions.pay(prepay_id, OPENID).state == "SUCCESS"


def test_an_order_shows_money_only_when_there_is_some(till: Till) -> None:
    till.place()
    known = till.transactions.find("KB20260101000001")
    assert till.transactions.shown(known)["trade_state"] == "NOTPAY"
    assert "transaction_id" not in till.transactions.shown(known)
    till.transactions.pay(known.prepay_id, OPENID)
    shown = till.transactions.shown(known)
    assert shown["trade_state"] == "SUCCESS"
    assert shown["amount"]["total"] == 9900
    assert shown["payer"] == {"openid": OPENID}
    assert shown["success_time"] == "2025-10-09T16:53:20+08:00"
    assert till.transactions.find_by_id(shown["transaction_id"]) is known


def test_an_unknown_order_does_not_exist(till: Till) -> None:
    assert code(lambda: till.transactions.find("KB0")) == "ORDER_NOT_EXIST"
    assert code(lambda: till.transactions.find_by_id("")) == "ORDER_NOT_EXIST"


# ---- refunds ----


def test_the_same_refund_is_made_once(till: Till) -> None:
    till.paid()
    assert till.refund() == till.refund()
    assert len(till.refunds.unfinished()) == 1
    assert code(lambda: till.refund(fen=200)) == "INVALID_REQUEST"


def test_no_more_is_refunded_than_was_paid(till: Till) -> None:
    till.paid()
    till.refund("R1", 9000)
    till.clock.advance(60)
    assert code(lambda: till.refund("R2", 901)) == "NOT_ENOUGH"
    till.refund("R3", 900)
    till.clock.advance(60)
    assert code(lambda: till.refund("R4", 1)) == "NOT_ENOUGH"


def test_parts_lie_a_minute_apart(till: Till) -> None:
    till.paid()
    till.refund("R1", 1)
    assert code(lambda: till.refund("R2", 1)) == "FREQUENCY_LIMITED"
    till.clock.advance(60)
    assert code(lambda: till.refund("R2", 1)) == "OK"


def test_an_order_is_refunded_in_50_parts_at_most(till: Till) -> None:
    till.paid()
    for number in range(50):
        till.refund(f"R{number}", 1)
        till.clock.advance(60)
    assert code(lambda: till.refund("R50", 1)) == "INVALID_REQUEST"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"out_refund_no": ""}, "PARAM_ERROR"),
        ({"out_trade_no": "KB20260101000009"}, "ORDER_NOT_EXIST"),
        ({"out_trade_no": None}, "PARAM_ERROR"),
        ({"amount": {"refund": 0, "total": 9900, "currency": "CNY"}}, "PARAM_ERROR"),
        ({"amount": {"refund": 1, "total": 1, "currency": "CNY"}}, "INVALID_REQUEST"),
        ({"amount": {"refund": 1, "total": 9900}}, "PARAM_ERROR"),
        ({"notify_url": "http://elsewhere.test/"}, "PARAM_ERROR"),
        ({"reason": "长" * 81}, "PARAM_ERROR"),
    ],
)
def test_a_refund_out_of_bounds_is_refused(till: Till, changes: dict[str, Any], expected: str) -> None:
    till.paid()
    assert code(lambda: till.refund(**changes)) == expected
    assert not till.refunds.unfinished()


def test_what_is_not_paid_is_not_refunded(till: Till) -> None:
    till.place()
    assert code(till.refund) == "INVALID_REQUEST"


def test_a_year_later_nothing_is_refunded(till: Till) -> None:
    till.paid()
    till.clock.advance(366 * 86_400)
    assert code(till.refund) == "INVALID_REQUEST"


def test_a_finished_refund_changes_the_order(till: Till) -> None:
    till.paid()
    till.refund()
    refund = till.refunds.find("R1")
    assert till.refunds.shown(refund)["status"] == "PROCESSING"
    till.refunds.finish(refund)
    assert till.refunds.shown(refund)["status"] == "SUCCESS"
    assert till.refunds.notice(refund)["refund_status"] == "SUCCESS"
    assert till.transactions.find("KB20260101000001").state == "REFUND"


def test_money_outlives_a_restart(till: Till) -> None:
    till.paid()
    till.refund()
    again = Till(till.config, till.clock, till.store)
    assert again.transactions.shown(again.transactions.find("KB20260101000001"))["trade_state"] == "SUCCESS"
    assert [refund.out_refund_no for refund in again.refunds.unfinished()] == ["R1"]
    with pytest.raises(SheetRefused, match="已支付"):
        again.transactions.pay(again.transactions.find("KB20260101000001").prepay_id, OPENID)


# ---- the sheet ----


def sheet_params(till: Till, pem: str, **changes: Any) -> dict[str, Any]:
    params: dict[str, Any] = {
        "appId": till.config.app_id,
        "timeStamp": "1760000000",
        "nonceStr": "n0",
        "package": f"prepay_id={till.place()}",
        "signType": "RSA",
    }
    params.update({name: value for name, value in changes.items() if name != "paySign"})
    signed = f"{params['appId']}\n{params['timeStamp']}\n{params['nonceStr']}\n{params['package']}\n".encode()
    key = serialization.load_pem_private_key(pem.encode(), None)
    signature = key.sign(signed, PKCS1v15(), hashes.SHA256())  # type: ignore[union-attr,call-arg,arg-type]
    return {**params, "paySign": base64.b64encode(signature).decode(), **changes}


def sheet(till: Till, params: dict[str, Any], openid: str = OPENID) -> str:
    cashier = Cashier(
        till.config,
        signer=till.signer,
        transactions=till.transactions,
        refunds=till.refunds,
        notifier=None,  # type: ignore[arg-type]
    )
    try:
        return str(cashier.sheet(params, openid)["total_fen"])
    except SheetRefused as error:
        return str(error)


def test_a_sheet_opens_for_what_the_merchant_signed(till: Till, merchant_pem: str) -> None:
    assert sheet(till, sheet_params(till, merchant_pem)) == "9900"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"paySign": "AAAA"}, "支付验证签名失败"),
        ({"appId": "wx0"}, "支付验证签名失败"),
        ({"signType": "MD5"}, "支付验证签名失败"),
        ({"timeStamp": 1760000000}, "缺少参数：timeStamp"),
        ({"timeStamp": "now"}, "支付验证签名失败"),
        ({"nonceStr": ""}, "缺少参数：nonceStr"),
        ({"package": "wx123"}, "缺少参数：prepay_id"),
        ({"package": "prepay_id=wx0"}, "prepay_id 不存在"),
    ],
)
def test_a_sheet_does_not_open_for_anything_else(
    till: Till, merchant_pem: str, changes: dict[str, Any], said: str
) -> None:
    assert said in sheet(till, sheet_params(till, merchant_pem, **changes))


def test_a_sheet_opens_for_the_payer_only(till: Till, merchant_pem: str) -> None:
    assert "同一人" in sheet(till, sheet_params(till, merchant_pem), OTHER)


# ---- the other ways ----

SCENE = {"payer_client_ip": "203.0.113.7", "h5_info": {"type": "Wap"}}


@pytest.mark.parametrize(
    "scene",
    [
        None,
        "203.0.113.7",
        {},
        {"payer_client_ip": "203.0.113.7"},
        {"payer_client_ip": "", "h5_info": {"type": "Wap"}},
        {"payer_client_ip": "somewhere", "h5_info": {"type": "Wap"}},
        {"payer_client_ip": "203.0.113.7", "h5_info": {"type": "Web"}},
        {"payer_client_ip": "203.0.113.7", "h5_info": "Wap"},
    ],
)
def test_h5_needs_to_know_where_the_payer_is(till: Till, scene: object) -> None:
    wanted = till.body(payer=None, scene_info=scene)
    assert code(lambda: till.transactions.place(wanted, "MWEB")) == "PARAM_ERROR"
    assert code(lambda: till.transactions.place(till.body(payer=None, scene_info=SCENE), "MWEB")) == "OK"


def test_a_code_is_paid_by_anybody_and_says_by_whom(till: Till) -> None:
    placed = till.transactions.place(till.body(payer=None), "NATIVE")
    assert placed.code.startswith("weixin://wxpay/bizpayurl?pr=")
    assert till.transactions.by_code(placed.code) is placed
    paid = till.transactions.pay(placed.prepay_id, OTHER)
    assert till.transactions.shown(paid)["payer"] == {"openid": OTHER}
    assert till.transactions.shown(paid)["trade_type"] == "NATIVE"
    for unknown in ("weixin://wxpay/bizpayurl?pr=0", ""):
        with pytest.raises(SheetRefused):
            till.transactions.by_code(unknown)


def test_an_h5_address_lives_five_minutes(till: Till) -> None:
    wanted = till.body(payer=None, scene_info=SCENE)
    placed = till.transactions.place(wanted, "MWEB")
    till.clock.advance(299)
    assert till.transactions.by_h5(placed.prepay_id) is placed
    till.clock.advance(1)
    with pytest.raises(SheetRefused, match="失效"):
        till.transactions.by_h5(placed.prepay_id)
    till.transactions.place(wanted, "MWEB")  # asked for again, it works again
    assert till.transactions.by_h5(placed.prepay_id) is placed


def test_each_way_is_paid_where_it_belongs(till: Till) -> None:
    jsapi = till.place()
    with pytest.raises(SheetRefused):
        till.transactions.by_h5(jsapi)
