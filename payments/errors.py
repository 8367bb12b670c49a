"""What the till refuses, each with the key of the sentence that the follower reads."""

from __future__ import annotations

from typing import ClassVar

from infra.errors import Conflict, NotFound, Refused


class OrderNotFound(NotFound):
    """No such order, or it belongs to somebody else; the two are not told apart."""

    say = "pay.not_found"


class AlreadyPaid(Conflict):
    """The order has been paid: the page shows the course instead of paying again."""

    say = "pay.already_paid"


class OrderClosed(Conflict):
    """The order is past its two hours (or used up its attempts); a new one is a message away."""

    say = "pay.closed"


class AlreadyOwned(Conflict):
    """The follower has a running grant for this item: selling it again would take money for nothing."""

    say = "pay.already_owned"


class RefundUnderWay(Conflict):
    """The money for the same thing is on its way back: it is closed until then, and nobody pays twice."""

    say = "pay.refund_under_way"


class GiftNotFound(NotFound):
    """No such gift code; codes that were never made and codes with a slip are not told apart."""

    say = "gift.unknown"


class GiftUsed(Conflict):
    """Somebody has redeemed this code."""

    say = "gift.used"


class GiftVoid(Conflict):
    """The code's order is refunded, or is being refunded."""

    say = "gift.void"


class GiftRedeemed(Refused):
    """A gift that somebody reads already goes back by the operator only."""

    say = "refund.gift_redeemed"


class TermOver(Refused):
    """The offer's last day has passed: nothing would be left to read."""

    say = "pay.term_over"


class BadOffer(Refused):
    """The offer itself is broken (negative price, unreadable term). A course's check should have said so."""

    say = "pay.not_for_sale"


class WayNotOpen(Refused):
    """A way to pay that the shop does not have."""

    say = "pay.way_not_open"


class NoClientAddress(Refused):
    """WeChat Pay lets a phone's browser pay only with the payer's address, which no proxy has told us.

    An operator's matter: the proxy in front has to set X-Forwarded-For, and site.proxies to name it.
    """

    say = "pay.no_client_address"


class NotificationRefused(Refused):
    """A request at the notification address that is not WeChat Pay's. Answered 401; WeChat would repeat it.

    ``cause`` is one of a few fixed words, for the figures.
    """

    say = "error.refused"
    quiet: ClassVar[bool] = False

    def __init__(self, cause: str, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.cause = cause


class SignatureProbe(NotificationRefused):
    """WeChat's own probe with a wrong signature: it must be refused, and is no reason for an alarm."""

    quiet = True


class PaymentDiffers(Refused):
    """What the gateway states is not what was ordered. Nothing was granted; an operator has to look."""

    say = "pay.differs"


class NothingToInvoice(Refused):
    """The order took no money, or all of it went back."""

    say = "invoice.nothing"


class InvoiceIssued(Conflict):
    """The invoice is made out; what stands on it cannot be corrected here."""

    say = "invoice.issued"


class NothingToRefund(Refused):
    """The order holds no money that could go back."""

    say = "refund.nothing_left"


class RefundTooLate(Refused):
    """WeChat Pay gives back within a year of the payment, and not later."""

    say = "refund.reason_too_old"


class RefundTooMuch(Refused):
    """More than was received, less what went back or is on its way back."""

    say = "refund.too_much"


class TooManyRequests(Refused):
    """This follower has asked for enough refunds today."""

    say = "refund.too_often"


class RefundTooOften(Refused):
    """WeChat Pay takes at most 50 parts for one payment."""

    say = "refund.too_many"
