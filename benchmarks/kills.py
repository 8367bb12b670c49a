"""Real processes killed by SIGKILL at every statement of settle, refund and close, on each database."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator

from benchmarks.limit import Limit
from infra.database import Database, metadata
from infra.log import configure_for_commands
from tests.conftest import MYSQL_URL, POSTGRES_URL, own_database, server_answers
from tests.unit.payments.test_till_sigkill import KILLED, ended


def run() -> list[Limit]:
    """Prints how many were killed, and how many did not end as one that was left alive."""
    configure_for_commands()
    kills = others = 0
    for url in _databases():
        db = Database(url)
        metadata.create_all(db.engine)
        for story in KILLED:
            began = time.perf_counter()
            wanted, statements = ended(db, url, story, None)
            ends = [ended(db, url, story, kill_at) for kill_at in range(statements or 0)]
            kills += len(ends)
            others += sum(end != (wanted, None) for end in ends)
            print(f"{db.dialect}: {story}: {len(ends)} kills, {time.perf_counter() - began:.0f} s")
        db.close()
    print(f"{kills} processes killed; {others} ended otherwise than one that was left alive")
    return [
        Limit("kills that changed the end", others, at_most=0),
        Limit("kills", kills, at_least=100),
    ]


def _databases() -> Iterator[str]:
    """One on a file, and one on each server that this machine has."""
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/keban.db"
    for server in (POSTGRES_URL, MYSQL_URL):
        if server_answers(server):
            with own_database(server) as url:
                yield url


if __name__ == "__main__":
    run()
