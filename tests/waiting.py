"""Waiting for what happens in another thread or process: short steps, one deadline, a clear failure."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

STEP_S = 0.05


def until(look: Callable[[], T], what: str, *, timeout_s: float = 15.0) -> T:
    """The first true answer of ``look``; fails with ``what`` was waited for when none comes in time."""
    deadline, never = time.monotonic() + timeout_s, threading.Event()
    while not (found := look()):
        assert time.monotonic() < deadline, f"waited {timeout_s} s in vain for {what}"
        never.wait(STEP_S)
    return found
