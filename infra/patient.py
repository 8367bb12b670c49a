"""psycopg with an end to its patience: a server that takes a question and says nothing more is given up.

PostgreSQL's own limits are kept by the server, so they do not help when it hangs; and the network's notice
only a machine that is gone, not one whose system still takes what nobody reads.
"""

from __future__ import annotations

from typing import Any

from psycopg import Connection, OperationalError
from psycopg.abc import RV, PQGen
from psycopg.errors import _WaitTimeout
from sqlalchemy import Engine, event

INTERVAL_S = 0.1  # psycopg's own: how soon Ctrl-C is noticed


def end_waiting(engine: Engine, after_s: float) -> None:
    """For each question that this engine asks from now on."""

    class Patient(Connection[Any]):
        def wait(self, gen: PQGen[RV], interval: float = INTERVAL_S, timeout: float | None = None) -> RV:
            try:
                return super().wait(gen, interval, after_s if timeout is None else timeout)
            except _WaitTimeout:
                # Nobody knows what it would say next, and to which question.
                self.close()
                raise OperationalError("the server's answer timed out") from None

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: object, _record: object, words: list[Any], named: dict[str, Any]) -> Patient:
        return Patient.connect(*words, **named)
