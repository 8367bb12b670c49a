"""THE TILL: orders, attempts, grants and refunds, and the gateway port with WeChat Pay behind it.

Imports infra (and content at most). `payments.till.Till` is the façade; all else is reached through it.
"""

from payments.offer import Offer

__all__ = ["Offer"]
