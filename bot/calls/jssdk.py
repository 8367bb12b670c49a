"""What a page needs before WeChat's JS-SDK works on it: a ticket's signature over the page's address.

https://developers.weixin.qq.com/doc/offiaccount/OA_Web_Apps/JS-SDK.html#62
"""

from __future__ import annotations

import secrets
from hashlib import sha1

from bot.calls.caller import Call, Caller, field_of
from bot.shared import Shared

TICKET = Call("ticket/getticket", repeatable=True)


class JsSdk:
    """The ticket is shared by all processes and renewed as the token is: 2 hours, and few calls a day."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._clock = caller.tokens.clock
        self._ticket = Shared(caller.tokens.store, self._clock, f"ticket:{caller.app_id}", self._ask)

    def config(self, url: str) -> dict[str, str]:
        """The values for ``wx.config`` on the page at ``url``, as the browser shows it."""
        timestamp, nonce = str(int(self._clock.now_s())), secrets.token_hex(8)
        signature = sign(self._ticket.get(), nonce, timestamp, url)
        return {
            "appId": self._caller.app_id,
            "timestamp": timestamp,
            "nonceStr": nonce,
            "signature": signature,
        }

    def _ask(self) -> tuple[str, float]:
        answer = self._caller.call(TICKET, lambda client: client.jsapi.get_ticket())
        return field_of(TICKET, answer, "ticket", str), float(field_of(TICKET, answer, "expires_in", int))


def sign(ticket: str, nonce: str, timestamp: str, url: str) -> str:
    """SHA1 over the four in the order of their names; what follows a # is not part of the address."""
    signed = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url.partition('#')[0]}"
    return sha1(signed.encode(), usedforsecurity=False).hexdigest()
