"""Is it WeChat, and is it now? Checked before anything else of a request is read.

WeChat signs with SHA1 over the sorted and joined token, timestamp and nonce (``signature``, which does not
cover the body), and over the same with the encrypted text (``msg_signature``, which does).
https://developers.weixin.qq.com/doc/offiaccount/Basic_Information/Access_Overview.html
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha1

from bot.refusal import Refusal

# WeChat names no window. Its repeats come within seconds; ten minutes leave room for a clock that is wrong.
WINDOW_S = 600
_MAX_PARAMETER_CHARS = 128
# Over longer pieces the hash lets other threads run, which takes longer than hashing does.
_AT_ONCE = 2_047


def sign(token: str, timestamp: str, nonce: str, *more: str) -> str:
    """The signature as WeChat makes it: 40 hex digits."""
    text = "".join(sorted((token, timestamp, nonce, *more))).encode()
    made = sha1(text[:_AT_ONCE], usedforsecurity=False)
    for begin in range(_AT_ONCE, len(text), _AT_ONCE):
        made.update(text[begin : begin + _AT_ONCE])
    return made.hexdigest()


def verify(token: str, query: Mapping[str, str], *, now_s: float) -> float:
    """Returns how many seconds this signature may still be shown again; raises Refusal."""
    timestamp, nonce = _parameter(query, "timestamp"), _parameter(query, "nonce")
    if not same(_parameter(query, "signature"), sign(token, timestamp, nonce)):
        raise Refusal("signature", hint="is wechat.token the same as on WeChat's page?")
    return _freshness_s(timestamp, now_s)


def verify_message(token: str, query: Mapping[str, str], encrypted: str) -> None:
    """Checks ``msg_signature``, the only one that covers the body; raises Refusal."""
    expected = sign(token, _parameter(query, "timestamp"), _parameter(query, "nonce"), encrypted)
    if not same(_parameter(query, "msg_signature"), expected):
        raise Refusal("msg_signature")


def same(given: str, expected: str) -> bool:
    """Compares in constant time; bytes, because text outside ASCII would raise."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def _parameter(query: Mapping[str, str], name: str) -> str:
    value = query.get(name, "")
    if not value or len(value) > _MAX_PARAMETER_CHARS or not value.isascii():
        raise Refusal("parameters", hint=f"{name} is missing or not readable")
    return value


def _freshness_s(timestamp: str, now_s: float) -> float:
    if not timestamp.isdigit():
        raise Refusal("parameters", hint="timestamp is not a number")
    age_s = now_s - int(timestamp)
    if abs(age_s) > WINDOW_S:
        raise Refusal("stale", hint="an old request, or this server's clock is wrong")
    return WINDOW_S - age_s
