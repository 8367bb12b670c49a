"""The way of one request through the door. Everything else in this room is a word of `receive`.

    gate    refuse, verify, open         computation only; nothing is touched before it is known to be WeChat
    answer  take, robot's answer, put, seal     waits on stores and handlers; once per message

Plain synchronous Python; `bot.edge` runs it for Tornado with the deadline.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from bot.account import Account
from bot.conversation import Conversation
from bot.deadline import Budget, Turn
from bot.gate import Gate
from bot.keeper import Held, Keeper
from bot.late import LateAnswers, Send
from bot.letter import Letter
from bot.line import Line
from bot.notes import Note, Notes
from bot.recall import PATIENCE_S, StillWorking
from bot.robot import Answer, KebanRobot
from bot.wire import SUCCESS, XML, WireRequest, WireResponse
from infra.clock import Clock
from infra.errors import KebanError
from infra.keyvalue import KeyValues
from infra.log import get_logger, tracing
from infra.pool import BoundedPool

log = get_logger("bot")

LOOK_AGAIN_S = 0.5
# The sentence for what cannot be answered late.
SAY_AGAIN = "late.again"


class Webhook:
    """The door of one account. Threads may use it at the same time.

    ``line`` is for processes that share their store: it keeps each follower's messages in order across them.
    ``late`` sends what came too late, by the threads of ``late_pool``. ``spare`` answers while the store is
    gone, what needs none and changes nothing. ``pause`` waits for some seconds.
    """

    def __init__(
        self,
        account: Account,
        robot: KebanRobot,
        store: KeyValues,
        clock: Clock,
        *,
        late: Send,
        late_pool: BoundedPool | None = None,
        line: Line | None = None,
        spare: KebanRobot | None = None,
        notes: Notes | None = None,
        budget: Budget | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._robot = robot
        self._clock = clock
        self.gate = Gate(account, clock)
        self._spare = spare
        self._pause = pause
        self._keeper = Keeper(store, line, pause=pause)
        self._late = LateAnswers(late, self._keeper.conversations, clock, pool=late_pool)
        self._notes = notes or Notes(pause_s=0)
        self.budget = budget or Budget()

    def receive(self, request: WireRequest) -> WireResponse:
        """One request from beginning to end; blocks for as long as its handler does. Never raises."""
        opened = self.gate.open(request)
        if isinstance(opened, WireResponse):
            return opened
        turn = Turn(self.budget)
        while time.perf_counter() - opened.arrived_s < PATIENCE_S:
            try:
                return self.answer(opened, turn)
            except StillWorking:
                turn.take()
                self._pause(LOOK_AGAIN_S)
        self.waited(opened)
        return SUCCESS

    def answer(self, letter: Letter, turn: Turn) -> WireResponse:
        """The reply on the wire. Past the turn's time it leaves by `late`, and SUCCESS goes out.

        Raises StillWorking when another delivery of the message is worked on: its worker may have died, so
        look again until its claim has ended.
        """
        with tracing(letter.trace):
            return self._answer(letter, turn)

    def _answer(self, letter: Letter, turn: Turn) -> WireResponse:
        letter.ended("wait")
        letter.come_to_line(self._clock.now_s())
        try:
            held = self._keeper.take(letter, wait_s=turn.left_s, late=turn.over)
        except KebanError as error:
            return self._without_store(letter, turn, error)
        if isinstance(held, bytes):
            return self._done(letter, held, "repeated")
        letter.ended("recall")
        answer = self._robot.answer(letter.message, held.talk)
        letter.ended("handler")
        if held.talk.owed:
            answer = self._robot.with_owed(answer, letter.message, held.talk, now_s=letter.at_s)
        if not turn.over:
            # Kept before the wire is taken: a store that hangs here makes the answer late and loses nothing.
            held.put(answer.xml)
            letter.ended("keep")
            if turn.take():
                return self._done(letter, answer.xml, answer.outcome)
        return self._too_late(letter, answer, held)

    @property
    def sending(self) -> bool:
        """A late answer is on its way."""
        return self._late.busy

    def close(self, *, wait: bool = True) -> None:
        """Writes what has been taken down; lets late answers go out first (or not: they are owed then)."""
        self._late.close(wait=wait)
        self._notes.close()

    def shed(self, letter: Letter) -> WireResponse:
        """A short apology at once, without any work: there is more to do than can be done in time.

        At WeChat it opens a window; here it does not, because a store that is slow just now must not hold the
        loop. What waits for the follower goes out after a message that is answered.
        """
        with tracing(letter.trace):
            return self._done(letter, self._robot.sentence(letter.message, "error.busy").xml, "shed")

    def prolong(self, letter: Letter) -> None:
        """Keeps a late but living worker's claim, so a repeat does not start the work again."""
        with tracing(letter.trace):
            self._keeper.prolong(letter)

    def waited(self, letter: Letter) -> None:
        """Another delivery was worked on for longer than anybody waits; the wire of this one is given up."""
        with tracing(letter.trace):
            self._done(letter, b"", "waited")

    def abandon(self, letter: Letter) -> None:
        """The process ends before the answer came, and the wire is given up: the follower is asked again."""
        with tracing(letter.trace):
            self._done(letter, b"", "abandoned")
            text = self._robot.sentence(letter.message, SAY_AGAIN).text
            self._late.wait_on(letter.openid, self._late.owing(text))

    def leave_to_worker(self, letter: Letter) -> None:
        """The process ends while it waits for another delivery's worker. One that is late has prolonged its
        claim, and tells the answer or is told to end as we are; one whose claim has ended is dead.
        """
        if self._keeper.is_nobodys(letter):
            self.abandon(letter)

    def _too_late(self, letter: Letter, answer: Answer, held: Held) -> WireResponse:
        """The wire was given up: a repeat gets nothing, because the answer goes another way.

        It is written down before it goes, so that it is not lost with the process.
        """
        text = self._late_text(letter, answer)
        if text:
            owed = self._late.owing(text)
            held.talk.owe(owed)
            written = held.put(b"")
            self._late.send(letter.openid, owed, written=written, trace=letter.trace)
        else:
            held.put(b"")
        return self._done(letter, b"", "late")

    def _late_text(self, letter: Letter, answer: Answer) -> str:
        """What is no text (customer service takes over) can only be said on the wire of its own message."""
        if answer.text or not answer.xml:
            return answer.text
        log.warning("late_answer_is_no_text", type=letter.message.type, openid=letter.openid)
        return self._robot.sentence(letter.message, SAY_AGAIN).text

    def _without_store(self, letter: Letter, turn: Turn, error: KebanError) -> WireResponse:
        """Nobody can say whether this is a repeat, so nothing is done; the follower reads why, or what
        needs no store, and WeChat is content.
        """
        log.error("recall_unavailable", openid=letter.openid, cause=str(error))
        answer = self._in_need(letter) or self._robot.sentence(letter.message, error.say)
        if turn.take():
            return self._done(letter, answer.xml, answer.outcome)
        owed = self._late.owing(answer.text)
        self._late.send(letter.openid, owed, written=False, trace=letter.trace)
        return self._done(letter, b"", "failed_late")

    def _in_need(self, letter: Letter) -> Answer | None:
        """What somebody can tell who remembers nothing, with a word about it; None for everything else."""
        if self._spare is None:
            return None
        answer = self._spare.answer(letter.message, Conversation(letter.openid))
        if answer.outcome != "answered":
            return None
        answer = self._spare.with_notice(answer, letter.message, "error.forgetful")
        return replace(answer, outcome="without_store")

    def _done(self, letter: Letter, xml: bytes, outcome: str) -> WireResponse:
        sealed = self.gate.seal(letter, xml) if xml else b""
        letter.ended("seal")
        self._note(letter, outcome)
        return WireResponse(200, sealed, XML) if xml else SUCCESS

    def _note(self, letter: Letter, outcome: str) -> None:
        kind, seconds = self._robot.known(letter.message.type), time.perf_counter() - letter.arrived_s
        self._notes.take(Note(kind, outcome, seconds, letter.openid, letter.trace))
