"""What the store knows of a message, in two trips: `take` before it is answered, `Held.put` afterwards.

take    is it ours, or whose reply is kept? enter the follower's line, read the talk so far
put     keep the reply for the repeats, write the talk, open the window, leave the line
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import cast

from bot.conversation import Conversation, Conversations, key_of, saving, unpack
from bot.letter import Letter
from bot.line import Line, NoLine
from bot.quota import opening
from bot.recall import LEASE_S, PROLONGED_S, Recall, StillWorking
from infra.errors import KebanError
from infra.keyvalue import Get, KeyValues, Result, Set
from infra.log import get_logger

log = get_logger("bot")


class Held:
    """A message that is ours to answer, with the ``talk`` as the message before it left it."""

    __slots__ = ("_keeper", "_letter", "_put", "talk")

    def __init__(self, keeper: Keeper, letter: Letter, talk: Conversation) -> None:
        self._keeper = keeper
        self._letter = letter
        self._put = False
        self.talk = talk

    def put(self, xml: bytes) -> bool:
        """The reply for the repeats and, when it changed, the talk. The answer is good without both.

        With the first one goes the window that the message opens, and the next in line is let in. Not with
        the claim: a repeat claims too, and would put an older window over the one of a message that came
        since. False when the store does not take it.
        """
        first, self._put = not self._put, True
        return self._keeper.put(self._letter, xml, self.talk, first=first)


class Keeper:
    """For one account. ``line`` is for processes that share their store.

    A store that writes a moment later (`infra.keyvalue_behind`) shows what was put at once in this process,
    which sends the late answer; the worker's, which reads what is written, looks again for whatever it finds
    no window for.
    """

    def __init__(
        self,
        store: KeyValues,
        line: Line | NoLine | None = None,
        *,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._recall = Recall(store, pause=pause)
        self._line = line or NoLine()
        self.conversations = Conversations(store)

    def take(self, letter: Letter, *, wait_s: float, late: bool) -> Held | bytes:
        """The message, when it is ours; or the reply that was kept for it, b"" for nothing said.

        Waits up to ``wait_s`` for another worker's reply, then raises StillWorking; Unavailable when the
        store does not answer. ``late``: the wire has been given up, so nobody is left to prolong the claim.
        """
        line, openid, mark = self._line, letter.openid, letter.mark

        def lost(results: Sequence[Result]) -> None:
            """A repeat that waits for the reply must not hold up the line, least of all its own message."""
            if len(results) > 1 and results[0]:
                line.leave(openid, mark)

        try:
            claim = self._recall.claim(
                letter.key,
                mark,
                *line.entering(openid, mark),
                Get(key_of(openid)),
                lost=lost,
                wait_s=wait_s,
                lease_s=PROLONGED_S if late else LEASE_S,
                seen=letter.worker,
            )
        except StillWorking as still:
            letter.worker = still.mark
            raise
        if claim.kept is not None:
            return claim.kept
        if claim.dead:  # it will not leave by itself, and others wait behind it
            line.leave(openid, claim.dead)
        *entered, talk = claim.results
        if all(entered):
            return Held(self, letter, unpack(openid, cast("bytes | None", talk)))
        line.enter(openid, mark)
        return Held(self, letter, self.conversations.load(openid))

    def put(self, letter: Letter, xml: bytes, talk: Conversation, *, first: bool) -> bool:
        """See `Held.put`."""
        saves = saving(talk)
        opens, leaves = (
            (_opens(letter), self._line.leaving(letter.openid, letter.mark)) if first else ((), ())
        )
        try:
            results = self._recall.keep(letter.key, xml, *saves, *opens, after=leaves)
            if saves and results[0]:
                talk.stored = saves[0].new
            elif saves:
                self.conversations.save(talk)
            if leaves and not results[-1]:
                self._line.leave(letter.openid, letter.mark)
        except KebanError as error:
            # Who cannot leave the line is passed by after a while.
            log.error("reply_not_kept", openid=letter.openid, cause=str(error))
            return False
        return True

    def is_nobodys(self, letter: Letter) -> bool:
        """Whether the message was neither answered nor is worked on; False when the store cannot say."""
        try:
            return self._recall.is_free(letter.key)
        except KebanError as error:
            log.warning("claim_not_read", openid=letter.openid, cause=str(error))
            return False

    def prolong(self, letter: Letter) -> None:
        """Keeps a late but living worker's claim, so a repeat does not start the work again."""
        try:
            self._recall.prolong(letter.key, letter.mark)
        except KebanError as error:
            log.warning("claim_not_prolonged", openid=letter.openid, cause=str(error))


def _opens(letter: Letter) -> tuple[Set, ...]:
    message = letter.message
    return opening(letter.openid, message.type, at_s=letter.at_s, sent_s=message.time, message=letter.key)
