"""How often a signature failed, counted in memory and written down once a minute: a flood costs nothing more.

A key that was changed on one side only looks like a forger at first, so an operator is told of either.
"""

from __future__ import annotations

import threading
from datetime import datetime

from sqlalchemy import Connection

from payments import alerts
from payments.desk import Desk

MANY = 3  # of one process; single ones are the network's daily noise
QUIET_AFTER_S = 1800


class Tally:
    """Counts; safe to share by threads."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._failed = 0

    def add(self) -> None:
        with self._turn:
            self._failed += 1

    def take(self, least: int) -> int:
        """The number, which begins anew; 0 while it is less than ``least``, and then it goes on."""
        with self._turn:
            if self._failed < least:
                return 0
            taken, self._failed = self._failed, 0
            return taken


FAILED = Tally()


def flush(desk: Desk, tally: Tally = FAILED) -> int:
    """Each process that verifies calls this once a minute; how many failures were written down."""
    failed = tally.take(MANY)
    if failed:
        now = desk.now()
        desk.write(lambda conn: _keep(conn, failed, now), durable=False)
    return failed


def _keep(conn: Connection, failed: int, now: datetime) -> None:
    alerts.observe(conn, alerts.Matter("verification", "signatures", failed), now)
