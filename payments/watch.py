"""The worker's look at the till each minute: what an operator has to know, before a follower says it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement, Connection, exists, func, literal, or_, select

from infra import outbox
from infra.log import get_logger
from payments import alerts, bill_differences
from payments.alerts import Matter, News
from payments.audit import is_dismissed
from payments.bill import BEIJING
from payments.bill_days import KEPT_DAYS
from payments.bill_tables import bills
from payments.book import OWED
from payments.desk import Desk
from payments.refund import is_under_way
from payments.tables import grants, notifications, orders, postings, refunds
from payments.verification import QUIET_AFTER_S

log = get_logger("payments")

MOST = 100  # of each kind; the oldest stay in sight
UNOPENED_AFTER = timedelta(minutes=1)
LOOKED_BACK = timedelta(days=3)  # for what counts as open and is not; what is only paid is found at any age
REPEATED_FOR = timedelta(hours=25)  # WeChat Pay tells for a day
OVERDUE_S = 120
MOST_TOLD = 6  # in one message; WeChat lets few through


def watch(desk: Desk, operators: Sequence[str] = ()) -> list[News]:
    """Brings the alerts up to the present and tells the operators (their openids) what is new."""
    now = desk.now()
    found = [matter for look in _LOOKS for matter in look(desk, now)]
    news = desk.write(partial(_bring_up, found=found, operators=operators, now=now))
    for one in news:
        say = log.warning if one.what == "over" else log.error
        say("alert", what=one.what, kind=one.matter.kind, about=one.matter.about, figure=one.matter.figure)
    return news


def _bring_up(conn: Connection, found: list[Matter], operators: Sequence[str], now: datetime) -> list[News]:
    for matter in found:
        alerts.observe(conn, matter, now)
    stand = alerts.standing(conn)
    keys, quiet = {matter.key for matter in found}, now - timedelta(seconds=QUIET_AFTER_S)
    # Failures are written down by those who verify; here they only come to rest.
    is_over = {
        matter.key: seen < quiet if matter.kind == "verification" else matter.key not in keys
        for matter, seen in stand
    }
    news = alerts.news_of(
        conn,
        [matter for matter, _ in stand if not is_over[matter.key]],
        [matter for matter, _ in stand if is_over[matter.key]],
        now,
    )
    if news:
        _tell(conn, news, operators, now)
    return news


def _tell(conn: Connection, news: list[News], operators: Sequence[str], now: datetime) -> None:
    """One message with all of it. Order numbers and days, never an openid."""
    lines = [
        {"what": one.what, "word": one.matter.word, "about": one.matter.about, "figure": one.matter.figure}
        for one in news[:MOST_TOLD]
    ]
    for number, openid in enumerate(operators):
        payload = {"openid": openid, "news": lines, "more": max(0, len(news) - MOST_TOLD)}
        key = f"alert:{now.isoformat()}:{news[0].matter.key[:60]}:{number}"
        outbox.put(conn, topic="alert", key=key, payload=payload, now=now)


def _unopened(desk: Desk, now: datetime) -> list[Matter]:
    """Paid for, nothing opened, and nothing on its way back. A gift opens when it is redeemed.

    Two questions, each with an index of its own: what has stayed ``paid``, however old, and what is new.
    """
    opened = exists().where(grants.c.source == literal("order:") + orders.c.order_no)
    back = exists().where(
        refunds.c.order_no == orders.c.order_no, or_(is_under_way(), refunds.c.status == "success")
    )
    is_so = (~orders.c.is_gift, ~opened, ~back, ~is_dismissed(orders.c.order_no))
    wanted = select(orders.c.order_no, orders.c.total_fen)
    wanted = wanted.where(orders.c.paid_at <= now - UNOPENED_AFTER, *is_so).order_by(orders.c.created_at)
    stayed = wanted.where(orders.c.status == "paid").limit(MOST)
    lately = wanted.where(orders.c.created_at > now - LOOKED_BACK).limit(MOST)
    with desk.db.reading() as conn:
        found = {row.order_no: row.total_fen for asked in (stayed, lately) for row in conn.execute(asked)}
    return [Matter("unopened", order_no, int(fen)) for order_no, fen in found.items()]


def _surplus(desk: Desk, now: datetime) -> list[Matter]:
    """Money that came without a use and is still here: most of it is on its way back by itself."""
    owed = func.sum(postings.c.fen)
    is_here: ColumnElement[bool] = owed != 0
    wanted = (
        select(postings.c.order_no, owed)
        .where(postings.c.account == OWED, ~is_dismissed(postings.c.order_no))
        .group_by(postings.c.order_no)
        .having(is_here)
    )
    with desk.db.reading() as conn:
        rows = conn.execute(wanted.order_by(func.min(postings.c.at)).limit(MOST)).all()
    return [Matter("surplus", row[0], -int(row[1])) for row in rows]


def _differences(desk: Desk, now: datetime) -> list[Matter]:
    with desk.db.reading() as conn:
        found = bill_differences.count_open(conn)
        # What WeChat has thrown away by now, nobody can read any more.
        kept = bills.c.day > now.astimezone(BEIJING).date() - timedelta(days=KEPT_DAYS)
        unread = list(conn.execute(select(bills.c.day).where(bills.c.status == "failed", kept)).scalars())
    days = [Matter("difference", str(day), count) for day, count in sorted(found.items())]
    return (days + [Matter("unread", str(day)) for day in sorted(unread)])[:MOST]


def _refused(desk: Desk, now: datetime) -> list[Matter]:
    lately = notifications.c.received_at > now - REPEATED_FOR
    wanted = select(func.count()).where(notifications.c.status == "refused", lately)
    with desk.db.reading() as conn:
        count = int(conn.execute(wanted).scalar_one())
    return [Matter("refused", "notifications", count)] if count else []


def _overdue(desk: Desk, now: datetime) -> list[Matter]:
    """What follows a payment does not go out."""
    parcels = outbox.outbox
    wanted = select(func.min(parcels.c.due_at)).where(parcels.c.status == "waiting")
    with desk.db.reading() as conn:
        due_at = conn.execute(wanted).scalar()
    late_s = int((now - due_at).total_seconds()) if due_at else 0
    return [Matter("overdue", "outbox", late_s)] if late_s >= OVERDUE_S else []


_LOOKS: tuple[Callable[[Desk, datetime], list[Matter]], ...] = (
    _unopened,
    _surplus,
    _differences,
    _refused,
    _overdue,
)
