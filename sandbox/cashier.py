"""The pay sheet: what WeChat checks before it shows one, what a confirmation does; and refunds."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from sandbox.config import Config
from sandbox.notifications import Notifier
from sandbox.paysign import PaySigner
from sandbox.refunds import Refund, Refunds
from sandbox.transactions import SheetRefused, Transaction, Transactions

PREFIX = "prepay_id="
WRONG_SIGNATURE = "支付验证签名失败"
FIELDS = ("appId", "timeStamp", "nonceStr", "package", "signType", "paySign")

log = logging.getLogger("sandbox.cashier")


class Cashier:
    """Between the follower's thumb and the transactions."""

    def __init__(
        self,
        config: Config,
        *,
        signer: PaySigner,
        transactions: Transactions,
        refunds: Refunds,
        notifier: Notifier,
    ) -> None:
        self._config, self._signer = config, signer
        self._transactions, self._refunds, self._notifier = transactions, refunds, notifier
        self._tasks: set[asyncio.Task[bool]] = set()

    def sheet(self, params: Mapping[str, Any], openid: str) -> dict[str, Any]:
        """What the sheet shows for ``getBrandWCPayRequest``'s parameters. Raises SheetRefused."""
        return self._sheet_of(self._prepay_id(params), openid)

    def sheet_of_code(self, code: str, openid: str) -> dict[str, Any]:
        """What the sheet shows for a QR code that anybody has scanned. Raises SheetRefused."""
        return self._sheet_of(self._transactions.by_code(code).prepay_id, openid)

    def sheet_of_h5(self, prepay_id: str) -> dict[str, Any]:
        """The same for an h5_url. Raises SheetRefused."""
        return self._sheet_of(self._transactions.by_h5(prepay_id).prepay_id, "")

    def pay_code(self, code: str, openid: str) -> Transaction:
        """Raises SheetRefused; the notification is the caller's to send."""
        return self._transactions.pay(self._transactions.by_code(code).prepay_id, openid)

    def pay_h5(self, prepay_id: str, openid: str) -> Transaction:
        """Raises SheetRefused; the notification is the caller's to send."""
        return self._transactions.pay(self._transactions.by_h5(prepay_id).prepay_id, openid)

    def _sheet_of(self, prepay_id: str, openid: str) -> dict[str, Any]:
        known = self._transactions.payable(prepay_id, openid)
        return {
            "merchant": self._config.account_name,
            "description": known.description,
            "total_fen": known.total,
            "out_trade_no": known.out_trade_no,
        }

    def pay(self, params: Mapping[str, Any], openid: str) -> Transaction:
        """The follower confirmed. Raises SheetRefused; the notification is the caller's to send."""
        return self._transactions.pay(self._prepay_id(params), openid)

    async def notify(self, paid: Transaction) -> bool:
        """Tell the service; whether it took the news at the first try."""
        return await self._notifier.send(
            paid.notify_url, "TRANSACTION.SUCCESS", self._transactions.shown(paid)
        )

    def notify_in_background(self, paid: Transaction) -> None:
        self._in_background(self.notify(paid))

    def refund(self, body: dict[str, Any]) -> Refund:
        """Accept a refund; it is done, and told, a moment later. Raises PayRefused."""
        refund, is_new = self._refunds.ask(body)
        if is_new:
            self._in_background(self._finish(refund))
        return refund

    def resume(self) -> None:
        """Finish the refunds that an earlier run left; call once the loop runs."""
        for refund in self._refunds.unfinished():
            self._in_background(self._finish(refund))

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _finish(self, refund: Refund) -> bool:
        await asyncio.sleep(self._config.refund_delay_s)
        self._refunds.finish(refund)
        if not refund.notify_url:
            return False
        return await self._notifier.send(refund.notify_url, "REFUND.SUCCESS", self._refunds.notice(refund))

    def _prepay_id(self, params: Mapping[str, Any]) -> str:
        """The signed prepay_id; every field must be a string, as WeChat wants it. Raises SheetRefused."""
        missing = [name for name in FIELDS if not isinstance(params.get(name), str) or not params[name]]
        if missing:
            raise SheetRefused(f"调用支付JSAPI缺少参数：{missing[0]}")
        app_id, stamp, nonce, package, sign_type, signature = (str(params[name]) for name in FIELDS)
        if sign_type != "RSA" or app_id != self._config.app_id or not stamp.isdigit():
            raise SheetRefused(WRONG_SIGNATURE)
        if not self._signer.jsapi_fits(app_id, stamp, nonce, package, signature):
            raise SheetRefused(WRONG_SIGNATURE)
        if not package.startswith(PREFIX):
            raise SheetRefused("调用支付JSAPI缺少参数：prepay_id")
        return package.removeprefix(PREFIX)

    def _in_background(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
