"""A gift code: bought by one follower, redeemed once by another. Whoever knows it can have what it opens."""

from __future__ import annotations

import re
import secrets
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, select

from infra import outbox
from infra.log import get_logger
from infra.metrics import PAYMENTS
from infra.statement import Change, absent
from payments import attempt as attempts_of
from payments import grant as grants_of
from payments import order as orders_of
from payments.access import require_time_left
from payments.desk import Desk
from payments.errors import AlreadyOwned, GiftNotFound, GiftUsed, GiftVoid
from payments.gift_tables import gifts
from payments.held import NO_TAGS, Tags, held_by
from payments.order import Order
from payments.transitions import move

log = get_logger("payments")

_CODE = re.compile(r"[A-Z2-7]{16}")
_RANDOM_BYTES = 10  # 80 bits: 16 characters
# What is not in the alphabet and is easily taken for something that is.
_MISREAD = str.maketrans("018", "OIB", " -–—·")


@dataclass(frozen=True)
class Gift:
    """A row of ``gifts``. ``status``: ``issued``, ``redeemed`` or ``void`` (its order goes back)."""

    code: str
    order_no: str
    buyer: str
    status: str
    redeemer: str | None
    redeemed_at: datetime | None


def code_in(text: str) -> str:
    """The code that was typed, copied or misread, in its one form; empty when it is none."""
    code = text.strip().upper().translate(_MISREAD)
    return code if _CODE.fullmatch(code) else ""


def issued(order: Order, now: datetime) -> Change:
    """The one code of a paid order; the caller holds the order."""
    row = {
        "code": _new_code(),
        "order_no": order.order_no,
        "buyer": order.openid,
        "status": "issued",
        "redeemer": None,
        "redeemed_at": None,
        "created_at": now,
        "updated_at": now,
    }
    return absent(gifts, row)


def find(conn: Connection, code: str) -> Gift | None:
    return _one(conn, select(gifts).where(gifts.c.code == code))


def of_order(conn: Connection, order_no: str) -> Gift | None:
    return _one(conn, select(gifts).where(gifts.c.order_no == order_no))


def redeem(desk: Desk, openid: str, code: str, tags: Tags = NO_TAGS) -> Order:
    """Opens what the code is for, once; the order that bought it. Again by the same follower: the same.

    ``tags`` are those of courses, by id: who has a tag has its courses.

    Raises GiftNotFound, GiftUsed, GiftVoid, TermOver, or AlreadyOwned: then the code stays for another.
    """
    order = desk.write(partial(_redeem, openid, code_in(code), tags, desk.now()))
    PAYMENTS.labels(step="gift", result="redeemed").inc()
    log.info("gift_redeemed", order_no=order.order_no, openid=openid)
    return order


def _redeem(openid: str, code: str, tags: Tags, now: datetime, conn: Connection) -> Order:
    seen = find(conn, code)
    if seen is None:
        raise GiftNotFound("no such gift code")
    # With what the redeemer is buying just now, which may be the very same.
    order = orders_of.lock_among(conn, seen.order_no, openid)
    gift = find(conn, code)
    if order is None or gift is None:
        raise GiftNotFound("no such gift code")
    if gift.status == "redeemed" and gift.redeemer == openid:
        return order
    with orders_of.one_at_a_time(conn, order.order_no, openid):
        _refuse_if_over(gift, order, now)
        if held_by(conn, openid, now).covers(order.opens, order.access, now, tags):
            raise AlreadyOwned(f"{order.item_kind} {order.item_id} is open for this follower already")
        if not move(conn, gifts, gift.code, "redeemed", now, redeemer=openid, redeemed_at=now):
            raise GiftUsed(f"the gift of order {gift.order_no} was redeemed meanwhile")
        grants_of.give(conn, order, now, to=openid)
        _tell_both(conn, order, openid, now)
    return order


def _refuse_if_over(gift: Gift, order: Order, now: datetime) -> None:
    if gift.status == "redeemed":
        raise GiftUsed(f"the gift of order {gift.order_no} is redeemed")
    if gift.status == "void":
        raise GiftVoid(f"the gift of order {gift.order_no} is void")
    require_time_left(order.access, now)


def hold(conn: Connection, order_no: str) -> Order | None:
    """An order whose access is to end or to go on: held, with all orders of who has redeemed its gift.

    What they pay for just now may be to begin at the gift's end.
    """
    gift = of_order(conn, order_no)
    if gift is None or gift.redeemer is None:
        return orders_of.lock(conn, order_no)
    return orders_of.lock_among(conn, order_no, gift.redeemer)


def claim(conn: Connection, order_no: str, now: datetime) -> None:
    """Nobody redeems it from here on: its money is on the way back. A redeemed one stays what it is."""
    gift = of_order(conn, order_no)
    if gift is not None:
        move(conn, gifts, gift.code, "void", now)


def end(conn: Connection, order: Order, now: datetime) -> None:
    """All of its money has gone back. Who has redeemed it hears why it is closed from here on."""
    claim(conn, order.order_no, now)
    gift = of_order(conn, order.order_no) if order.is_gift else None
    if gift is not None and gift.redeemer is not None:
        about = {"openid": gift.redeemer, "item_id": order.item_id, "title": order.title}
        outbox.put(conn, topic="gift_ended", key=f"gift_ended:{order.order_no}", payload=about, now=now)


def give_back(conn: Connection, order: Order, now: datetime) -> None:
    """Its refund has failed: unless another one has all of the money, the code is good again."""
    gift = of_order(conn, order.order_no) if order.is_gift and order.paid_by else None
    paid = attempts_of.find(conn, order.paid_by) if order.paid_by else None
    if gift is not None and paid is not None and paid.refundable_fen:
        move(conn, gifts, gift.code, "issued", now)


def _tell_both(conn: Connection, order: Order, redeemer: str, now: datetime) -> None:
    about = {"order_no": order.order_no, "item_id": order.item_id, "title": order.title}
    told = {"gift_redeemed": order.openid, "gift_received": redeemer}
    for topic, openid in told.items():
        key = f"{topic}:{order.order_no}"
        outbox.put(conn, topic=topic, key=key, payload={"openid": openid, **about}, now=now)


def _new_code() -> str:
    """With a digit in it, so that it is never taken for a word."""
    while True:
        code = b32encode(secrets.token_bytes(_RANDOM_BYTES)).decode()
        if not code.isalpha():
            return code


def _one(conn: Connection, wanted: Any) -> Gift | None:
    row = conn.execute(wanted).one_or_none()
    return None if row is None else Gift(**{name: getattr(row, name) for name in Gift.__dataclass_fields__})
