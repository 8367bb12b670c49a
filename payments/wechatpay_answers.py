"""What WeChat Pay's answers mean: accepted, refused, "not now", or nothing that can be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from payments.errors import NotificationRefused
from payments.gateway import GatewayRefused, GatewayUnavailable, Payment, RefundFact
from payments.notification import is_plain, moment, read_json

_UNHEARD = frozenset(
    {"ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS", "REFUND_NOT_EXISTS", "NOT_FOUND"}
)

Answer = tuple[int, bytes]
Said = TypeVar("Said")
Made = TypeVar("Made")


def accepted(answer: Answer) -> dict[str, Any]:
    """The answer's object (empty for 204). 429 and 5xx mean "not now", other statuses "no"."""
    status, text = answer
    if 200 <= status < 300:
        return sound(read_json, text) if text else {}
    code, message = refusal(text)
    if status == 429 or status >= 500:
        raise GatewayUnavailable(f"WeChat Pay answered {status} {code}", hint=message)
    raise GatewayRefused(code or f"HTTP_{status}", message)


def is_unheard(answer: Answer) -> bool:
    return answer[0] == 404 and refusal(answer[1])[0] in _UNHEARD


def refusal(text: bytes) -> tuple[str, str]:
    """``{"code": "…", "message": "…"}``, bounded; empty where a proxy's page came instead."""
    try:
        said = read_json(text)
    except NotificationRefused:
        return "", ""
    return str(said.get("code", ""))[:64], str(said.get("message", ""))[:200]


def payment(said: dict[str, Any]) -> Payment:
    amount, payer = _part(said, "amount"), _part(said, "payer")
    return Payment(
        app_id=_word(said, "appid"),
        mch_id=_word(said, "mchid"),
        out_trade_no=_word(said, "out_trade_no"),
        state=_word(said, "trade_state"),
        transaction_id=_word(said, "transaction_id"),
        total_fen=_fen(amount, "total"),
        currency=_word(amount, "currency"),
        openid=_word(payer, "openid"),
        success_at=moment(said.get("success_time")),
    )


def refund_fact(said: dict[str, Any]) -> RefundFact:
    amount = _part(said, "amount")
    return RefundFact(
        out_refund_no=_word(said, "out_refund_no"),
        out_trade_no=_word(said, "out_trade_no"),
        # A notification says refund_status, an answer says status.
        state=_word(said, "refund_status") or _word(said, "status"),
        fen=_fen(amount, "refund") or 0,
        total_fen=_fen(amount, "total") or 0,
        refund_id=_word(said, "refund_id"),
        mch_id=_word(said, "mchid"),
        success_at=moment(said.get("success_time")),
    )


def sound(read: Callable[[Said], Made], said: Said) -> Made:
    """An answer to our own call that cannot be read is no answer."""
    try:
        return read(said)
    except NotificationRefused as refusal:
        raise GatewayUnavailable("WeChat Pay's answer cannot be read", hint=refusal.message) from refusal


def _part(said: dict[str, Any], name: str) -> dict[str, Any]:
    part = said.get(name, {})
    if not isinstance(part, dict):
        raise NotificationRefused("contents", f"{name} is not an object")
    return part


def _word(said: dict[str, Any], name: str) -> str:
    word = said.get(name) or ""
    if not isinstance(word, str) or len(word) > 64 or not is_plain(word):
        raise NotificationRefused("contents", f"{name} is not a short text")
    return word


def _fen(amount: dict[str, Any], name: str) -> int | None:
    fen = amount.get(name)
    if fen is not None and type(fen) is not int:  # a bool is an int to isinstance
        raise NotificationRefused("contents", f"{name} is not an integer")
    return fen
