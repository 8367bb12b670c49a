"""The gateway port: what the till asks of a payment provider, and what it is told.

Whatever a gateway states is a claim; `payments.settle` and `payments.finish_refund` compare it with our rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Generic, Literal, Protocol, TypeVar

from infra.errors import KebanError, Unavailable


class GatewayUnavailable(Unavailable):
    """No answer, or none that can be trusted: nothing is known about what happened there. Ask again."""

    say = "pay.gateway_busy"


class BillNotReady(GatewayUnavailable):
    """The day's bill is still being made: ask again later in the day."""


class GatewayRefused(KebanError):
    """The gateway understood and said no. ``code`` is its own word for why."""

    say = "pay.gateway_refused"

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"the gateway refused: {code}", hint=message)
        self.code = code


Way = Literal["jsapi", "native", "h5"]
"""Inside WeChat; by a QR code on another screen; in a phone's browser outside of WeChat."""


@dataclass(frozen=True)
class Merchant:
    """Who we are to the gateway."""

    app_id: str
    mch_id: str


@dataclass(frozen=True)
class PrepayRequest:
    """One attempt as the gateway is asked for it. The same ``out_trade_no`` is always asked with the same.

    ``openid`` is the order's owner; only jsapi binds the payment to them.
    """

    out_trade_no: str
    description: str
    total_fen: int
    openid: str
    notify_url: str
    expires_at: datetime
    way: Way = "jsapi"
    client_ip: str = ""  # the payer's, which h5 needs


@dataclass(frozen=True)
class Prepared:
    """What the way of paying needs: ``prepay_id`` (jsapi), ``code_url`` (native: shown as a QR code) or
    ``h5_url`` (h5: opened by the browser, for five minutes). The other two are empty.
    """

    prepay_id: str = ""
    code_url: str = ""
    h5_url: str = ""


@dataclass(frozen=True)
class Payment:
    """What the gateway says about an attempt.

    ``state``: SUCCESS REFUND NOTPAY CLOSED REVOKED USERPAYING PAYERROR. An unpaid one has no transaction,
    payer or moment, and perhaps no amount.
    """

    app_id: str
    mch_id: str
    out_trade_no: str
    state: str
    transaction_id: str = ""
    total_fen: int | None = None
    currency: str = ""
    openid: str = ""
    success_at: datetime | None = None


@dataclass(frozen=True)
class RefundRequest:
    """One refund as the gateway is asked for it; repeated with the same ``out_refund_no`` it stays one."""

    out_refund_no: str
    out_trade_no: str
    fen: int
    total_fen: int
    reason: str
    notify_url: str


@dataclass(frozen=True)
class RefundFact:
    """What the gateway says about a refund. ``state``: PROCESSING SUCCESS CLOSED ABNORMAL.

    ``mch_id`` is empty where the gateway does not repeat it (answers to our own calls).
    """

    out_refund_no: str
    out_trade_no: str
    state: str
    fen: int
    total_fen: int
    refund_id: str = ""
    mch_id: str = ""
    success_at: datetime | None = None


@dataclass(frozen=True)
class Bill:
    """One day's bill (a day of Beijing), as WeChat Pay's CSV: UTF-8 with a BOM, amounts in yuan.

    ``file`` stands at its beginning and is the caller's to close; it agrees with ``sha1``. A day without
    business has an empty one, and an empty ``sha1``.
    """

    day: date
    sha1: str
    file: IO[bytes]


Fact = TypeVar("Fact")


@dataclass(frozen=True)
class Notice(Generic[Fact]):
    """A verified and decrypted notification. ``id`` is the gateway's own and stays over deliveries."""

    id: str
    event_type: str
    body: bytes
    fact: Fact


class Gateway(Protocol):
    """A payment provider. Calls raise GatewayUnavailable or GatewayRefused; none is made in a transaction."""

    @property
    def merchant(self) -> Merchant: ...

    def prepay(self, request: PrepayRequest) -> Prepared:
        """Registers the attempt and returns what its way of paying needs. Repeating it is harmless."""
        ...

    def sign_jsapi(self, prepay_id: str) -> dict[str, str]:
        """The six fields that WeChat's browser needs to show the payment sheet. Makes no call."""
        ...

    def query(self, out_trade_no: str) -> Payment | None:
        """What became of an attempt; None if the gateway has never heard of it."""
        ...

    def close(self, out_trade_no: str) -> None:
        """Makes an unpaid attempt unpayable."""
        ...

    def refund(self, request: RefundRequest) -> RefundFact:
        """Asks for money to go back. "Accepted" (PROCESSING) is not "done"."""
        ...

    def query_refund(self, out_refund_no: str) -> RefundFact | None:
        """What became of a refund; None if the gateway has never heard of it."""
        ...

    def trade_bill(self, day: date) -> Bill:
        """The whole bill of a day, downloaded and compared with its hash. Raises BillNotReady as well."""
        ...

    def open_payment(self, headers: Mapping[str, str], body: bytes) -> Notice[Payment]:
        """Verifies and decrypts a payment notification, or raises NotificationRefused. Makes no call."""
        ...

    def open_refund(self, headers: Mapping[str, str], body: bytes) -> Notice[RefundFact]:
        """Verifies and decrypts a refund notification, or raises NotificationRefused. Makes no call."""
        ...
