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
doing = st.sampled_from([*OCCASIONS, "take", "refused"])
pauses = st.sampled_from([0.0, 0.0, 0.0, 1.0, 29.0, 61.0, 47.9 * 3600, 48.0 * 3600])
steps = st.tuples(doing, pauses, st.integers(1, 7))


@settings(max_examples=80, deadline=None)
@given(st.lists(steps, max_size=25))
def test_nothing_is_taken_that_wechat_would_refuse(happened: list[tuple[str, float, int]]) -> None:
    """Each step: what is done after which pause, and how often when it is a message of ours."""
    clock, wechat = ManualClock(), Allowance()
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder) / "kv.db", now_s=lambda: clock.now().timestamp())
        quota = Quota(store, clock)
        for step, pause_s, times in happened:
            clock.advance(pause_s)
            if step in OCCASIONS:
                quota.opened(OPENID, step)
                if OCCASIONS[step]:
                    wechat.renew(OCCASIONS[step], clock.now().timestamp())
                continue
            for taken in filter(None, (quota.take(OPENID) for _ in range(times))):
                if step == "refused":  # for another reason: WeChat did not count it
                    quota.give_back(taken)
                else:
                    assert wechat.spend(clock.now().timestamp()) == 0
        store.close()
