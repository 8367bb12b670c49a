"""The asynchronous edge: keeps the loop free, the followers in order, and the answer in time.

What a request is gets computed on the loop (some 50 microseconds, nothing waits). What may wait runs in a
bounded crew of threads. One follower's messages stand in line, so they are answered in the order in which
they came and a repeat simply finds the first one's reply; different followers do not wait for each other.

All decisions are taken on the loop's thread; only `Turn` is shared with the workers.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping

from bot.deadline import Turn
from bot.letter import Letter
from bot.recall import PATIENCE_S, StillWorking
from bot.webhook import LOOK_AGAIN_S, Webhook
from bot.wire import SUCCESS, WireRequest, WireResponse
from infra.crew import Crew
from infra.errors import Unavailable
from infra.fuses import Fuses
from infra.log import get_logger
from infra.pool import BoundedPool

log = get_logger("bot")

WORKERS = 16
WAITING = 64
LINE = 8  # messages of one follower that may stand in line
MOST_LOOKING_AGAIN = 256
DRAIN_LOOK_S = 0.01

Reply = Callable[[WireResponse], None]


class _Job:
    """One message in hand. ``reply`` is None once the wire has been answered."""

    __slots__ = ("ended", "letter", "reply", "response", "turn", "waits")

    def __init__(self, letter: Letter, turn: Turn, reply: Reply) -> None:
        self.letter = letter
        self.turn = turn
        self.reply: Reply | None = reply
        self.response = SUCCESS
        self.ended = False  # its worker has done all it could, whether or not the loop has heard
        self.waits = False  # for another delivery's worker, until that one's claim has ended


class Answerer:
    """Answers requests from one event loop. ``workers`` handlers run at a time, ``waiting`` may queue."""

    def __init__(self, webhook: Webhook, *, workers: int = WORKERS, waiting: int = WAITING) -> None:
        self._webhook = webhook
        self._budget = webhook.budget
        self._crew: Crew[_Job] = Crew("wechat", self._work, self._finish, workers=workers, waiting=waiting)
        # Small errands must get through when every worker is stuck in a slow handler.
        self._errands = BoundedPool("wechat-errand", workers=2, waiting=workers + waiting)
        self._lines: dict[str, deque[_Job]] = {}
        # Whose wire was given up while they were worked on, and those that will look again.
        self._given_up: set[_Job] = set()
        self._looking_again: set[_Job] = set()
        # Those on the wire. What is answered is let go, however long an older one takes.
        self._on_wire: Fuses[_Job] = Fuses(self._budget.give_up_s, self._give_up)

    def glance(self, method: str, query: Mapping[str, str]) -> WireResponse | None:
        """The refusal of a request whose body need not be read; None for one that may come in."""
        return self._webhook.gate.glance(method, query)

    async def answer(self, request: WireRequest) -> WireResponse:
        """The answer within the budget, whatever a handler or a store does. Never raises."""
        answered: asyncio.Future[WireResponse] = asyncio.get_running_loop().create_future()
        self.take(request, lambda response: None if answered.done() else answered.set_result(response))
        return await answered

    def take(self, request: WireRequest, reply: Reply) -> None:
        """As `answer`; ``reply`` is called once, on the loop's thread, now or within the budget."""
        opened = self._open(request)
        if isinstance(opened, WireResponse):
            reply(opened)
            return
        job = _Job(opened, Turn(self._budget), reply)
        if self._take_in(job):
            self._on_wire.light(job)
        else:
            reply(self._webhook.shed(opened))

    async def drained(self) -> None:
        """Returns when everybody is answered, also by a late message; let the caller of this have an end."""
        while self._lines or self._looking_again or self._webhook.sending:
            await asyncio.sleep(DRAIN_LOOK_S)

    def close(self, *, wait: bool = True) -> None:
        """Lets running handlers finish; or not: whose wire was given up is told so with the next answer."""
        self._crew.close(wait=wait)
        self._errands.close(wait=wait)
        for letter in {job.letter.key: job.letter for job in self._given_up if not job.ended}.values():
            self._webhook.abandon(letter)
        for letter in {job.letter.key: job.letter for job in self._looking_again}.values():
            self._webhook.leave_to_worker(letter)
        self._webhook.close(wait=wait)

    def _open(self, request: WireRequest) -> Letter | WireResponse:
        try:
            return self._webhook.gate.open(request)
        except Exception:
            # The outermost edge of a request, before anything was done: a document that trips a parser in a
            # way that nobody thought of is no reason for WeChat to show the follower its fault banner.
            log.exception("request_broke")
            return SUCCESS

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
        if not self._crew.take(job):
            return False
        self._lines.setdefault(job.letter.openid, deque())
        return True

    def _work(self, job: _Job) -> None:
        """On a worker's thread."""
        try:
            job.response = self._webhook.answer(job.letter, job.turn)
        except StillWorking:
            job.waits = True
        except Exception as error:
            # A fault of our own past every net. WeChat would repeat a 5xx and then show the follower its
            # banner.
            log.error("answer_broke", cause=repr(error), exc_info=error)
        job.ended = True

    def _finish(self, job: _Job) -> None:
        """On the loop's thread again."""
        self._next_in_line(job.letter.openid)
        if self._given_up:
            self._given_up.discard(job)
        if job.waits:
            self._look_again_later(job)
        else:
            self._reply(job, job.response)

    def _look_again_later(self, job: _Job) -> None:
        """Its worker may have died, and WeChat does not ask again once it has `success`. No thread waits."""
        if job.turn.take():
            self._reply(job, SUCCESS)
        waited_s = time.perf_counter() - job.letter.arrived_s
        if waited_s > PATIENCE_S or len(self._looking_again) >= MOST_LOOKING_AGAIN:
            self._webhook.waited(job.letter)
            return
        self._looking_again.add(job)
        asyncio.get_running_loop().call_later(LOOK_AGAIN_S, self._look_again, job)

    def _look_again(self, job: _Job) -> None:
        self._looking_again.discard(job)
        job.waits = job.ended = False
        if not self._take_in(job):
            self._look_again_later(job)

    def _reply(self, job: _Job, response: WireResponse) -> None:
        self._on_wire.put_out(job)
        reply, job.reply = job.reply, None
        if reply is not None:
            reply(response)

    def _next_in_line(self, openid: str) -> None:
        line = self._lines[openid]
        while line:
            following = line.popleft()
            if self._start(following):
                return
            if following.reply is not None:
                self._reply(following, self._webhook.shed(following.letter))
            elif following.letter.worker:  # which may be alive, and tell the answer
                self._look_again_later(following)
            else:
                self._given_up.discard(following)
                self._errand(self._webhook.abandon, following.letter)
        del self._lines[openid]

    def _give_up(self, job: _Job) -> None:
        """The wire gets `success` now; the worker will find its turn taken and send the answer late.

        When the worker was quicker by a hair, its response is on its way to this loop already.
        """
        if job.reply is None or not job.turn.take():
            return
        self._reply(job, SUCCESS)
        self._given_up.add(job)
        self._errand(self._webhook.prolong, job.letter)

    def _errand(self, work: Callable[[Letter], None], letter: Letter) -> None:
        try:
            self._errands.submit(work, letter)
        except Unavailable as error:
            log.warning("errand_not_run", errand=work.__name__, openid=letter.openid, cause=str(error))
