"""How long the stages of a message take, for `/metrics`: of one in eight, because looking costs, too."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from functools import partial

from infra.metrics import STAGE_SECONDS

EVERY = 8
STAGES = ("open", "wait", "recall", "handler", "keep", "seal")

_SECONDS = {stage: STAGE_SECONDS.labels(stage) for stage in STAGES}
_messages = itertools.count()

# Called at the end of a stage, with its name.
Ended = Callable[[str], None]


def stages(began_s: float) -> Ended:
    """``began_s``: the `time.perf_counter` at which the first stage began."""
    return partial(_ended, [began_s]) if next(_messages) % EVERY == 0 else _unseen


def _ended(last: list[float], stage: str) -> None:
    now_s = time.perf_counter()
    _SECONDS[stage].observe(now_s - last[0])
    last[0] = now_s


def _unseen(stage: str) -> None:
    """Of a message that is not looked at."""
