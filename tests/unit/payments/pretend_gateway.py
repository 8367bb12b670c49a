"""A payment provider in memory, with WeChat Pay's habits: numbers keep their parameters, paid orders do not
close, refunds stay within what was paid, and an accepted refund is not a finished one.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from typing import Any

from infra.clock import Clock
from payments.errors import NotificationRefused
from payments.gateway import (
    Bill,
    BillNotReady,
    GatewayRefused,
    GatewayUnavailable,
    Merchant,
    Notice,
    Payment,
    Prepared,
    PrepayRequest,
    RefundFact,
    RefundRequest,
)
from tests.unit.payments.pretend_bill import Movement, bill_text

US = Merchant("wx0000000000000001", "1900000001")
Delivery = tuple[dict[str, str], bytes]


@dataclass
class Account:
    """One out_trade_no as the provider knows it."""

    request: PrepayRequest
    state: str = "NOTPAY"
    transaction_id: str = ""
    success_at: datetime | None = None


@dataclass
class PretendGateway:
    clock: Clock
    merchant: Merchant = US
    accounts: dict[str, Account] = field(default_factory=dict)
    refunds: dict[str, RefundFact] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    down: bool = False
    answers_are_lost: bool = False  # what was asked for happens there, and we do not hear of it
    refusal: str = ""
    signs_with: str = "first key"
    knows: set[str] = field(default_factory=lambda: {"first key"})  # the keys of our configuration
    during_call: Callable[[str], None] = lambda _name: None
    tamper: Callable[[list[Movement]], list[Movement]] = lambda moved: moved  # with the bill's lines
    spoil: Callable[[bytes], bytes] = lambda text: text  # with its file
    counts_later_by: timedelta = timedelta()  # the bill's moments, than those of its notifications

    def __post_init__(self) -> None:
        self._guard = threading.RLock()
        self._notices = 0

    # What the till calls

    def prepay(self, request: PrepayRequest) -> Prepared:
        self._enter("prepay")
        with self._guard:
            account = self.accounts.setdefault(request.out_trade_no, Account(request))
            if replace(account.request, client_ip=request.client_ip) != request:
                raise GatewayRefused("INVALID_REQUEST", "201 商户订单号重复")
            if account.state != "NOTPAY":
                raise GatewayRefused("ORDERPAID" if account.state == "SUCCESS" else "ORDER_CLOSED", "")
            self._answer()
            if request.way == "jsapi":
                return Prepared(prepay_id=f"wx-{request.out_trade_no}")
            if request.way == "native":
                return Prepared(code_url=f"weixin://wxpay/bizpayurl?pr={request.out_trade_no}")
            return Prepared(
                h5_url=f"https://wx.tenpay.test/h5?id={request.out_trade_no}&ip={request.client_ip}"
            )

    def sign_jsapi(self, prepay_id: str) -> dict[str, str]:
        return {
            "appId": self.merchant.app_id,
            "timeStamp": str(int(self.clock.now().timestamp())),
            "nonceStr": "nonce",
            "package": f"prepay_id={prepay_id}",
            "signType": "RSA",
            "paySign": "signed",
        }

    def query(self, out_trade_no: str) -> Payment | None:
        self._enter("query")
        with self._guard:
            return self._said(out_trade_no) if out_trade_no in self.accounts else None

    def close(self, out_trade_no: str) -> None:
        self._enter("close")
        with self._guard:
            if self.accounts[out_trade_no].state == "SUCCESS":
                raise GatewayRefused("ORDERPAID", "该订单已支付")
            self.accounts[out_trade_no].state = "CLOSED"
            self._answer()

    def refund(self, request: RefundRequest) -> RefundFact:
        self._enter("refund")
        with self._guard:
            known = self.refunds.get(request.out_refund_no)
            if known is not None:
                return known
            self._check_room(request)
            fact = RefundFact(
                out_refund_no=request.out_refund_no,
                out_trade_no=request.out_trade_no,
                state="PROCESSING",
                fen=request.fen,
                total_fen=request.total_fen,
                refund_id=f"50-{request.out_refund_no}",
            )
            self.refunds[request.out_refund_no] = fact
            self._answer()
            return fact

    def query_refund(self, out_refund_no: str) -> RefundFact | None:
        self._enter("query_refund")
        return self.refunds.get(out_refund_no)

    def trade_bill(self, day: date) -> Bill:
        self._enter("trade_bill")
        if self.clock.now() < datetime.combine(day + timedelta(days=1), time(2), UTC):  # 10:00 in Beijing
            raise BillNotReady(f"the bill of {day} is still being made")
        text = self.spoil(bill_text(self.merchant, self.movements(day)))
        return Bill(day, hashlib.sha1(text).hexdigest() if text else "", BytesIO(text))

    def open_payment(self, headers: Mapping[str, str], body: bytes) -> Notice[Payment]:
        outer = _verified(headers, body, self.knows)
        fact = Payment(**{**outer["fact"], "success_at": _moment(outer["fact"]["success_at"])})
        return Notice(outer["id"], outer["event_type"], body, fact)

    def open_refund(self, headers: Mapping[str, str], body: bytes) -> Notice[RefundFact]:
        outer = _verified(headers, body, self.knows)
        fact = RefundFact(**{**outer["fact"], "success_at": _moment(outer["fact"]["success_at"])})
        return Notice(outer["id"], outer["event_type"], body, fact)

    # What followers, banks and the wire do

    def paid_by_follower(self, out_trade_no: str) -> bool:
        """Whether the provider took the money."""
        with self._guard:
            account = self.accounts.get(out_trade_no)
            if account is None or account.state != "NOTPAY":
                return False
            account.state = "SUCCESS"
            account.transaction_id = f"42-{out_trade_no}"
            account.success_at = self.clock.now()
            return True

    def paid_although_closed(self, out_trade_no: str) -> None:
        """WeChat's expiry is not always honoured: money may come after the end."""
        self.accounts[out_trade_no].state = "NOTPAY"
        self.paid_by_follower(out_trade_no)

    def refund_ends(self, out_refund_no: str, state: str = "SUCCESS") -> None:
        moment = self.clock.now() if state == "SUCCESS" else None
        self.refunds[out_refund_no] = replace(self.refunds[out_refund_no], state=state, success_at=moment)

    def payment_notice(
        self, out_trade_no: str, /, *, event_type: str = "TRANSACTION.SUCCESS", **lies: Any
    ) -> Delivery:
        """What the provider sends; ``lies`` replace what is true."""
        said = self._said(out_trade_no)
        return self._delivery(event_type, _wire({**said.__dict__, **lies}))

    def refund_notice(self, out_refund_no: str, /, **lies: Any) -> Delivery:
        said = self.refunds[out_refund_no]
        fact = {**said.__dict__, "mch_id": self.merchant.mch_id, **lies}
        return self._delivery(f"REFUND.{said.state}", _wire(fact))

    def signed_now(self, delivery: Delivery) -> Delivery:
        """The same delivery again: each is signed anew, with the key of its day."""
        headers, body = delivery
        return {**headers, "Key": self.signs_with}, body

    @property
    def took_fen(self) -> int:
        return sum(a.request.total_fen for a in self.accounts.values() if a.transaction_id)

    @property
    def gave_back_fen(self) -> int:
        return sum(fact.fen for fact in self.refunds.values() if fact.state == "SUCCESS")

    def movements(self, day: date) -> list[Movement]:
        """What stands in the bill of a day: the provider's truth, then ``tamper``."""
        came = [
            Movement(paid.success_at, paid.transaction_id, number, paid.request.total_fen)
            for number, paid in self.accounts.items()
            if paid.success_at is not None
        ]
        back = [
            Movement(
                done.success_at,
                self.accounts[done.out_trade_no].transaction_id,
                done.out_trade_no,
                done.fen,
                out_refund_no=number,
            )
            for number, done in self.refunds.items()
            if done.success_at is not None
        ]
        moved = [replace(one, at=one.at + self.counts_later_by) for one in came + back]
        return self.tamper(sorted((one for one in moved if one.day == day), key=lambda one: one.at))

    def refunded_by_hand(self, out_trade_no: str, fen: int, number: str = "") -> str:
        """Somebody logged in at the merchant platform; we are not told."""
        number = number or f"hand{len(self.refunds)}"
        self.refunds[number] = RefundFact(
            out_refund_no=number,
            out_trade_no=out_trade_no,
            state="SUCCESS",
            fen=fen,
            total_fen=self.accounts[out_trade_no].request.total_fen,
            refund_id=f"50-{number}",
            success_at=self.clock.now(),
        )
        return number

    def _enter(self, name: str) -> None:
        self.calls.append(name)
        self.during_call(name)
        if self.down:
            raise GatewayUnavailable("the pretend gateway is down")
        if self.refusal:
            raise GatewayRefused(self.refusal, "as the test wants it")

    def _answer(self) -> None:
        if self.answers_are_lost:
            raise GatewayUnavailable("the pretend gateway's answer was lost")

    def _said(self, out_trade_no: str) -> Payment:
        account = self.accounts[out_trade_no]
        known = Payment(US.app_id, US.mch_id, out_trade_no, account.state)
        if not account.transaction_id:
            return known
        return replace(
            known,
            transaction_id=account.transaction_id,
            total_fen=account.request.total_fen,
            currency="CNY",
            openid=account.request.openid,
            success_at=account.success_at,
        )

    def _check_room(self, request: RefundRequest) -> None:
        asked = sum(
            fact.fen
            for fact in self.refunds.values()
            if fact.out_trade_no == request.out_trade_no and fact.state != "CLOSED"
        )
        paid = self.accounts[request.out_trade_no]
        if paid.state != "SUCCESS" or asked + request.fen > paid.request.total_fen:
            raise GatewayRefused("NOT_ENOUGH", "more than was paid")

    def _delivery(self, event_type: str, fact: dict[str, Any]) -> Delivery:
        with self._guard:
            self._notices += 1
            outer = {"id": f"EV-{self._notices}", "event_type": event_type, "fact": fact}
        return {"Signed": "by the pretend gateway", "Key": self.signs_with}, json.dumps(outer).encode()


def _verified(headers: Mapping[str, str], body: bytes, known: set[str]) -> dict[str, Any]:
    if headers.get("Signed") != "by the pretend gateway" or headers.get("Key", "first key") not in known:
        raise NotificationRefused("signature", "not the pretend gateway's")
    outer: dict[str, Any] = json.loads(body)
    return outer


def _wire(fact: dict[str, Any]) -> dict[str, Any]:
    moment = fact["success_at"]
    return {**fact, "success_at": moment.isoformat() if moment else None}


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
