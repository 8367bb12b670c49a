"""Answers that came too late for the wire: they go out as customer-service messages, by threads of their own.

Each lies in the follower's talk while it is on its way (`bot.conversation.Owed`), so nothing is lost with the
process: what was not crossed off in time goes out with the answer to the follower's next message.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from bot.conversation import Conversations, Owed
from bot.errcode import Unsure
from infra.clock import Clock
from infra.errors import KebanError, Unavailable
from infra.log import get_logger, tracing
from infra.pool import BoundedPool

log = get_logger("bot")

# Sends a late answer: (openid, text). May raise KebanError.
Send = Callable[[str, str], None]

# How long an answer may be on its way before the next message takes it along: what it waits for a thread, and
# what the calls to WeChat take at the longest.
WAITS_S = 60
SENDS_S = 40
WORKERS = 4
WAITING = 64  # followers; who finds no room waits for his next message
MOST_OF_ONE = 16


class _Letter(NamedTuple):
    owed: Owed
    written: bool
    trace: str


class LateAnswers:
    """One follower's answers go out in their order. ``pool`` None: by the caller's own thread."""

    def __init__(
        self, send: Send, conversations: Conversations, clock: Clock, *, pool: BoundedPool | None = None
    ) -> None:
        self._send = send
        self._talks = conversations
        self._clock = clock
        self._pool = pool
        self._turn = threading.Lock()
        self._waiting: dict[str, deque[_Letter]] = {}

    @property
    def busy(self) -> bool:
        """Something is on its way."""
        return bool(self._waiting)

    def owing(self, text: str) -> Owed:
        """What the talk must hold before `send`."""
        return Owed(int(self._clock.now_s()) + WAITS_S, text)

    def send(self, openid: str, owed: Owed, *, written: bool, trace: str) -> None:
        """``written``: it stands in the talk for certain. Never raises."""
        if not self._wait_in_line(openid, _Letter(owed, written, trace)):
            self.wait_on(openid, owed)

    def close(self, *, wait: bool) -> None:
        if self._pool is not None:
            self._pool.close(wait=wait)

    def _wait_in_line(self, openid: str, letter: _Letter) -> bool:
        with self._turn:
            waiting = self._waiting.get(openid)
            if waiting is not None:
                if len(waiting) >= MOST_OF_ONE:
                    return False
                waiting.append(letter)
                return True
            self._waiting[openid] = deque((letter,))
        if self._pool is None:
            self._send_all(openid)
            return True
        try:
            self._pool.submit(self._send_all, openid)
        except Unavailable as error:
            with self._turn:
                left = self._waiting.pop(openid)
            log.warning("no_thread_for_late_answers", openid=openid, count=len(left), cause=str(error))
            for other in list(left)[1:]:  # somebody was quick to queue behind
                self.wait_on(openid, other.owed)
            return False
        return True

    def _send_all(self, openid: str) -> None:
        while True:
            with self._turn:
                waiting = self._waiting[openid]
                if not waiting:
                    del self._waiting[openid]
                    return
                letter = waiting[0]
            with tracing(letter.trace):
                try:
                    self._send_one(openid, letter)
                except Exception:
                    # The outermost edge of this thread: the answers behind it go on.
                    log.exception("late_answer_broke", openid=openid)
            with self._turn:
                waiting.popleft()

    def _send_one(self, openid: str, letter: _Letter) -> None:
        if self._clock.now_s() > letter.owed.due_s - SENDS_S:
            # It has waited so long that the next message may take it along at any moment.
            if not letter.written:
                self.wait_on(openid, letter.owed)
            return
        try:
            self._send(openid, letter.owed.text)
        except Unsure as error:
            # It may be there already: once too few is better than twice.
            log.error("late_answer_unsure", openid=openid, cause=str(error))
        except KebanError as error:
            log.warning("late_answer_owed", openid=openid, cause=str(error))
            self.wait_on(openid, letter.owed)
            return
        # Also what is not known to stand there: a store may have taken what it did not confirm.
        self._cross_off(openid, letter.owed)

    def _cross_off(self, openid: str, owed: Owed) -> None:
        try:
            self._talks.pay(openid, owed)
        except KebanError as error:
            log.error("late_answer_not_crossed_off", openid=openid, cause=str(error))

    def wait_on(self, openid: str, owed: Owed) -> None:
        """For the follower's next message."""
        try:
            self._talks.owe(openid, owed)
        except KebanError as error:
            log.error("late_answer_lost", openid=openid, cause=str(error))
