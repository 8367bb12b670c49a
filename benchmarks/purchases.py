"""Orders on their pay pages, made in bulk, and what WeChat Pay sends once they are paid."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from infra.clock import Clock
from infra.database import Database
from payments.attempt import number_of
from payments.tables import attempts, orders
from payments.wechatpay import WeChatPayGateway
from payments.wechatpay_keys import WeChatPayKeys
from tests.unit.payments.pretend_wechatpay import PAID, PretendWeChatPay

FEN = 9900
Delivery = tuple[dict[str, str], bytes]


@dataclass(frozen=True)
class Purchase:
    order_no: str
    out_trade_no: str
    openid: str

    @property
    def transaction_id(self) -> str:
        return f"42{self.out_trade_no}"


def purchases(count: int, first: int = 0) -> list[Purchase]:
    """Each of a follower of their own."""
    numbers = [f"2601051000{at:010d}" for at in range(first, first + count)]
    return [
        Purchase(no, number_of(no, 1), f"oBench_follower_{at:012d}") for at, no in enumerate(numbers, first)
    ]


def put_on_pay_pages(db: Database, made: list[Purchase], now: datetime) -> None:
    with db.transaction() as conn:
        conn.execute(orders.insert(), list(_orders(made, now)))
        conn.execute(attempts.insert(), list(_attempts(made, now)))


def paid(platform: PretendWeChatPay, purchase: Purchase, **lies: Any) -> Delivery:
    """A signed, sealed notification; ``lies`` replace what is true."""
    fact = PAID | {
        "out_trade_no": purchase.out_trade_no,
        "transaction_id": purchase.transaction_id,
        "payer": {"openid": purchase.openid},
    }
    body = platform.notice("TRANSACTION.SUCCESS", fact | lies)
    return platform.signed(body), body


def gateway(keys: WeChatPayKeys, clock: Clock) -> WeChatPayGateway:
    return WeChatPayGateway(keys, clock)


def sealed(body: bytes) -> tuple[bytes, bytes, bytes]:
    """Nonce, ciphertext and associated data."""
    resource = json.loads(body)["resource"]
    return resource["nonce"].encode(), b64decode(resource["ciphertext"]), resource["associated_data"].encode()


def _orders(made: list[Purchase], now: datetime) -> Iterator[dict[str, Any]]:
    for one in made:
        yield {
            "order_no": one.order_no,
            "openid": one.openid,
            "item_kind": "course",
            "item_id": "py-crawler",
            "contents": None,
            "is_gift": False,
            "title": "Python 爬虫从零到一",
            "total_fen": FEN,
            "access": "365d",
            "refund_rule": "7d",
            "status": "awaiting_payment",
            "open_key": one.order_no,
            "paid_by": None,
            "paid_at": None,
            "expires_at": now + timedelta(hours=2),
            "closing_tries": 0,
            "due_at": now + timedelta(hours=2),
            "created_at": now,
            "updated_at": now,
        }


def _attempts(made: list[Purchase], now: datetime) -> Iterator[dict[str, Any]]:
    for one in made:
        yield {
            "out_trade_no": one.out_trade_no,
            "order_no": one.order_no,
            "number": 1,
            "live_key": one.order_no,
            "way": "jsapi",
            "openid": one.openid,
            "total_fen": FEN,
            "asked_for": "benchmark",
            "status": "prepay",
            "prepay_id": f"wx-{one.out_trade_no}",
            "pay_url": None,
            "prepay_at": now,
            "transaction_id": None,
            "payer": None,
            "success_at": None,
            "received_fen": 0,
            "refunded_fen": 0,
            "pending_fen": 0,
            "wrong": "",
            "queries": 0,
            "queried_at": None,
            "due_at": now + timedelta(minutes=1),
            "created_at": now,
            "updated_at": now,
        }
