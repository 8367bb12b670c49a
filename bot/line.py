"""One follower's messages one at a time, in the order in which they came, whichever process they came to.

A queue of marks under one key. Whoever stands first works; whoever leaves takes his mark out. A mark that
stands first for too long belongs to a process that died, or that is late: it is passed by, so nobody waits
for ever. How long it has stood there the line itself says, by the clocks of the machines: a mark begins with
the time at which it came, and who leaves others behind writes down since when they stand there.

Only processes that share a store need it; in one process `bot.edge` keeps the order.
"""

from __future__ import annotations

import itertools
import os
import secrets
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
_SINCE = b"@"  # a word before the marks: since when the first one stands there
_IN_MS = b"."


class _Marks:
    """Numbers, and a word that no other process has: to draw one each time would be a call to the system."""

    def __init__(self) -> None:
        self.renew()
        os.register_at_fork(after_in_child=self.renew)

    def renew(self) -> None:
        self.process = secrets.token_hex(8).encode()
        self.numbers = itertools.count()


_marks = _Marks()


def new_mark(now_s: float) -> bytes:
    """Of one delivery alone, in all processes; ``now_s`` in seconds since 1970."""
    return b"%x%s%s-%x" % (int(now_s * 1000), _IN_MS, _marks.process, next(_marks.numbers))


class NoLine:
    """For a process that serves alone."""

    def entering(self, _openid: str, _mark: bytes) -> tuple[()]:
        return ()

    def leaving(self, _openid: str, _mark: bytes) -> tuple[()]:
        return ()

    def enter(self, _openid: str, _mark: bytes) -> None:
        """At once."""

    def leave(self, _openid: str, _mark: bytes) -> None:
        """Nobody waits."""


class Line:
    """Marks are those of `new_mark`, each used once. ``now_s``: seconds since 1970."""

    def __init__(
        self,
        store: KeyValues,
        *,
        pause: Callable[[float], None] = time.sleep,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._pause = pause
        self._now_s = now_s

    def entering(self, openid: str, mark: bytes) -> tuple[Add]:
        """The step of `enter`, for whoever has a trip to make; where it fails, `enter` waits."""
        return (Add(_key(openid), mark, KEEP_S),)

    def leaving(self, openid: str, mark: bytes) -> tuple[DeleteIf]:
        """The step of `leave`; where it fails, others stand there, and `leave` lets them in."""
        return (DeleteIf(_key(openid), mark),)

    def enter(self, openid: str, mark: bytes) -> None:
        """Returns when this mark stands first, or when the line is so long that order is no help any more."""
        if not self._store.add(_key(openid), mark, ttl_s=KEEP_S):
            self._wait(openid, mark)

    def _wait(self, openid: str, mark: bytes) -> None:
        key, pause_s = _key(openid), _FIRST_PAUSE_S
        first, seen_s = b"", 0.0
        while True:
            there = self._store.get(key)
            since, marks = _read(there)
            if marks[:1] == [mark] or (mark not in marks and len(marks) >= MOST_WAITING):
                return
            if mark not in marks:
                self._store.swap(key, there, _join(since, [*marks, mark]), ttl_s=KEEP_S)
                continue
            if marks[0] != first:
                first, seen_s = marks[0], self._now_s()
            # A clock that is ahead of ours tells a time to come: then our own wait counts.
            if self._now_s() - min(_came_s(since or first, seen_s), seen_s) > PASSED_BY_S:
                self._go_on(key, there, marks[1:])
                continue
            self._pause(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    def leave(self, openid: str, mark: bytes) -> None:
        """Lets the next one work. Does nothing when this mark was passed by."""
        key = _key(openid)
        if self._store.together(*self.leaving(openid, mark))[0]:
            return  # nobody else stands there
        while mark in (there := _read(raw := self._store.get(key)))[1]:
            since, marks = there
            left = [other for other in marks if other != mark]
            if not left:
                done = bool(self._store.together(DeleteIf(key, raw or b""))[0])
            elif marks[0] == mark:
                done = self._go_on(key, raw, left)
            else:
                done = self._store.swap(key, raw, _join(since, left), ttl_s=KEEP_S)
            if done:
                return

    def _go_on(self, key: str, there: bytes | None, left: list[bytes]) -> bool:
        """From now on the next one stands first."""
        since = b"%s%x%s" % (_SINCE, int(self._now_s() * 1000), _IN_MS)
        return self._store.swap(key, there, _join(since, left), ttl_s=KEEP_S)


def _read(there: bytes | None) -> tuple[bytes, list[bytes]]:
    """Since when the first one stands there, when that is not since it came; and the marks."""
    words = there.split(_BETWEEN) if there else []
    return (words[0], words[1:]) if there and there.startswith(_SINCE) else (b"", words)


def _join(since: bytes, marks: list[bytes]) -> bytes:
    return _BETWEEN.join([since, *marks] if since else marks)


def _came_s(word: bytes, otherwise_s: float) -> float:
    stamp, told, _ = word.removeprefix(_SINCE).partition(_IN_MS)
    try:
        return int(stamp, 16) / 1000 if told else otherwise_s
    except ValueError:  # written by another version of the service
        return otherwise_s


def _key(openid: str) -> str:
    return f"line:{openid}"
