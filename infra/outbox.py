"""The outbox: what must be told to the world once a transaction is committed, and not otherwise.

A row is written in the transaction that causes it; a worker claims it (conditional update with a lease, so
two workers never both hold it), hands it to the handler of its topic, and repeats failures later and later,
until it gives up and says so in the log. Delivery is at least once: each handler carries the row's key as its
idempotency key. A parcel whose receiver has to do something first is deferred: no try is counted, and it is
released when the receiver is ready.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, Row, String, func, select, update

from infra.clock import Clock
from infra.database import Database, JsonText, UtcDateTime, table
from infra.errors import KebanError
from infra.log import get_logger, present_trace, tracing
from infra.metrics import OUTBOX
from infra.statement import Change, absent

log = get_logger("outbox")

LEASE_S = 60
MAX_TRIES = 12
FIRST_PAUSE_S = 5
LONGEST_PAUSE_S = 3600
LONGEST_DEFERRAL_S = 7 * 86_400

outbox = table(
    "outbox",
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("key", String(128), nullable=False, unique=True),
    Column("topic", String(40), nullable=False),
    Column("payload", JsonText, nullable=False),
    Column("status", String(12), nullable=False),  # waiting | deferred | done | dead
    Column("tries", Integer, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_error", String(300), nullable=False),
    # Of the message or notification that it comes from, see `infra.log.tracing`.
    Column("trace", String(32), nullable=False, server_default=""),
    Index("ix_outbox_status_due_at", "status", "due_at"),
)


@dataclass(frozen=True)
class Parcel:
    """One row on its way. ``key`` is the idempotency key of whatever the handler does."""

    id: int
    key: str
    topic: str
    payload: dict[str, Any]
    tries: int
    trace: str = ""


@dataclass(frozen=True)
class Standing:
    """How many parcels wait, and how long the one that is due longest has been due (0: none is)."""

    waiting: int
    overdue_s: float


Handler = Callable[[Parcel], None]
# Those of the parcels whose receivers can take them now.
Ready = Callable[[Sequence[Parcel]], Collection[Parcel]]


class Undeliverable(KebanError):
    """The receiver said no for good (unfollowed, barred); trying again would not help."""


class Deferred(KebanError):
    """Only the receiver can change that it cannot be delivered now, by doing something; it waits for that."""


def put(conn: Connection, *, topic: str, key: str, payload: Mapping[str, Any], now: datetime) -> bool:
    """Writes a parcel in the caller's transaction; False when one with this key is there already."""
    return parcel(topic=topic, key=key, payload=payload, now=now).run(conn) == 1


def parcel(*, topic: str, key: str, payload: Mapping[str, Any], now: datetime) -> Change:
    """One that is still to be written, unless one with this key is there already."""
    return absent(
        outbox,
        {
            "key": key,
            "topic": topic,
            "payload": dict(payload),
            "status": "waiting",
            "tries": 0,
            "due_at": now,
            "created_at": now,
            "last_error": "",
            "trace": present_trace(),
        },
    )


