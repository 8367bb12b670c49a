"""The gateway of a shop that has no WeChat Pay yet: free courses work, the rest is refused politely."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NoReturn

from payments.errors import NotificationRefused
from payments.gateway import (
    Bill,
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


class ClosedGateway:
    """See `payments.gateway.Gateway`. Queries fail, so nothing is closed that another setup opened."""

    @property
    def merchant(self) -> Merchant:
        return Merchant("", "")

    def prepay(self, request: PrepayRequest) -> Prepared:
        _refuse()

    def sign_jsapi(self, prepay_id: str) -> dict[str, str]:
        _refuse()

    def query(self, out_trade_no: str) -> Payment | None:
        raise GatewayUnavailable("WeChat Pay is not configured")

    def close(self, out_trade_no: str) -> None:
        raise GatewayUnavailable("WeChat Pay is not configured")

    def refund(self, request: RefundRequest) -> RefundFact:
        raise GatewayUnavailable("WeChat Pay is not configured")

    def query_refund(self, out_refund_no: str) -> RefundFact | None:
        raise GatewayUnavailable("WeChat Pay is not configured")

    def trade_bill(self, day: date) -> Bill:
        raise GatewayUnavailable("WeChat Pay is not configured")

    def open_payment(self, headers: Mapping[str, str], body: bytes) -> Notice[Payment]:
        raise NotificationRefused("closed", "WeChat Pay is not configured")

    def open_refund(self, headers: Mapping[str, str], body: bytes) -> Notice[RefundFact]:
        raise NotificationRefused("closed", "WeChat Pay is not configured")


def _refuse() -> NoReturn:
    raise GatewayRefused("NOT_CONFIGURED", "fill in the section [pay] of config.toml")
