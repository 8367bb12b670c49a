"""Time on the wire. WeChat waits 5 s for an answer, then asks again and in the end shows a fault banner."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Budget:
    """Seconds from the arrival of a message.

    ``give_up_s``: the wire gets ``success`` and the answer follows as a customer-service message. Half a
    second for that leaves another half of WeChat's five to the network.
    """

    give_up_s: float = 4.0


class Turn:
    """Who answers a message: the wire in time, or a message afterwards. Exactly one takes it."""

    __slots__ = ("_lock", "_until")

    def __init__(self, budget: Budget) -> None:
        self._lock = threading.Lock()
        self._until = time.monotonic() + budget.give_up_s

    def take(self) -> bool:
        """True for the first caller only."""
        return self._lock.acquire(blocking=False)

    @property
    def over(self) -> bool:
        """True once somebody has taken it."""
        return self._lock.locked()

    @property
    def left_s(self) -> float:
        return max(0.0, self._until - time.monotonic())
