"""A seeded slice of the hostile requests; ``python -m benchmarks hostile`` sends many more over HTTP."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bot.account import Mode
from bot.webhook import Webhook
from infra.clock import ManualClock
from infra.keyvalue import Result, Step
from infra.keyvalue_sqlite import SqliteStore
from tests.unit.bot.hostile import hostile
from tests.unit.bot.pretend_wechat import Echo, PretendWeChat, account

COUNT = 2_000
REFUSALS = {400, 403, 405, 413}


class Counted(SqliteStore):
    trips = 0

    def together(self, *steps: Step) -> list[Result]:
        self.trips += 1
        return super().together(*steps)


@pytest.mark.parametrize("mode", ["safe", "compatible", "plain"])
def test_a_refused_request_touches_nothing_and_none_is_a_fault(
    tmp_path: Path, clock: ManualClock, mode: Mode
) -> None:
    store, robot = Counted(tmp_path / "kv.db"), Echo()
    door = Webhook(account(mode), robot, store, clock, late=lambda *_: None)
    statuses: Counter[int] = Counter()
    for request in hostile(PretendWeChat(clock, mode), COUNT, seed=1):
        before = (store.trips, len(robot.handled))
        response = door.receive(request)
        statuses[response.status] += 1
        if response.status != 200:
            assert response.status in REFUSALS, request
            assert (store.trips, len(robot.handled)) == before, request
            assert response.body == b"refused"
    assert sum(statuses[status] for status in REFUSALS) > COUNT // 2
    assert len(statuses) > 3  # the bends reach more than one check
