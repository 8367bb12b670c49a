"""A message is worked on once, however often it is delivered; the repeats get the first one's answer.

WeChat delivers again when an answer did not reach it, so a repeat must not be dropped: it is given the kept
reply, or waits for it. Claims and replies lie in the key-value store, so this holds across processes. The
reply is kept for as long as the request's signature is fresh: a replayed request does nothing either.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from bot.message import Message
from bot.signature import WINDOW_S
from infra.keyvalue import Add, KeyValues, Result, Set, Step

# A worker that dies is forgotten after this long and a repeat may work again: longer than a worker is left
# alone (4 s, then the claim is prolonged), and short enough for WeChat's second repeat at 10 s.
LEASE_S = 6.0
# For a handler that is late but alive.
PROLONGED_S = 60.0
# After which nobody waits for another worker any more: its claim has ended long since.
PATIENCE_S = PROLONGED_S + 2 * LEASE_S
KEEP_S = 2 * WINDOW_S + 60.0

_FIRST_PAUSE_S = 0.01
_LONGEST_PAUSE_S = 0.1
_WORKING, _DONE = b"?", b"!"
# Begins the key of each message; behind it stands its time.
PREFIX = "seen:"
_TIMES = 16**10  # as many seconds as a key tells apart


def identity(message: Message) -> str:
    """The key of a message, the same for each of its deliveries and for nothing else.

    MsgId alone has collided in practice, and events have none; an event's name and key tell apart what one
    follower does in the same second. Some events (template results) carry a MsgID, which then counts too.
    The time stands in front as it is: new keys lie side by side, so a store that keeps order writes less.
    """
    values = vars(message)
    parts = [message.source, str(message.time), message.type]
    parts += [str(values.get(name, "")) for name in ("MsgId", "MsgID", "EventKey")]
    digest = blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=16).hexdigest()
    return f"{PREFIX}{message.time % _TIMES:010x}:{digest}"


class StillWorking(Exception):
    """Another delivery, with this ``mark``, was not answered within the time that this one could wait."""

    def __init__(self, mark: bytes = b"") -> None:
        super().__init__()
        self.mark = mark


@dataclass(frozen=True, slots=True)
class Claim:
    """``kept``: the reply of an earlier delivery, b"" for nothing said; None: the message is ours to answer.

    ``results`` are those of the steps that went along; ``dead`` is the mark of a worker whose claim has ended
    while we waited for it.
    """

    kept: bytes | None
    results: Sequence[Result] = ()
    dead: bytes = b""


class Recall:
    """Claims messages and keeps their replies. Raises Unavailable when the store does not answer."""

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

    def claim(
        self,
        key: str,
        mark: bytes,
        *along: Step,
        lost: Callable[[Sequence[Result]], None] = lambda _results: None,
        wait_s: float,
        lease_s: float = LEASE_S,
        seen: bytes = b"",
    ) -> Claim:
        """Makes the message the caller's to answer, or gives the reply that was kept.

        ``mark`` is of this delivery alone. The steps ``along`` are taken in the same trip, in any case;
        ``lost`` is given their results when the message is another's. Waits up to ``wait_s`` for another
        worker's reply, then raises StillWorking. ``seen``: whose claim it was when this was tried before.
        """
        until, pause_s = self._now_s() + wait_s, _FIRST_PAUSE_S
        while True:
            won, *results = self._store.together(Add(key, _WORKING + mark, lease_s), *along)
            held = None if won else self._store.get(key)
            if won or held == _WORKING + mark:  # a client that repeats after a silence has lost to itself
                return Claim(None, results, seen)
            lost(results)
            if held is not None and held.startswith(_DONE):
                return Claim(held[1:])
            seen = held[1:] if held is not None else seen
            if self._now_s() >= until:
                raise StillWorking(seen)
            self._pause(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    def is_free(self, key: str) -> bool:
        """Nobody has answered the message, and nobody's claim to it holds."""
        return self._store.get(key) is None

    def prolong(self, key: str, mark: bytes) -> bool:
        """For a worker that is late but alive; False when the claim is another's by now."""
        return self._store.swap(key, _WORKING + mark, _WORKING + mark, ttl_s=PROLONGED_S)

    def keep(self, key: str, xml: bytes, *before: Step, after: Sequence[Step] = ()) -> list[Result]:
        """Ends the claim with the reply that every repeat will get.

        What must be written ``before`` and ``after`` goes in the same trip; their results come back.
        """
        kept = Set(key, _DONE + xml, KEEP_S)
        results = self._store.together(*before, kept, *after)
        del results[len(before)]
        return results
