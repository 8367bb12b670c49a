"""How many customer-service messages an account may push to a follower.

A message of the follower's opens 5 for 48 hours; a menu tap, a follow or a scan opens 3 for one minute. Each
new occasion renews its own window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

OK = 0
WINDOW_CLOSED = 45015
COUNT_USED_UP = 45047


@dataclass(frozen=True)
class Rule:
    count: int
    seconds: float


RULES = {"talk": Rule(5, 48 * 3600.0), "event": Rule(3, 60.0)}


@dataclass
class Window:
    left: int = 0
    ends_at: float = 0.0


class Allowance:
    """One follower's windows."""

    def __init__(self, kept: dict[str, Any] | None = None) -> None:
        self._windows = {name: Window(*(kept or {}).get(name, (0, 0.0))) for name in RULES}

    def renew(self, occasion: str, now: float) -> None:
        """``occasion`` is "talk" or "event"."""
        rule = RULES[occasion]
        self._windows[occasion] = Window(rule.count, now + rule.seconds)

    def spend(self, now: float) -> int:
        """Take one message from the window that ends first; answers 0, 45015 or 45047."""
        open_windows = [window for window in self._windows.values() if now < window.ends_at]
        if not open_windows:
            return WINDOW_CLOSED
        usable = [window for window in open_windows if window.left > 0]
        if not usable:
            return COUNT_USED_UP
        min(usable, key=lambda window: window.ends_at).left -= 1
        return OK

    def kept(self) -> dict[str, Any]:
        return {name: (window.left, window.ends_at) for name, window in self._windows.items()}
