"""What stands in each follower's chat, oldest first, and who waits for the next line of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict, deque
from typing import Any

from sandbox.clock import Clock, utc_time
from sandbox.store import Store

LINES_MAX = 500
"""Lines kept for each follower; older ones go."""
WAITERS_MAX = 200
KIND = "line"

Line = dict[str, Any]
"""{"seq", "side": "follower"|"account"|"system", "type", "content", "at", "via"?, …}"""


class Chats:
    """The chats of all followers. Belongs to the loop's thread."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._lines: dict[str, deque[Line]] = defaultdict(deque)
        self._bells: dict[str, set[asyncio.Event]] = defaultdict(set)
        for key, line in store.all(KIND):
            self._lines[key.rpartition("/")[0]].append(line)

    def add(self, openid: str, *, side: str, kind: str, content: str, **more: object) -> Line:
        lines = self._lines[openid]
        seq = lines[-1]["seq"] + 1 if lines else 1
        line: Line = {
            "seq": seq,
            "side": side,
            "type": kind,
            "content": content,
            "at": utc_time(self._clock()),
            **more,
        }
        lines.append(line)
        self._store.put(KIND, _key(openid, seq), line)
        while len(lines) > LINES_MAX:
            self._store.delete(KIND, _key(openid, lines.popleft()["seq"]))
        self.ring(openid)
        return line

    def after(self, openid: str, seq: int) -> list[Line]:
        return [line for line in self._lines.get(openid, ()) if line["seq"] > seq]

    def inbox(self, openid: str) -> list[Line]:
        """Only what the follower was sent."""
        return [_as_sent(line) for line in self._lines.get(openid, ()) if line["side"] != "follower"]

    def ring(self, openid: str) -> None:
        """Wake whoever waits for this follower's chat."""
        for bell in self._bells.get(openid, ()):
            bell.set()

    def ring_all(self) -> None:
        for openid in list(self._bells):
            self.ring(openid)

    async def wait(self, openid: str, timeout_s: float) -> None:
        """Until something changes for this follower, or the time is over."""
        if sum(len(bells) for bells in self._bells.values()) >= WAITERS_MAX:
            return
        bell = asyncio.Event()
        self._bells[openid].add(bell)
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(bell.wait(), timeout_s)
        finally:
            self._bells[openid].discard(bell)


def _key(openid: str, seq: int) -> str:
    return f"{openid}/{seq:09d}"


def _as_sent(line: Line) -> Line:
    return {name: value for name, value in line.items() if name != "side"}
