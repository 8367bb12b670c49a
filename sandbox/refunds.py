"""Refunds: accepted at once, done a moment later, the same ``out_refund_no`` never twice."""

from __future__ import annotations

import re
import secrets
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.clock import Clock, beijing_time
from sandbox.config import Config
from sandbox.payrefusal import PayRefused, bad_parameter, bad_request
from sandbox.store import Store
from sandbox.transactions import Transaction, Transactions, is_whole, notify_url

KIND = "refund"
PARTS_MAX = 50
YEAR_S = 365 * 86_400.0
_OUT_REFUND_NO = re.compile(r"[0-9A-Za-z_\-|*@]{1,64}")


@dataclass
class Refund:
    """One refund; amounts in fen, times in seconds since 1970."""

    out_refund_no: str
    out_trade_no: str
    amount: int
    reason: str
    notify_url: str
    refund_id: str
    created_at: float
    status: str = "PROCESSING"
    done_at: float = 0.0


class Refunds:
    """All refunds by ``out_refund_no``, kept in the store."""

    def __init__(self, config: Config, store: Store, clock: Clock, transactions: Transactions) -> None:
        self._config, self._store, self._clock, self._transactions = config, store, clock, transactions
        self._known = {key: Refund(**body) for key, body in store.all(KIND)}

    def ask(self, body: dict[str, Any]) -> tuple[Refund, bool]:
        """The refund, and whether it is a new one. Raises PayRefused."""
        number, paid = _number(body.get("out_refund_no")), self._paid(body)
        amount = _amount(body.get("amount"), paid)
        known = self._known.get(number)
        if known is not None:
            _check_same(known, paid, amount)
            return known, False
        self._check_room(paid, amount)
        return self._add(number, paid, amount, body), True

    def find(self, number: str) -> Refund:
        known = self._known.get(number)
        if known is None:
            raise PayRefused(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
        return known

    def all(self) -> list[Refund]:
        return list(self._known.values())

    def unfinished(self) -> list[Refund]:
        return [known for known in self._known.values() if known.status == "PROCESSING"]

    def finish(self, known: Refund) -> None:
        """The money is back with the follower."""
        known.status, known.done_at = "SUCCESS", self._clock()
        self._transactions.refunded(self._transactions.find(known.out_trade_no))
        self._keep(known)

    def shown(self, known: Refund) -> dict[str, Any]:
        """As the API answers it."""
        paid = self._transactions.find(known.out_trade_no)
        shown = {
            **_both(known, paid),
            "channel": "ORIGINAL",
            "create_time": beijing_time(known.created_at),
            "status": known.status,
            "amount": {
                **_shares(known, paid),
                "settlement_refund": known.amount,
                "settlement_total": paid.total,
                "discount_refund": 0,
                "currency": "CNY",
            },
        }
        return {**shown, "success_time": beijing_time(known.done_at)} if known.done_at else shown

    def notice(self, known: Refund) -> dict[str, Any]:
        """As the notification carries it: other names for the same things."""
        paid = self._transactions.find(known.out_trade_no)
        return {
            "mchid": self._config.mch_id,
            **_both(known, paid),
            "refund_status": known.status,
            "success_time": beijing_time(known.done_at),
            "amount": _shares(known, paid),
        }

    def _paid(self, body: dict[str, Any]) -> Transaction:
        if body.get("transaction_id"):
            paid = self._transactions.find_by_id(str(body["transaction_id"]))
        elif body.get("out_trade_no"):
            paid = self._transactions.find(str(body["out_trade_no"]))
        else:
            raise bad_parameter("transaction_id 和 out_trade_no 必须二选一")
        if not paid.transaction_id:
            raise bad_request("订单未支付，不能退款")
        if self._clock() - paid.paid_at > YEAR_S:
            raise bad_request("订单已超过可退款的最大期限")
        return paid

    def _check_room(self, paid: Transaction, amount: int) -> None:
        parts = [known for known in self._known.values() if known.out_trade_no == paid.out_trade_no]
        if sum(part.amount for part in parts) + amount > paid.total:
            raise PayRefused(403, "NOT_ENOUGH", "申请退款金额大于订单可退金额")
        if len(parts) >= PARTS_MAX:
            raise bad_request(f"一笔订单最多退款 {PARTS_MAX} 次")
        if parts and self._clock() - max(part.created_at for part in parts) < self._config.refund_gap_s:
            raise PayRefused(429, "FREQUENCY_LIMITED", "同一订单多次退款须间隔 1 分钟")

    def _add(self, number: str, paid: Transaction, amount: int, body: dict[str, Any]) -> Refund:
        url = body.get("notify_url")
        reason = body.get("reason") or ""
        if not isinstance(reason, str) or len(reason) > 80:
            raise bad_parameter("reason 最多 80 个字符")
        refund = Refund(
            out_refund_no=number,
            out_trade_no=paid.out_trade_no,
            amount=amount,
            reason=reason,
            notify_url=notify_url(url, self._config.service_url) if url else "",
            refund_id="5030" + "".join(str(secrets.randbelow(10)) for _ in range(24)),
            created_at=self._clock(),
        )
        self._known[number] = refund
        self._keep(refund)
        return refund

    def _keep(self, known: Refund) -> None:
        self._store.put(KIND, known.out_refund_no, asdict(known))


def _number(value: object) -> str:
    if not isinstance(value, str) or not _OUT_REFUND_NO.fullmatch(value):
        raise bad_parameter("商户退款单号 out_refund_no 最多 64 个字符，只能是数字、大小写字母_-|*@")
    return value


def _amount(amount: object, paid: Transaction) -> int:
    if not isinstance(amount, dict) or not is_whole(amount.get("refund")) or amount["refund"] < 1:
        raise bad_parameter("amount.refund 必须是整数，单位为分，至少 1 分")
    if amount.get("total") != paid.total or not is_whole(amount.get("total")):
        raise bad_request("订单金额 amount.total 与原订单不一致")
    if amount.get("currency") != "CNY":
        raise bad_parameter("amount.currency 只支持 CNY")
    refund: int = amount["refund"]
    return refund


def _check_same(known: Refund, paid: Transaction, amount: int) -> None:
    if (known.out_trade_no, known.amount) != (paid.out_trade_no, amount):
        raise bad_request("商户退款单号重复，且参数与首次不一致")


def _both(known: Refund, paid: Transaction) -> dict[str, Any]:
    return {
        "refund_id": known.refund_id,
        "out_refund_no": known.out_refund_no,
        "transaction_id": paid.transaction_id,
        "out_trade_no": paid.out_trade_no,
        "user_received_account": "支付用户零钱",
    }


def _shares(known: Refund, paid: Transaction) -> dict[str, int]:
    return {
        "total": paid.total,
        "refund": known.amount,
        "payer_total": paid.total,
        "payer_refund": known.amount,
    }
