"""A till with everything around it: clock, gateway, and the steps of a purchase in one word each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import func, select

from infra.clock import ManualClock
from infra.database import Database
from infra.outbox import Outbox
from payments.offer import Offer
from payments.order import Order
from payments.tables import attempts, grants, postings, refunds
from payments.till import Till
from tests.unit.payments.pretend_gateway import PretendGateway

LIN = "oLin_follower_0000000000001a"
MEI = "oMei_follower_0000000000002b"
CRAWLER = Offer(item_id="py-crawler", title="Python 爬虫从零到一", price_fen=9900, refund="7d")
FREE = Offer(item_id="git-start", title="Git 入门", price_fen=0)


class Books(NamedTuple):
    """The sums that have to agree, in fen; how many refunds there are, and how many grants run."""

    ledger: int = 0
    received: int = 0
    refunded: int = 0
    pending: int = 0
    refunds: int = 0
    grants: int = 0


@dataclass
class Counter:
    db: Database
    clock: ManualClock
    gateway: PretendGateway
    till: Till

    @classmethod
    def opened(cls, db: Database, clock: ManualClock) -> Counter:
        gateway = PretendGateway(clock)
        return cls(db, clock, gateway, new_till(db, gateway, clock))

    def order(self, openid: str = LIN, offer: Offer = CRAWLER) -> Order:
        return self.till.order(openid, offer)

    def prepared(self, openid: str = LIN, offer: Offer = CRAWLER) -> tuple[Order, str]:
        """An order on its pay page; with the out_trade_no of its attempt."""
        order = self.order(openid, offer)
        self.till.prepay(order.order_no, openid)
        return order, self.till.show(order.order_no).attempts[-1].out_trade_no

    def paid(self, openid: str = LIN, offer: Offer = CRAWLER) -> tuple[Order, str]:
        """Paid at the gateway; nobody has told us yet."""
        order, out_trade_no = self.prepared(openid, offer)
        assert self.gateway.paid_by_follower(out_trade_no)
        return order, out_trade_no

    def bought(self, openid: str = LIN, offer: Offer = CRAWLER) -> tuple[Order, str]:
        """Paid and settled."""
        order, out_trade_no = self.paid(openid, offer)
        self.tell(out_trade_no)
        return order, out_trade_no

    def tell(self, out_trade_no: str, /, **lies: Any) -> None:
        """A payment notification arrives."""
        self.till.notified(*self.gateway.payment_notice(out_trade_no, **lies))

    def tell_refund(self, out_refund_no: str, /, **lies: Any) -> None:
        self.till.refund_notified(*self.gateway.refund_notice(out_refund_no, **lies))

    def refunded(self, order_no: str, fen: int | None = None) -> str:
        """Asked for, finished at the gateway, and told."""
        out_refund_no = self.till.refund(order_no, fen, "不想学了").out_refund_no
        self.gateway.refund_ends(out_refund_no)
        self.tell_refund(out_refund_no)
        return out_refund_no

    def status(self, order: Order) -> str:
        found = self.till.get(order.order_no)
        assert found is not None
        return found.status

    def receipts(self) -> list[str]:
        waiting = Outbox(self.db, self.clock).waiting()
        return [parcel.payload["order_no"] for parcel in waiting if parcel.topic == "receipt"]

    def books(self) -> Books:
        with self.db.reading() as conn:
            return Books(*(int(conn.execute(wanted).scalar_one()) for wanted in _SUMS))


def new_till(
    db: Database, gateway: PretendGateway, clock: ManualClock, base: str = "https://keban.test"
) -> Till:
    return Till(
        db,
        gateway,
        clock,
        notify_url=f"{base}/pay/notify",
        refund_notify_url=f"{base}/pay/refund-notify",
    )


_SUMS = (
    select(func.coalesce(func.sum(postings.c.fen), 0)).where(postings.c.account == "wechat"),
    select(func.coalesce(func.sum(attempts.c.received_fen), 0)),
    select(func.coalesce(func.sum(attempts.c.refunded_fen), 0)),
    select(func.coalesce(func.sum(attempts.c.pending_fen), 0)),
    select(func.count()).select_from(refunds),
    select(func.count()).select_from(grants).where(grants.c.status == "active"),
)
