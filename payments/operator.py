"""What an operator does by hand. Each of it is written to the audit, with who and why."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from infra.database import insert_if_absent
from infra.errors import NotFound
from payments import attempt as attempts_of
from payments import audit, bill_differences, care
from payments import grant as grants_of
from payments import order as orders_of
from payments.access import ends_at, require_time_left
from payments.desk import Desk
from payments.grant import Grant
from payments.tables import grants


class NothingToEnd(NotFound):
    """There is no running access of this kind."""


class NothingToDismiss(NotFound):
    """Nobody has to look at it."""


def give(desk: Desk, openid: str, item: tuple[str, str], access: str, *, reason: str, actor: str) -> Grant:
    """Opens ``(kind, id)`` for a follower, under a source of its own: it ends with no order.

    Raises BadOffer for an unreadable term, TermOver for one that has passed.
    """
    now = desk.now()
    require_time_left(access, now)

    def write(conn: Connection) -> Grant:
        number = audit.note(conn, actor=actor, action="grant", about=openid, reason=reason, now=now)
        source = f"operator:{number}"
        whose = {"openid": openid, "item_kind": item[0], "item_id": item[1], "source": source}
        term = {"starts_at": now, "expires_at": ends_at(access, now), "ended_at": None}
        made = {"status": "active", "created_at": now, "updated_at": now}
        insert_if_absent(conn, grants, {**whose, **term, **made})
        return grants_of.of_source(conn, source)[0]

    return desk.write(write)


def take_away(
    desk: Desk,
    openid: str,
    *,
    order_no: str = "",
    item: tuple[str, str] | None = None,
    reason: str,
    actor: str,
) -> list[Grant]:
    """Ends what an order of this follower opened, or each access to one thing; what was ended.

    What is suspended while its money goes back ends as well, and is not opened again should that fail. No
    money moves. Raises NothingToEnd.
    """
    now = desk.now()

    def end(conn: Connection) -> list[Grant]:
        theirs = [*grants_of.running_of(conn, openid, now), *grants_of.suspended_of(conn, openid)]
        meant = [one for one in theirs if _is_meant(one, order_no, item)]
        if not meant:
            raise NothingToEnd(f"nothing of that is open to {openid}")
        about = order_no or openid
        audit.note(conn, actor=actor, action="revoke", about=about, reason=reason, now=now)
        for one in meant:
            grants_of.revoke(conn, one.id, now)
        return meant

    return desk.write(end)


def dismiss(desk: Desk, order_no: str, *, reason: str, actor: str) -> None:
    """Takes the mark off an order: somebody has looked. Raises NothingToDismiss."""
    now = desk.now()

    def resolve(conn: Connection) -> None:
        order = orders_of.lock(conn, order_no)
        if order is None or order_no not in care.needing(conn):
            raise NothingToDismiss(f"order {order_no} is not marked")
        for attempt in attempts_of.all_of(conn, order_no):
            care.resolve(conn, attempt.out_trade_no, now)
        audit.note(conn, actor=actor, action=audit.DISMISS, about=order_no, reason=reason, now=now)

    desk.write(resolve)


def dismiss_difference(desk: Desk, number: int, *, reason: str, actor: str) -> None:
    """Ends a difference between bill and books that may stay. Raises NothingToDismiss."""
    now = desk.now()

    def end(conn: Connection) -> None:
        if not bill_differences.end(conn, number, "dismissed", now):
            raise NothingToDismiss(f"there is no open difference D{number}")
        audit.note(conn, actor=actor, action=audit.DISMISS, about=f"D{number}", reason=reason, now=now)

    desk.write(end)


def note(desk: Desk, action: str, about: str, *, reason: str, actor: str) -> None:
    """Of what is done elsewhere, before it is done."""
    now = desk.now()
    desk.write(lambda conn: audit.note(conn, actor=actor, action=action, about=about, reason=reason, now=now))


def notes(desk: Desk, abouts: Sequence[str]) -> list[audit.Entry]:
    """What was done by hand about these, oldest first."""
    with desk.db.reading() as conn:
        found = [entry for about in abouts for entry in audit.of(conn, about)]
    return sorted(found, key=lambda entry: entry.id)


def _is_meant(one: Grant, order_no: str, item: tuple[str, str] | None) -> bool:
    return one.source == f"order:{order_no}" if order_no else (one.item_kind, one.item_id) == item
