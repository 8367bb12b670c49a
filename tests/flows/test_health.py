"""Whether the service is well is asked by load balancers, and by anybody: many at once change nothing."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from infra.database import Database
from tests.flows.courses import write_courses
from tests.flows.town import open_town

ASKERS = 16


@pytest.mark.parametrize("path", ["/readyz", "/metrics"])
def test_many_who_ask_at_once_share_one_check(
    tmp_path: Path, platform_keys: dict[str, Any], monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    begun = threading.Event()
    asked: list[str] = []
    ping = Database.ping

    def slow(db: Database) -> None:
        asked.append("ping")
        begun.set()
        threading.Event().wait(0.3)  # a database that takes its time
        ping(db)

    monkeypatch.setattr(Database, "ping", slow)
    with open_town(tmp_path, platform_keys, write_courses(tmp_path / "courses")) as town:

        def ask(where: str) -> int:
            return requests.get(f"{town.url}{where}", timeout=10).status_code

        with ThreadPoolExecutor(ASKERS + 1) as pool:
            first = pool.submit(ask, "/readyz")
            assert begun.wait(10)
            others = [pool.submit(ask, path) for _ in range(ASKERS)]
            assert {one.result() for one in [first, *others]} == {200}
    assert len(asked) <= 2
