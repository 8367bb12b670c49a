"""A message that has come in: opened, and known to be WeChat's."""

from __future__ import annotations

from dataclasses import dataclass

from bot.line import new_mark
from bot.message import Message
from bot.stages import Ended
from infra.log import TRACE_CHARS

FRESH_MARK_S = 0.5


@dataclass(slots=True, eq=False)
class Letter:
    """``key`` is the same for each delivery of a message (`bot.recall.identity`), ``mark`` is of this
    delivery alone (`bot.line.new_mark`) and of each try.

    ``at_s``: when it came, in seconds since 1970; ``arrived_s``: the same by `time.perf_counter`. ``ended``
    is told of each stage's end. ``worker`` is the mark of the delivery that was worked on when we looked.
    """

    message: Message
    key: str
    encrypted: bool
    at_s: float
    arrived_s: float
    ended: Ended
    mark: bytes
    worker: bytes = b""

    @property
    def openid(self) -> str:
        return self.message.source

    def come_to_line(self, now_s: float) -> None:
        """Who has waited elsewhere (behind a slow one, for a dead worker) comes only now: by the time in its
        old mark it would be passed by at once.
        """
        if now_s - self.at_s > FRESH_MARK_S:
            self.mark = new_mark(now_s)

    @property
    def trace(self) -> str:
        """Marks the log lines of a message, and of what it causes."""
        return self.key[-TRACE_CHARS:]
