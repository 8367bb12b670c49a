"""What every action of the till works with."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from infra.clock import Clock
from infra.database import Database
from infra.errors import Unavailable
from infra.together import Overtaken, Together, together
from payments.gateway import Gateway

Done = TypeVar("Done")

TRIES = 8
LONGEST_PAUSE_S = 0.02
# A transaction that was ended in favour of another: InnoDB's number, its SQL state, PostgreSQL's.
_DEADLOCK = frozenset({1213, "40001", "40P01"})


@dataclass(frozen=True)
class Desk:
    """The database, the gateway, the clock, and the two addresses at which the gateway reaches us."""

    db: Database
    gateway: Gateway
    clock: Clock
    notify_url: str
    refund_notify_url: str

    def now(self) -> datetime:
        return self.clock.now()

    def write(self, work: Callable[[Connection], Done], *, durable: bool = True) -> Done:
        """Runs ``work`` in one transaction, and again if the database ended it in favour of another.

        Two inserts of one unique key may deadlock on InnoDB, however they are ordered; one of them is rolled
        back whole and has only to be repeated. So has, once, what began on a connection that a restart of the
        server had cut: but not if it was cut in the commit, of which nobody knows. Raises Unavailable when
        that did not help.
        """
        done: list[Done] = []
        for tried in range(1, TRIES):
            try:
                self._once(lambda conn: done.append(work(conn)), durable)
                return done[-1]
            except Unavailable as error:
                was_cut = tried == 1 and not done and _was_cut(error)
                if not (was_cut or _was_overtaken(error)):
                    raise
            # A few milliseconds apart, or the same transactions meet again.
            time.sleep(random.uniform(0, LONGEST_PAUSE_S * tried))  # noqa: S311 - not a secret
        return self._once(work, durable)

    def write_together(self, work: Callable[[Together], Done]) -> Done:
        """`write` for ``work`` that decides first; what it decided upon is written at its end."""

        def decide_and_write(conn: Connection) -> Done:
            with together(conn) as writing:
                return work(writing)

        return self.write(decide_and_write)

    def _once(self, work: Callable[[Connection], Done], durable: bool) -> Done:
        with self.db.transaction(durable=durable) as conn:
            return work(conn)


def _was_cut(error: Unavailable) -> bool:
    cause = error.__cause__
    return isinstance(cause, DBAPIError) and cause.connection_invalidated


def _was_overtaken(error: Unavailable) -> bool:
    """By somebody who changed what was decided upon, or whose transaction came first."""
    if isinstance(error, Overtaken):
        return True
    cause = error.__cause__
    if not isinstance(cause, DBAPIError) or cause.orig is None:
        return False
    said = {getattr(cause.orig, "sqlstate", None), next(iter(cause.orig.args), None)}
    return bool(said & _DEADLOCK)