class Outbox:
    """Delivers what waits."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._looked_to = 0

    def deliver(self, handlers: Mapping[str, Handler], *, limit: int = 50) -> int:
        """Hands up to ``limit`` due parcels to their handlers; returns how many were delivered."""
        return sum(
            self._hand_over(parcel, handlers) for parcel in self._due(handlers, limit) if self._claim(parcel)
        )

    def release(self, ready: Ready, *, limit: int = 200) -> int:
        """Makes deferred parcels due whose receivers are ``ready``, and gives up those that are too old.

        Each call looks at the next ``limit``, so those who are never ready do not stand before the others.
        Returns how many were released.
        """
        rows = self._next_deferred(limit)
        oldest = self._clock.now() - timedelta(seconds=LONGEST_DEFERRAL_S)
        self._give_up([_parcel(row) for row in rows if row.created_at <= oldest])
        try:
            parcels = ready([_parcel(row) for row in rows if row.created_at > oldest])
        except KebanError as error:
            log.warning("outbox_not_released", cause=str(error))
            return 0
        self._undefer(parcels, "waiting")
        return len(parcels)

    def waiting(self) -> list[Parcel]:
        """What has not been delivered yet, oldest first (at most 1,000): for figures and for tests."""
        with self._db.reading() as conn:
            rows = conn.execute(
                select(outbox)
                .where(outbox.c.status.in_(["waiting", "deferred"]))
                .order_by(outbox.c.id)
                .limit(1000)
            )
            return [_parcel(row) for row in rows]

    def standing(self) -> Standing:
        """For the figures: a worker that is away or too slow shows here first."""
        query = select(func.count(), func.min(outbox.c.due_at)).where(outbox.c.status == "waiting")
        with self._db.reading() as conn:
            waiting, due_at = conn.execute(query).one()
        overdue_s = (self._clock.now() - due_at).total_seconds() if due_at is not None else 0.0
        return Standing(waiting, max(0.0, overdue_s))

    def _next_deferred(self, limit: int) -> Sequence[Row[Any]]:
        with self._db.reading() as conn:
            rows = conn.execute(
                select(outbox)
                .where(outbox.c.status == "deferred", outbox.c.id > self._looked_to)
                .order_by(outbox.c.id)
                .limit(limit)
            ).all()
        self._looked_to = rows[-1].id if len(rows) == limit else 0
        return rows

    def _give_up(self, parcels: Collection[Parcel]) -> None:
        """The receiver never came: nothing is wrong, but somebody may wonder."""
        for parcel in parcels:
            log.warning("outbox_waited_in_vain", topic=parcel.topic, key=parcel.key)
            OUTBOX.labels(topic=parcel.topic, result="dead").inc()
        self._undefer(parcels, "dead")

    def _undefer(self, parcels: Collection[Parcel], status: str) -> None:
        if not parcels:
            return
        with self._db.transaction() as conn:
            conn.execute(
                update(outbox)
                .where(outbox.c.id.in_([parcel.id for parcel in parcels]), outbox.c.status == "deferred")
                .values(status=status, due_at=self._clock.now())
            )

    def _due(self, handlers: Mapping[str, Handler], limit: int) -> list[Parcel]:
        with self._db.reading() as conn:
            rows = conn.execute(
                select(outbox)
                .where(
                    outbox.c.status == "waiting",
                    outbox.c.due_at <= self._clock.now(),
                    outbox.c.topic.in_(list(handlers)),
                )
                .order_by(outbox.c.id)
                .limit(limit)
            )
            return [_parcel(row) for row in rows]

    def _claim(self, parcel: Parcel) -> bool:
        """Pushes the due time past the lease; who changes the row has it."""
        with self._db.transaction() as conn:
            claimed = conn.execute(
                update(outbox)
                .where(
                    outbox.c.id == parcel.id,
                    outbox.c.status == "waiting",
                    outbox.c.tries == parcel.tries,
                )
                .values(tries=parcel.tries + 1, due_at=self._clock.now() + timedelta(seconds=LEASE_S))
            )
        return claimed.rowcount == 1

    def _hand_over(self, parcel: Parcel, handlers: Mapping[str, Handler]) -> bool:
        with tracing(parcel.trace):
            return self._try(parcel, handlers)

    def _try(self, parcel: Parcel, handlers: Mapping[str, Handler]) -> bool:
        try:
            handlers[parcel.topic](parcel)
        except Deferred as error:
            self._defer(parcel, error)
            return False
        except KebanError as error:
            self._put_back(parcel, error)
            return False
        except Exception as error:
            # The outermost edge of a job: one parcel that trips the code must not stop the others.
            log.exception("outbox_handler_broke", topic=parcel.topic, key=parcel.key)
            self._put_back(parcel, KebanError(type(error).__name__))
            return False
        self._finish(parcel, "done", "")
        return True

    def _defer(self, parcel: Parcel, error: Deferred) -> None:
        """The try does not count: nothing has failed."""
        OUTBOX.labels(topic=parcel.topic, result="deferred").inc()
        log.info("outbox_deferred", topic=parcel.topic, key=parcel.key, cause=str(error))
        self._write(parcel, status="deferred", tries=parcel.tries, last_error=str(error)[:300])

    def _put_back(self, parcel: Parcel, error: KebanError) -> None:
        tries = parcel.tries + 1
        OUTBOX.labels(topic=parcel.topic, result="failed").inc()
        if isinstance(error, Undeliverable):
            # Whoever leaves does so every day; what an operator can mend was logged where it was seen.
            log.warning("outbox_undeliverable", topic=parcel.topic, key=parcel.key, cause=str(error))
            self._finish(parcel, "dead", str(error))
            return
        if tries >= MAX_TRIES:
            log.error("outbox_gave_up", topic=parcel.topic, key=parcel.key, tries=tries, cause=str(error))
            self._finish(parcel, "dead", str(error))
            return
        pause_s = min(FIRST_PAUSE_S * 2**parcel.tries, LONGEST_PAUSE_S)
        log.warning("outbox_will_repeat", topic=parcel.topic, key=parcel.key, in_s=pause_s, cause=str(error))
        self._write(
            parcel, due_at=self._clock.now() + timedelta(seconds=pause_s), last_error=str(error)[:300]
        )

    def _finish(self, parcel: Parcel, status: str, cause: str) -> None:
        OUTBOX.labels(topic=parcel.topic, result=status).inc()
        self._write(parcel, status=status, last_error=cause[:300])

    def _write(self, parcel: Parcel, **values: Any) -> None:
        with self._db.transaction() as conn:
            conn.execute(
                update(outbox)
                .where(outbox.c.id == parcel.id, outbox.c.tries == parcel.tries + 1)
                .values(**values)
            )


def _parcel(row: Any) -> Parcel:
    return Parcel(
        id=row.id,
        key=row.key,
        topic=row.topic,
        payload=row.payload,
        tries=row.tries,
        trace=row.trace,
    )
