"""One follower's messages one at a time, in the order in which they came, whichever process they came to.

A queue of marks under one key. Whoever stands first works; whoever leaves takes his mark out. A mark that
stands first for too long belongs to a process that died, or that is late: it is passed by, so nobody waits
for ever. Only processes that share a store need it; in one process `bot.edge` keeps the order.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from infra.keyvalue import Add, DeleteIf, KeyValues

# As long as a claim (`bot.recall.LEASE_S`): after it a repeat may do the work anew.
PASSED_BY_S = 6.0
KEEP_S = 60.0
MOST_WAITING = 16
_FIRST_PAUSE_S = 0.005
_LONGEST_PAUSE_S = 0.05
_BETWEEN = b" "


class Line:
    """Marks are short words without spaces, each used once."""

    def __init__(
        self,
        store: KeyValues,
        *,
        pause: Callable[[float], None] = time.sleep,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._pause = pause
        self._now_s = now_s

    def entering(self, openid: str, mark: bytes) -> Add:
        """The step of `enter`, for whoever has a trip to make; where it fails, `enter` waits."""
        return Add(_key(openid), mark, KEEP_S)

    def leaving(self, openid: str, mark: bytes) -> DeleteIf:
        """The step of `leave`; where it fails, others stand there, and `leave` lets them in."""
        return DeleteIf(_key(openid), mark)

    def enter(self, openid: str, mark: bytes) -> None:
        """Returns when this mark stands first, or when the line is so long that order is no help any more."""
        if not self._store.add(_key(openid), mark, ttl_s=KEEP_S):
            self._wait(openid, mark)

    def _wait(self, openid: str, mark: bytes) -> None:
        key, pause_s = _key(openid), _FIRST_PAUSE_S
        seen, since_s = b"", self._now_s()
        while True:
            there = self._store.get(key)
            marks = there.split(_BETWEEN) if there else []
            if marks[:1] == [mark] or (mark not in marks and len(marks) >= MOST_WAITING):
                return
            if mark not in marks:
                self._store.swap(key, there, _BETWEEN.join([*marks, mark]), ttl_s=KEEP_S)
                continue
            if marks[0] != seen:
                seen, since_s = marks[0], self._now_s()
            elif self._now_s() - since_s > PASSED_BY_S:
                self._store.swap(key, there, _BETWEEN.join(marks[1:]), ttl_s=KEEP_S)
                continue
            self._pause(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    def leave(self, openid: str, mark: bytes) -> None:
        """Lets the next one work. Does nothing when this mark was passed by."""
        key = _key(openid)
        if self._store.together(self.leaving(openid, mark))[0]:
            return  # nobody else stands there
        while (there := self._store.get(key)) and mark in (marks := there.split(_BETWEEN)):
            left = [other for other in marks if other != mark]
            if left:
                done = self._store.swap(key, there, _BETWEEN.join(left), ttl_s=KEEP_S)
            else:
                done = bool(self._store.together(DeleteIf(key, there))[0])
            if done:
                return


def _key(openid: str) -> str:
    return f"line:{openid}"
