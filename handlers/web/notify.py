"""WeChat Pay's notifications.

The status decides what WeChat does next: 204 ends the matter, everything else makes it send the same
notification again, for a day. So nothing is acknowledged before it is stored and settled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from handlers.web.base import Page
from infra.errors import KebanError
from infra.log import tracing
from payments.errors import NotificationRefused

ANSWER_S = 4.5  # WeChat Pay waits for 5; what is settled later than this is told again, and known by then


class NotifyHandler(Page):
    name = "notify"

    def prepare(self) -> None:
        """Not a browser's door: the signature decides, not the origin."""

    async def post(self) -> None:
        await self._take(self.shop.till.notified)

    async def _take(self, take: Callable[[Mapping[str, str], bytes], str]) -> None:
        headers = dict(self.request.headers.get_all())
        try:
            # A pool of their own: what pages do must not keep WeChat Pay waiting.
            taken = self.room.pools.notifications.submit(take, headers, self.request.body)
            trace = await self.done(taken, ANSWER_S)
        except NotificationRefused as error:
            self._fail(401, error)
        except KebanError as error:
            self._fail(500, error)
        else:
            # Committed: nothing that may still go wrong belongs before this answer.
            self.set_status(204)
            self.finish()
            with tracing(trace):
                self.shop.nudge()

    def _fail(self, status: int, error: KebanError) -> None:
        # The till has logged refusals already, and WeChat's own probe is no reason for a line.
        if not isinstance(error, NotificationRefused):
            self.log_exception(type(error), error, None)
        # The reason is for our log; a stranger who probes this address learns nothing.
        self._answer_fail(status)

    def write_error(self, status_code: int, **_cause: Any) -> None:
        """WeChat Pay reads JSON, whatever happened."""
        self._answer_fail(status_code)

    def _answer_fail(self, status: int) -> None:
        self.answer_json({"code": "FAIL", "message": "refused" if status < 500 else "try again"}, status)


class RefundNotifyHandler(NotifyHandler):
    name = "refund_notify"

    async def post(self) -> None:
        await self._take(self.shop.till.refund_notified)
