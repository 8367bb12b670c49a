"""Whatever happens in whatever order: nothing is taken that the platform's own count would refuse."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.quota import Quota
from infra.clock import ManualClock
from infra.keyvalue_sqlite import SqliteStore
from sandbox.quota import Allowance

OPENID = "oA1b2C3d4E5f6G7h8I9j0K1l2M3n"
OCCASIONS = {"text": "talk", "click_event": "event", "view_event": ""}
doing = st.sampled_from([*OCCASIONS, "take", "take", "take", "refused"])
pauses = st.sampled_from([0.0, 1.0, 30.0, 58.0, 61.0, 40 * 3600.0, 47.9 * 3600])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(doing, pauses), max_size=40))
def test_nothing_is_taken_that_wechat_would_refuse(steps: list[tuple[str, float]]) -> None:
    clock, wechat = ManualClock(), Allowance()
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder) / "kv.db", now_s=lambda: clock.now().timestamp())
        quota = Quota(store, clock)
        for step, pause_s in steps:
            clock.advance(pause_s)
            if step in OCCASIONS:
                quota.opened(OPENID, step)
                if OCCASIONS[step]:
                    wechat.renew(OCCASIONS[step], clock.now().timestamp())
            elif taken := quota.take(OPENID):
                if step == "refused":  # for another reason: WeChat did not count it
                    quota.give_back(taken)
                else:
                    assert wechat.spend(clock.now().timestamp()) == 0
        store.close()
