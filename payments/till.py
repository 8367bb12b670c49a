"""The till's façade: what pages, chat, worker and command line use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from infra.clock import Clock
from infra.database import Database
from payments import attempt as attempts_of
from payments import care
from payments import gift as gifts_of
from payments import grant as grants_of
from payments import order as orders_of
from payments.ask import insist, refresh
from payments.attempt import Attempt
from payments.burst import Burst
from payments.desk import Desk
from payments.gateway import Gateway, Way
from payments.gift import Gift
from payments.grant import Grant
from payments.held import NO_TAGS, Held, Tags, held_by
from payments.invoice import Invoices
from payments.notify import notified, refund_notified
from payments.offer import Offer
from payments.order import Order
from payments.order_file import OrderFile, file_of
from payments.owned import Owned
from payments.place_order import place_order
from payments.prepay import prepare, prepay
from payments.refund import Refund
from payments.rights import Access, Tagged
from payments.sold import sold_lately
from payments.standing import Standing, standings
from payments.submit_refund import refund, try_again
from payments.suspend import suspended_by
from payments.sweep import PER_RUN, sweep

P = ParamSpec("P")
R = TypeVar("R")


def _opens_or_ends(method: Callable[Concatenate[Till, P], R]) -> Callable[Concatenate[Till, P], R]:
    """What this till did itself is seen in the next list."""

    @wraps(method)
    def done(till: Till, /, *args: P.args, **given: P.kwargs) -> R:
        try:
            return method(till, *args, **given)
        finally:
            till.forget()

    return done


class Till:
    """Orders, payments, access and refunds of one merchant. Synchronous; threads may share it."""

    def __init__(
        self, db: Database, gateway: Gateway, clock: Clock, *, notify_url: str, refund_notify_url: str
    ) -> None:
        self._desk = Desk(db, gateway, clock, notify_url, refund_notify_url)
        self._burst = Burst(self._desk)
        self.invoices = Invoices(db, clock)
        self._owned = Owned(db, clock)

    @property
    def desk(self) -> Desk:
        """For what is done beside the counter: `payments.operator`, `reconcile`, `watch`."""
        return self._desk

    @_opens_or_ends
    def order(self, openid: str, offer: Offer) -> Order:
        """The follower's open order for this offer, at its frozen price; a free one comes back fulfilled.

        Raises AlreadyOwned, RefundUnderWay, TermOver, BadOffer or Conflict.
        """
        return place_order(self._desk, openid, offer)

    def get(self, order_no: str) -> Order | None:
        """Whose it is, the caller compares."""
        with self._desk.db.reading() as conn:
            return orders_of.find(conn, order_no)

    def orders_of(self, openid: str, limit: int = 20) -> list[Order]:
        """Newest first."""
        with self._desk.db.reading() as conn:
            return orders_of.of_follower(conn, openid, limit)

    def purchases_of(self, openid: str, limit: int = 100) -> list[Order]:
        """Orders that money was taken for, newest first, however many others there are."""
        with self._desk.db.reading() as conn:
            return orders_of.purchases_of(conn, openid, limit)

    @_opens_or_ends
    def prepay(self, order_no: str, openid: str) -> dict[str, str]:
        """The six JSAPI fields, for the order's owner only.

        Raises OrderNotFound, AlreadyPaid, OrderClosed, AlreadyOwned, GatewayUnavailable or GatewayRefused.
        """
        return prepay(self._desk, order_no, openid)

    @_opens_or_ends
    def pay_url(self, order_no: str, openid: str, way: Way, client_ip: str = "") -> str:
        """What to show as a QR code (``native``) or to open (``h5``, which needs ``client_ip``), likewise."""
        return prepare(self._desk, order_no, openid, way, client_ip)

    @_opens_or_ends
    def notified(self, headers: Mapping[str, str], body: bytes) -> str:
        """A payment notification; its trace, once committed. Raises NotificationRefused, PaymentDiffers."""
        return notified(self._desk, self._burst, headers, body)

    @_opens_or_ends
    def refund_notified(self, headers: Mapping[str, str], body: bytes) -> str:
        """A refund notification, likewise."""
        return refund_notified(self._desk, headers, body)

    @_opens_or_ends
    def refresh(self, order_no: str) -> Order:
        """Asks the gateway about an order that is still open (at most every 2 s). Raises OrderNotFound."""
        return refresh(self._desk, order_no)

    @_opens_or_ends
    def insist(self, order_no: str) -> Order:
        """Asks afresh, and about attempts that ended here, too: for who says that they have paid.

        Raises OrderNotFound, and GatewayUnavailable when WeChat Pay did not say whether it is paid.
        """
        return insist(self._desk, order_no)

    @_opens_or_ends
    def sweep(self, limit: int = PER_RUN) -> int:
        """The worker's round; returns how many steps were tried."""
        return sweep(self._desk, limit)

    def may_read(self, openid: str, item_id: str) -> bool:
        """Whether this follower has a running grant for this course."""
        with self._desk.db.reading() as conn:
            return grants_of.may_read(conn, openid, item_id, self._desk.now())

    def grants_of(self, openid: str) -> list[Grant]:
        """What this follower may read now, newest first."""
        with self._desk.db.reading() as conn:
            return grants_of.running_of(conn, openid, self._desk.now())

    def suspended(self, openid: str) -> list[Order]:
        """By which something is closed to this follower while their money goes back."""
        with self._desk.db.reading() as conn:
            return suspended_by(conn, openid)

    def held_since(self, openid: str, course: Tagged) -> datetime | None:
        """From when on this follower has had the course open without a gap; None when it is not open now."""
        with self._desk.db.reading() as conn:
            return grants_of.held_since(conn, openid, course, self._desk.now())

    def held(self, openid: str) -> Held:
        """Until when this follower has what, renewals included that have yet to begin."""
        with self._desk.db.reading() as conn:
            return held_by(conn, openid, self._desk.now())

    def gift(self, code: str) -> Gift | None:
        """The gift with this code, as it was typed."""
        with self._desk.db.reading() as conn:
            return gifts_of.find(conn, gifts_of.code_in(code))

    def gift_of(self, order_no: str) -> Gift | None:
        """The gift that this order bought. Whose it is, the caller compares."""
        with self._desk.db.reading() as conn:
            return gifts_of.of_order(conn, order_no)

    @_opens_or_ends
    def redeem(self, openid: str, code: str, tags: Tags = NO_TAGS) -> Order:
        """Opens what a gift code is for, once; the order that bought it.

        Raises GiftNotFound, GiftUsed, GiftVoid, TermOver, or AlreadyOwned (the code stays good).
        """
        return gifts_of.redeem(self._desk, openid, code, tags)

    def owned(self, openid: str) -> Access:
        """What this follower may read now, and what is closed while its money goes back; in one look-up."""
        return self._owned.by(openid)

    def owned_lately(self, openid: str) -> Access:
        """The same for the marks in a list, up to ten seconds old: nothing is decided by them."""
        return self._owned.by_lately(openid)

    def forget(self) -> None:
        """What is owned is looked up anew."""
        self._owned.forget()

    def sold_lately(self) -> Counter[str]:
        """How often each course was bought of late, by its id."""
        with self._desk.db.reading() as conn:
            return sold_lately(conn)

    def standings(self, orders: Sequence[Order]) -> dict[str, Standing]:
        """Where the money of these orders is, by order number."""
        with self._desk.db.reading() as conn:
            return standings(conn, orders)

    def standing(self, order: Order) -> Standing:
        return self.standings([order])[order.order_no]

    @_opens_or_ends
    def refund(
        self,
        order_no: str,
        fen: int | None,
        reason: str,
        *,
        payment: str | None = None,
        asked_by: str = "",
        a_day: int | None = None,
    ) -> Refund:
        """Refunds an order wholly (None) or in part; the refund as it stands now.

        ``payment`` is the ``out_trade_no`` of one that the order has no use for; None is the order's own.
        ``asked_by`` may ask ``a_day`` times; None is without a limit.

        Raises OrderNotFound, NothingToRefund, RefundTooLate, RefundTooMuch, RefundTooOften, TooManyRequests.
        """
        return refund(self._desk, order_no, fen, reason, payment=payment, asked_by=asked_by, a_day=a_day)

    @_opens_or_ends
    def try_again(self, out_refund_no: str) -> Refund:
        """Brings an unfinished refund to the gateway now; as it stands then. Raises OrderNotFound."""
        return try_again(self._desk, out_refund_no)

    def payment(self, out_trade_no: str) -> Attempt | None:
        with self._desk.db.reading() as conn:
            return attempts_of.find(conn, out_trade_no)

    def recent(self, limit: int = 50, status: str | None = None) -> list[Order]:
        """Newest first, of all followers: for the operator."""
        with self._desk.db.reading() as conn:
            return orders_of.recent(conn, limit, status)

    def show(self, order_no: str) -> OrderFile:
        """Raises OrderNotFound."""
        with self._desk.db.reading() as conn:
            return file_of(conn, order_no)

    def needing_care(self) -> frozenset[str]:
        """The numbers of all orders that an operator has to look at."""
        with self._desk.db.reading() as conn:
            return care.needing(conn)
