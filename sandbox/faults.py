"""What the platform does wrong from now on.

``PUT /api/faults`` sets the whole set, ``{}`` resets it, ``GET /api/faults`` shows it. A value is a number of
times (used up one by one) or ``true`` (until reset), unless said otherwise.

Notifications of WeChat Pay:

=====================  ===================================================================================
``drop``               the notification is never sent, nor any of its retries
``delay_s``            seconds before a notification's first try, until reset (``delay`` is the same)
``duplicate``          the notification is sent twice at the same moment
``reorder``            the notification waits until the next one has been sent (at most 10 s)
``lie_amount``         signed well, but its amount is 1 fen instead of what was paid (``lie`` is the same)
``wrong_key``          this try is signed with a key that is not WeChat Pay's
``stale_timestamp``    this try is signed well, ten minutes ago
``sign_test``          a probe with a ``WECHATPAY/SIGNTEST/`` signature goes before the notification
=====================  ===================================================================================

The follower's payment:

=====================  =================================================================================
``refuse``             the bank refuses when the follower confirms
``ignore_expiry``      a payment after ``time_expire`` succeeds all the same
=====================  =================================================================================

Messages to the account (``/wechat``):

=========================  =============================================================================
``message_drop_answer``    the service's answer to this try is lost, so the same message comes again
``message_duplicate``      the message is delivered twice at the same moment
``message_delay_s``        seconds that every message is late, until reset
``message_wrong_key``      the message is signed with another token
``message_stale``          the message's signature is an hour old
=========================  =============================================================================

The APIs that the service calls:

=======================  ===============================================================================
``token_invalid``        the access token in use is revoked before the call: 40001
``token_refuse_code``    the token endpoint answers this errcode once (a list: one after the other)
``ip_refused``           this caller is not on the white list: 40164, at the token endpoint and at the calls
``rate_limit``           the account API answers 45009
``refuse_code``          the account API answers this errcode once (a list: one after the other)
``api_timeout``          the account API does what it was asked, and answers only after 15 s
``pay_timeout``          WeChat Pay's API does what it was asked, and answers only after 15 s
``prepay_error``         placing an order answers 500 SYSTEM_ERROR
``query_error``          asking for an order or a refund answers 500 SYSTEM_ERROR
``close_error``          closing an order answers 500 SYSTEM_ERROR
``refund_error``         asking for a refund answers 500 SYSTEM_ERROR
``bill_early``           a bill is given before its day is over
``bill_creating``        a bill is still being made, whatever the time
``bill_missing_row``     the bill's first movement is left out, of its summary too
``bill_other_amount``    the bill's first movement is 1 fen more
``bill_other_merchant``  the bill's first movement is of another merchant
``bill_wrong_hash``      the bill does not agree with its SHA1
``bill_truncated``       the bill ends after two thirds, and its SHA1 agrees
``oauth_error``          OAuth's code exchange answers -1 (system busy)
``callback_unknown``     no server address stands on the platform's page: its own check answers 40201
``callback_lost``        WeChat's own check of the service's host loses its ping
``clock_off_s``          the platform's answers are dated that many seconds late, until reset
=======================  ===============================================================================
"""

from __future__ import annotations

from typing import Any

TIMES = frozenset(
    [
        "drop",
        "duplicate",
        "reorder",
        "lie_amount",
        "wrong_key",
        "stale_timestamp",
        "sign_test",
        "refuse",
        "ignore_expiry",
        "message_drop_answer",
        "message_duplicate",
        "message_wrong_key",
        "message_stale",
        "token_invalid",
        "ip_refused",
        "rate_limit",
        "callback_unknown",
        "callback_lost",
        "api_timeout",
        "pay_timeout",
        "prepay_error",
        "query_error",
        "close_error",
        "refund_error",
        "oauth_error",
        "bill_early",
        "bill_creating",
        "bill_missing_row",
        "bill_other_amount",
        "bill_other_merchant",
        "bill_wrong_hash",
        "bill_truncated",
    ]
)
SECONDS = frozenset({"delay_s", "message_delay_s", "clock_off_s"})
CODES = frozenset({"refuse_code", "token_refuse_code"})
KNOWN = tuple(sorted(TIMES | SECONDS | CODES))
ALIASES = {"delay": "delay_s", "lie": "lie_amount", "lie_about_the_amount": "lie_amount"}
DELAY_MAX_S = 600.0


class UnknownFault(ValueError):
    """A key or a value that means nothing here; the text says what does."""


class Faults:
    """The switchboard; each part asks it at the moment where something may go wrong."""

    def __init__(self) -> None:
        self._set: dict[str, Any] = {}

    def replace(self, wanted: dict[str, Any]) -> None:
        """Set exactly these faults. Raises UnknownFault and changes nothing when one is not understood."""
        named = {ALIASES.get(name, name): value for name, value in wanted.items()}
        checked = {name: _checked(name, value) for name, value in named.items()}
        self._set = {name: value for name, value in checked.items() if value}

    def shown(self) -> dict[str, Any]:
        return dict(self._set)

    def take(self, name: str) -> bool:
        """Whether it goes wrong this time; uses up one of a number of times."""
        value = self._set.get(name, 0)
        if value is True:
            return True
        if value <= 0:
            return False
        self._keep(name, value - 1)
        return True

    def seconds(self, name: str) -> float:
        return float(self._set.get(name, 0.0))

    def code(self, name: str) -> int:
        """The next errcode to answer; 0 when none is set."""
        codes = self._set.get(name) or [0]
        self._keep(name, codes[1:])
        return int(codes[0])

    def _keep(self, name: str, rest: Any) -> None:
        if rest:
            self._set[name] = rest
        else:
            self._set.pop(name, None)


def _checked(name: str, value: object) -> Any:
    if name in TIMES:
        return _times(name, value)
    if name in SECONDS:
        return _seconds(name, value)
    if name in CODES:
        return _codes(name, value)
    raise UnknownFault(f"unknown fault {name!r}; known: {', '.join(KNOWN)}")


def _times(name: str, value: object) -> int | bool:
    if isinstance(value, int) and value >= 0:
        return value
    raise UnknownFault(f"{name}: must be a number of times or true")


def _seconds(name: str, value: object) -> float:
    if isinstance(value, int | float) and value is not True and 0 <= value <= DELAY_MAX_S:
        return float(value)
    raise UnknownFault(f"{name}: must be seconds, at most {DELAY_MAX_S:.0f}")


def _codes(name: str, value: object) -> list[int]:
    codes = value if isinstance(value, list) else [value] if value else []
    if all(isinstance(code, int) and not isinstance(code, bool) for code in codes):
        return list(codes)
    raise UnknownFault(f"{name}: must be an errcode or a list of them")
