"""WeChat Pay's notifications.

The status decides what WeChat does next: 204 ends the matter, everything else makes it send the same
notification again, for a day. So nothing is acknowledged before it is stored and settled.
"""

from __future__ import annotations

from handlers.web.base import Page
from infra.errors import KebanError
from payments.errors import NotificationRefused


class NotifyHandler(Page):
    name = "notify"

    def prepare(self) -> None:
        """Not a browser's door: the signature decides, not the origin."""

    async def post(self) -> None:
        await self._take(self.shop.till.notified)

    async def _take(self, take: object) -> None:
        headers = dict(self.request.headers.get_all())
        try:
            await self.work(take, headers, self.request.body)  # type: ignore[arg-type]
        except NotificationRefused as error:
            self._fail(401, error)
        except KebanError as error:
            self._fail(500, error)
        else:
            await self.work(self.room.nudge)
            self.set_status(204)
            self.finish()

    def _fail(self, status: int, error: KebanError) -> None:
        # The till has logged refusals already, and WeChat's own probe is no reason for a line.
        if not isinstance(error, NotificationRefused):
            self.log_exception(type(error), error, None)
        # The reason is for our log; a stranger who probes this address learns nothing.
        self.answer_json({"code": "FAIL", "message": "refused" if status < 500 else "try again"}, status)


class RefundNotifyHandler(NotifyHandler):
    name = "refund_notify"

    async def post(self) -> None:
        await self._take(self.shop.till.refund_notified)
