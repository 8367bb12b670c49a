"""What became of a payment, and the figure and the line in the log about it."""

from __future__ import annotations

from dataclasses import dataclass

from infra.log import get_logger
from infra.metrics import PAYMENTS

log = get_logger("payments")


@dataclass(frozen=True)
class Settled:
    """What became of a payment.

    ``result``: ``fulfilled`` (it opens what it bought), ``surplus`` (a refund is under way), ``again`` (known
    already), ``wrong`` (it does not match the order; nothing was granted) or ``stranger`` (no such attempt).
    """

    result: str
    out_trade_no: str
    cause: str = ""

    @property
    def is_good(self) -> bool:
        return self.result in ("fulfilled", "surplus", "again")


def report(settled: Settled) -> None:
    """After the commit: a figure for each, and a loud line for what an operator has to look at."""
    PAYMENTS.labels(step="settle", result=settled.result).inc()
    if settled.is_good:
        log.info("payment_settled", result=settled.result, out_trade_no=settled.out_trade_no)
    else:
        log.error(
            "payment_does_not_match",
            result=settled.result,
            out_trade_no=settled.out_trade_no,
            cause=settled.cause,
        )
