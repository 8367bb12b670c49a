"""The asynchronous edge: keeps the loop free, the followers in order, and the answer in time.

What a request is gets computed on the loop (some 100 microseconds, nothing waits). What may wait runs in a
bounded pool. One follower's messages stand in line, so they are answered in the order in which they came and
a repeat simply finds the first one's reply; different followers do not wait for each other.

All decisions are taken on the loop's thread; only `Turn` is shared with the workers.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass

from bot.deadline import Turn
from bot.webhook import Letter, Webhook
from bot.wire import SUCCESS, WireRequest, WireResponse
from infra.errors import Unavailable
from infra.fuses import Fuses
from infra.log import get_logger
from infra.pool import BoundedPool

log = get_logger("bot")

WORKERS = 16
WAITING = 64
LINE = 8  # messages of one follower that may stand in line


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    letter: Letter
    turn: Turn
    response: asyncio.Future[WireResponse]


class Answerer:
    """Answers requests from one event loop. ``workers`` handlers run at a time, ``waiting`` may queue."""

    def __init__(self, webhook: Webhook, *, workers: int = WORKERS, waiting: int = WAITING) -> None:
        self._webhook = webhook
        self._budget = webhook.budget
        self._pool = BoundedPool("wechat", workers=workers, waiting=waiting)
        # Small errands must get through when every worker is stuck in a slow handler.
        self._errands = BoundedPool("wechat-errand", workers=2, waiting=workers + waiting)
        self._lines: dict[str, deque[_Job]] = {}
        self._fuses: Fuses[_Job] = Fuses(self._budget.give_up_s, self._give_up)

    def glance(self, method: str, query: Mapping[str, str]) -> WireResponse | None:
        """The refusal of a request whose body need not be read; None for one that may come in."""
        return self._webhook.glance(method, query)

    async def answer(self, request: WireRequest) -> WireResponse:
        """The answer within the budget, whatever a handler or a store does. Never raises."""
        opened = self._open(request)
        if isinstance(opened, WireResponse):
            return opened
        loop = asyncio.get_running_loop()
        job = _Job(opened, Turn(self._budget), loop.create_future())
        if not self._take_in(job):
            return self._webhook.shed(opened)
        self._fuses.light(job)
        try:
            return await job.response
        finally:
            self._fuses.put_out(job)

    def _open(self, request: WireRequest) -> Letter | WireResponse:
        try:
            return self._webhook.open(request)
        except Exception:
            # The outermost edge of a request, before anything was done: a document that trips a parser in a
            # way that nobody thought of is no reason for WeChat to show the follower its fault banner.
            log.exception("request_broke")
            return SUCCESS

    def close(self, *, wait: bool = True) -> None:
        """Lets running handlers finish (or not)."""
        self._pool.close(wait=wait)
        self._errands.close(wait=wait)

    def _take_in(self, job: _Job) -> bool:
        """Starts the job or puts it in its follower's line; False when there is no room."""
        line = self._lines.get(job.letter.openid)
        if line is None:
            return self._start(job)
        if len(line) >= LINE:
            return False
        line.append(job)
        return True

    def _start(self, job: _Job) -> bool:
        try:
            future = self._pool.submit(self._webhook.answer, job.letter, job.turn)
        except Unavailable:
            return False
        self._lines.setdefault(job.letter.openid, deque())
        future.add_done_callback(lambda done: self._report(job, done))
        return True

    def _report(self, job: _Job, done: Future[WireResponse]) -> None:
        """From the worker's thread to the loop's. When the loop is closed, the process is ending."""
        with contextlib.suppress(RuntimeError):
            job.response.get_loop().call_soon_threadsafe(self._finish, job, done)

    def _finish(self, job: _Job, done: Future[WireResponse]) -> None:
        self._next_in_line(job.letter.openid)
        if not job.response.done():
            job.response.set_result(_response(done))

    def _next_in_line(self, openid: str) -> None:
        line = self._lines[openid]
        while line:
            following = line.popleft()
            if self._start(following):
                return
            if not following.response.done():
                following.response.set_result(self._webhook.shed(following.letter))
        del self._lines[openid]

    def _give_up(self, job: _Job) -> None:
        """The wire gets `success` now; the worker will find its turn taken and send the answer late.

        When the worker was quicker by a hair, its response is on its way to this loop already.
        """
        if not job.turn.take():
            return
        if not job.response.done():
            job.response.set_result(SUCCESS)
        try:
            self._errands.submit(self._webhook.prolong, job.letter)
        except Unavailable as error:
            log.warning("claim_not_prolonged", openid=job.letter.openid, cause=str(error))


def _response(done: Future[WireResponse]) -> WireResponse:
    if done.cancelled():
        return SUCCESS
    error = done.exception()
    if error is None:
        return done.result()
    # A fault of our own past every net. WeChat would repeat a 5xx and then show the follower its banner.
    log.error("answer_broke", cause=repr(error), exc_info=error)
    return SUCCESS
