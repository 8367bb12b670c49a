"""What WeChat answered, counted by call: its HTTP status is 200 whatever the answer means."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from requests import Response

from bot.errcode import OK, to_error
from infra.errors import Unavailable
from infra.metrics import WECHAT_ANSWERS

NONE = "none"  # no answer came: see the calls of `infra.http`
UNREADABLE = "unreadable"  # an answer that is not WeChat's: a proxy's page, or a field that is not there

T = TypeVar("T")


def count(call: str, result: int | str) -> None:
    """``result`` is WeChat's errcode, NONE or UNREADABLE."""
    WECHAT_ANSWERS.labels(call=call, errcode=str(result)).inc()


def ask(call: str, send: Callable[[], Response], take: Callable[[dict[str, Any]], T]) -> T:
    """What ``take`` reads from the answer to a call that carries no token of ours.

    Raises Unavailable when there is no answer that can be read, else what its errcode means.
    """
    try:
        body = send().content
    except Unavailable:
        count(call, NONE)
        raise
    try:
        answer = json.loads(body)
        errcode = int(answer.get("errcode", OK))
        value = take(answer) if errcode == OK else None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        count(call, UNREADABLE)
        raise Unavailable(f"WeChat's answer to {call} cannot be read") from error
    count(call, errcode)
    if value is None:
        raise to_error(call, errcode, str(answer.get("errmsg", "")))
    return value
