"""The way of one request through the door. Everything else in this room is a word of `receive`.

    open    refuse, verify, open       computation only; nothing is touched before it is known to be WeChat
    answer  recall, route, remember, seal        waits on stores and handlers; once per message

Plain synchronous Python; `bot.edge` runs it for Tornado with the deadline.
"""

from __future__ import annotations

import itertools
import os
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from bot.account import Account
from bot.conversation import Conversation, Conversations, key_of, saving, unpack
from bot.deadline import Budget, Turn
from bot.envelope import Envelope
from bot.errcode import Unsure
from bot.line import Line
from bot.message import MAX_BODY_BYTES, Message, to_message
from bot.notes import Note, Notes
from bot.quota import opening
from bot.recall import LEASE_S, PROLONGED_S, Claim, Recall, StillWorking, identity
from bot.refusal import Refusal
from bot.robot import Answer, KebanRobot
from bot.signature import verify
from bot.stages import Ended, stages
from bot.wire import SUCCESS, TEXT, XML, WireRequest, WireResponse
from infra.clock import Clock
from infra.errors import KebanError
from infra.keyvalue import Get, KeyValues, Result, Set
from infra.log import TRACE_CHARS, get_logger, tracing
from infra.metrics import REFUSALS

log = get_logger("bot")

MAX_ECHO_CHARS = 256
# A mark of its own for each delivery, in all processes: drawing one each time costs a call to the system.
_PROCESS = secrets.token_hex(6).encode() + b"-"
_numbers = itertools.count()

# Sends a late answer: (openid, text). It is called on a worker's thread and may raise KebanError.
Late = Callable[[str, str], None]


@dataclass(slots=True, eq=False)
class Letter:
    """A message that is known to come from WeChat. ``key`` is the same for each of its deliveries.

    ``at_s``: when it came, in seconds since 1970; ``arrived_s``: the same by `time.perf_counter`. ``mark`` is
    of this delivery alone. ``ended`` is told of each stage's end.
    """

    message: Message
    key: str
    encrypted: bool
    at_s: float
    arrived_s: float
    ended: Ended
    mark: bytes

    @property
    def openid(self) -> str:
        return self.message.source

    @property
    def trace(self) -> str:
        """Marks the log lines of a message, and of what it causes."""
        return self.key[-TRACE_CHARS:]


