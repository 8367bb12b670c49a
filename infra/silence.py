"""A store that has gone silent is asked by one at a time, until it answers again.

Who asks a silent store waits a whole timeout. Were everybody to do so, every thread would soon wait, and
followers who could have been told at once would wait with them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from infra.errors import Unavailable
from infra.log import get_logger

log = get_logger("store")

REST_S = 1.0
# Who is let in to try has this long to say what came of it; after that somebody else is.
TRYING_S = 5.0


class Silence:
    """Safe to share by threads. While all is well, `admit` and `heard` cost one look each.

    ``after``: how often in a row somebody has to wait in vain. ``now_s`` can be handed in by a test.
    """

    def __init__(self, name: str, *, after: int = 1, now_s: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._after = after
        self._now_s = now_s
        self._turn = threading.Lock()
        self._in_vain = 0
        self._next_try_s = 0.0  # 0: it is not silent

    @property
    def silent(self) -> bool:
        return self._next_try_s != 0.0

    def admit(self) -> None:
        """Raises Unavailable while the store is silent, for all but one who may try."""
        if self._next_try_s:
            self._admit_one()

    def heard(self) -> None:
        """It has answered, even if only to refuse."""
        if self._in_vain:
            self._in_vain = 0
            if self._next_try_s:
                self._next_try_s = 0.0
                log.warning("store_answers_again", store=self._name)

    def broken(self) -> None:
        """Somebody has asked, and waited in vain."""
        self._in_vain += 1
        if self._in_vain < self._after:
            return
        if not self._next_try_s:
            log.error("store_is_silent", store=self._name)
        self._next_try_s = self._now_s() + REST_S

    def _admit_one(self) -> None:
        with self._turn:
            now_s = self._now_s()
            if self._next_try_s and now_s < self._next_try_s:
                raise Unavailable(f"the {self._name} did not answer a moment ago")
            if self._next_try_s:
                self._next_try_s = now_s + TRYING_S