class Webhook:
    """The door of one account. Threads may use it at the same time.

    ``line`` is for processes that share their store: it keeps each follower's messages in order across them.
    """

    def __init__(
        self,
        account: Account,
        robot: KebanRobot,
        store: KeyValues,
        clock: Clock,
        *,
        late: Late,
        line: Line | None = None,
        notes: Notes | None = None,
        budget: Budget | None = None,
    ) -> None:
        self._account = account
        self._robot = robot
        self._clock = clock
        self._late = late
        self._envelope = Envelope(account)
        self._recall = Recall(store)
        self._conversations = Conversations(store)
        self._line = line
        self._notes = notes or Notes(pause_s=0)
        self.budget = budget or Budget()

    def receive(self, request: WireRequest) -> WireResponse:
        """One request from beginning to end; blocks for as long as its handler does. Never raises."""
        opened = self.open(request)
        return opened if isinstance(opened, WireResponse) else self.answer(opened, Turn(self.budget))

    def open(self, request: WireRequest) -> Letter | WireResponse:
        """The letter in a request, or the answer at once: a refusal, or the echo of the address check."""
        try:
            _refuse(request)
            if not request.admitted:
                self._verify(request)
            return _echo(request) if request.method == "GET" else self._open(request)
        except Refusal as refusal:
            return _turned_away(refusal)

    def glance(self, method: str, query: Mapping[str, str]) -> WireResponse | None:
        """The refusal that a request has earned before its body is read; None: it is ``admitted``."""
        request = WireRequest(method, query)
        try:
            _refuse(request)
            self._verify(request)
        except Refusal as refusal:
            return _turned_away(refusal)
        return None

    def answer(self, letter: Letter, turn: Turn) -> WireResponse:
        """The reply on the wire. Past the turn's time it leaves by `late`, and SUCCESS goes out."""
        with tracing(letter.trace):
            return self._answer(letter, turn)

    def _answer(self, letter: Letter, turn: Turn) -> WireResponse:
        letter.ended("wait")
        try:
            claim = self._claim(letter, turn)
            if claim.kept is not None:
                return self._done(letter, claim.kept, "repeated")
            talk = self._talk(letter, claim)
        except StillWorking:
            return self._done(letter, "", "waited")
        except KebanError as error:
            # Without the store nobody can say whether this is a repeat: nothing is done twice, the follower
            # reads why, and WeChat is content.
            log.error("recall_unavailable", cause=str(error))
            return self._done(letter, self._robot.sentence(letter.message, error.say).xml, "failed")
        letter.ended("recall")
        answer = self._robot.answer(letter.message, talk)
        letter.ended("handler")
        if talk.owed:
            answer, talk.owed = self._robot.with_owed(answer, letter.message, talk.owed)
        # Kept before the wire is taken: a store that hangs here makes the answer late, it does not lose it.
        self._remember(letter, "" if turn.over else answer.xml, talk)
        letter.ended("keep")
        if turn.take():
            return self._done(letter, answer.xml, answer.outcome)
        return self._too_late(letter, answer, talk)

    def close(self) -> None:
        """Writes what has been taken down."""
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
            try:
                self._recall.prolong(letter.key, letter.mark)
            except KebanError as error:
                log.warning("claim_not_prolonged", openid=letter.openid, cause=str(error))

    def _verify(self, request: WireRequest) -> None:
        verify(self._account.token, request.query, now_s=self._clock.now().timestamp())

    def _open(self, request: WireRequest) -> Letter:
        began_s = time.perf_counter()
        opened = self._envelope.open(request.query, request.body)
        message = to_message(opened.fields)
        ended = stages(began_s)
        ended("open")
        at_s = self._clock.now().timestamp()
        return Letter(message, identity(message), opened.encrypted, at_s, began_s, ended, _mark())

    def _claim(self, letter: Letter, turn: Turn) -> Claim:
        """The message is ours, and with it comes the talk so far; or its kept reply."""
        # Who begins when the wire has been given up already has nobody left to prolong the claim.
        lease_s = PROLONGED_S if turn.over else LEASE_S
        recall, talk, wait_s = self._recall, Get(key_of(letter.openid)), turn.left_s
        if self._line is None:
            return recall.claim(letter.key, letter.mark, talk, wait_s=wait_s, lease_s=lease_s)
        line, openid, mark = self._line, letter.openid, letter.mark

        def lost(results: Sequence[Result]) -> None:
            """A repeat that waits for the reply must not hold up the line, least of all its own message."""
            if results[0]:
                line.leave(openid, mark)

        enter = line.entering(openid, mark)
        return recall.claim(letter.key, mark, enter, talk, lost=lost, wait_s=wait_s, lease_s=lease_s)

    def _talk(self, letter: Letter, claim: Claim) -> Conversation:
        """The talk as the message before this one left it."""
        if self._line is None or claim.results[0]:
            return unpack(letter.openid, cast("bytes | None", claim.results[-1]))
        self._line.enter(letter.openid, letter.mark)
        return self._conversations.load(letter.openid)

    def _too_late(self, letter: Letter, answer: Answer, talk: Conversation) -> WireResponse:
        """The wire was given up: a repeat gets nothing, because the answer goes another way."""
        self._remember(letter, "")
        if answer.text:
            self._send_late(letter, answer.text, talk)
        return self._done(letter, "", "late")

    def _send_late(self, letter: Letter, text: str, talk: Conversation) -> None:
        """The answer as a customer-service message; where that cannot be, with the answer to the next one."""
        try:
            self._late(letter.openid, text)
        except Unsure as error:
            # It may be there already: once too few is better than twice.
            log.error("late_answer_unsure", openid=letter.openid, cause=str(error))
        except KebanError as error:
            log.warning("late_answer_owed", openid=letter.openid, cause=str(error))
            self._owe(talk, text)

    def _owe(self, talk: Conversation, text: str) -> None:
        talk.owed = text
        try:
            self._conversations.save(talk)
        except KebanError as error:
            log.error("late_answer_lost", openid=talk.openid, cause=str(error))

    def _remember(self, letter: Letter, xml: str, talk: Conversation | None = None) -> None:
        """The reply for the repeats and, when it changed, the talk. The answer is good without both.

        With the talk goes the window that the message opens. Not with the claim: a repeat claims too, and
        would put an older window over the one of a message that came since. A store that writes a moment
        later (`infra.keyvalue_behind`) shows it at once in this process, which sends the late answer; the
        worker's, which reads what is written, looks again for whatever it finds no window for.
        """
        saves, opens = (saving(talk), _opens(letter)) if talk else ((), ())
        leaves = (self._line.leaving(letter.openid, letter.mark),) if talk and self._line else ()
        try:
            results = self._recall.keep(letter.key, xml, *saves, *opens, after=leaves)
            if talk and not all(results[: len(saves)]):
                self._conversations.save(talk)
            if leaves and self._line is not None and not results[-1]:
                self._line.leave(letter.openid, letter.mark)
        except KebanError as error:
            # Who cannot leave the line is passed by after a while.
            log.error("reply_not_kept", openid=letter.openid, cause=str(error))

    def _done(self, letter: Letter, xml: str, outcome: str) -> WireResponse:
        sealed = self._seal(letter, xml).encode("utf-8", "replace") if xml else b""
        letter.ended("seal")
        self._note(letter, outcome)
        return WireResponse(200, sealed, XML) if xml else SUCCESS

    def _seal(self, letter: Letter, xml: str) -> str:
        return self._envelope.seal(xml, now_s=self._clock.now().timestamp()) if letter.encrypted else xml

    def _note(self, letter: Letter, outcome: str) -> None:
        kind, seconds = self._robot.known(letter.message.type), time.perf_counter() - letter.arrived_s
        self._notes.take(Note(kind, outcome, seconds, letter.openid, letter.trace))


def _mark() -> bytes:
    return b"%d-%s%x" % (os.getpid(), _PROCESS, next(_numbers))


def _opens(letter: Letter) -> tuple[Set, ...]:
    message = letter.message
    return opening(letter.openid, message.type, at_s=letter.at_s, sent_s=message.time, message=letter.key)


def _refuse(request: WireRequest) -> None:
    if request.method not in ("GET", "POST"):
        raise Refusal("method", status=405)
    if len(request.body) > MAX_BODY_BYTES:
        raise Refusal("size", status=413)


def _echo(request: WireRequest) -> WireResponse:
    """WeChat's check of the address: its text comes back as plain text, so it cannot become a page."""
    echo = request.query.get("echostr", "")
    if not echo or len(echo) > MAX_ECHO_CHARS:
        raise Refusal("parameters", status=400, hint="echostr is missing or too long")
    return WireResponse(200, echo.encode("utf-8", "replace"), TEXT)


def _turned_away(refusal: Refusal) -> WireResponse:
    REFUSALS.labels("wechat", refusal.cause).inc()
    log.warning("refused", cause=refusal.cause, hint=refusal.hint)
    return WireResponse(refusal.status, b"refused", TEXT)
