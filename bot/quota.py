"""How many customer-service messages a follower can still be sent, so that we never send what WeChat refuses.

A message of the follower's opens 5 within 48 hours; a menu tap, a follow or a scan opens 3 within one minute.
A payment opens none that we may count on. Each occasion opens a window of its own, and each window has a
counter of its own, so an opening is one blind write (`opening`; the door makes it along with what it writes
anyway), and taking is one atomic increment: no process has to read before it writes, and none can take the
other's.
https://developers.weixin.qq.com/doc/service/guide/product/message/customer_message.html
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bot.errcode import NoneLeft, Unreachable, Unsure, WindowClosed
from infra.clock import Clock
from infra.errors import KebanError
from infra.keyvalue import DeleteIf, Get, KeyValues, KeyValueStore, Set


@dataclass(frozen=True, slots=True)
class Rule:
    """``count`` messages within ``seconds``."""

    count: int
    seconds: float


RULES = {"talk": Rule(5, 48 * 3600.0), "tap": Rule(3, 60.0)}
# WeChat's window opened when it took the message in, and closes when it takes ours in.
MARGIN_S = 5.0
# WeChat repeats a message for some 15 s, and has opened its window before the first delivery.
REPEATS_S = 20
# Of the menu only what tells the service something opens a window; a page that is opened (VIEW) does not.
_TAPS = frozenset(
    {"click_event", "scan_event", "scancode_push_event", "scancode_waitmsg_event", "subscribe_event"}
)
_SHUT = b"-"


@dataclass(frozen=True, slots=True)
class _Window:
    """``value`` is what the store holds: when it opened, and a mark that no other opening has."""

    rule: str
    value: bytes
    left_s: float


@dataclass(frozen=True, slots=True)
class Taken:
    """One message's worth, to be given back if the message did not go."""

    openid: str
    counter: str
    left_s: float
    windows: tuple[_Window, ...]


def opening(openid: str, kind: str, *, at_s: float, sent_s: int = 0, message: str = "") -> tuple[Set, ...]:
    """What the store must take in when a follower did something, in whichever trip.

    ``kind``: the type of the message (`bot.message`). ``at_s``: when it came; ``sent_s``: when it was sent by
    WeChat's clock, the same for each of its deliveries, so a late one does not lengthen the window.
    ``message``: its key (`bot.recall.identity`): deliveries of one message open one window.
    """
    if kind == "unsubscribe_event":
        return tuple(Set(_key(openid, rule), _SHUT, RULES[rule].seconds) for rule in RULES)
    if kind not in _TAPS and kind.endswith("_event"):
        return ()
    rule = "tap" if kind in _TAPS else "talk"
    # Further apart, the clocks differ, and ours is the one that is asked later. Whole seconds: of any size.
    opened_s = sent_s if 0 <= int(at_s) - sent_s <= REPEATS_S else at_s
    value = f"{opened_s:.3f} {message or secrets.token_hex(8)}".encode()
    return (Set(_key(openid, rule), value, RULES[rule].seconds),)


class Quota:
    """The windows of all followers, shared by all processes. Raises Unavailable when the store is silent.

    ``windows``: where this process opens windows, when that is another way into ``store``.
    """

    def __init__(self, store: KeyValueStore, clock: Clock, *, windows: KeyValues | None = None) -> None:
        self._store = store
        self._windows = windows or store
        self._clock = clock

    def opened(self, openid: str, kind: str, *, message: str = "") -> None:
        """The follower did something, now: `opening` in a trip of its own."""
        self._windows.together(*opening(openid, kind, at_s=self._now_s(), message=message))

    def take(self, openid: str) -> Taken | None:
        """One message's worth, from the window that ends first; None when WeChat would refuse it."""
        windows = self._open(openid)
        for window in windows:
            counter = _counter(openid, window)
            if self._store.increment(counter, ttl_s=window.left_s) <= RULES[window.rule].count:
                return Taken(openid, counter, window.left_s, windows)
            # Not ours: what is given back must find the counter where it left it.
            self._store.increment(counter, ttl_s=window.left_s, by=-1)
        return None

    def left(self, openid: str) -> int:
        """How many messages could be taken now."""
        return self._left([openid])[openid]

    def reachable(self, openids: Collection[str]) -> set[str]:
        """Those for whom a message could be taken now; two trips, however many are asked for."""
        return {openid for openid, left in self._left(openids).items() if left > 0}

    def give_back(self, taken: Taken) -> None:
        """WeChat has not sent the message and has not counted it."""
        self._store.increment(taken.counter, ttl_s=taken.left_s, by=-1)

    def shut(self, taken: Taken) -> None:
        """WeChat counts otherwise than we do, and it decides: the windows that we saw are closed."""
        for window in taken.windows:
            self._windows.together(DeleteIf(_key(taken.openid, window.rule), window.value))

    @contextmanager
    def spending(self, openid: str) -> Iterator[None]:
        """Around the sending of one message. Raises NoneLeft when there is none."""
        taken = self.take(openid)
        if taken is None:
            raise NoneLeft("no customer message is left", hint="it waits for the follower's next message")
        try:
            yield
        except (WindowClosed, Unreachable):
            self.shut(taken)
            raise
        except Unsure:
            raise  # it may have been sent, so it counts
        except KebanError:
            self.give_back(taken)
            raise

    def _open(self, openid: str) -> tuple[_Window, ...]:
        """The open windows, the one that ends first in front."""
        found = (window for _, window in self._open_of([openid]))
        return tuple(sorted(found, key=lambda window: window.left_s))

    def _open_of(self, openids: Collection[str]) -> list[tuple[str, _Window]]:
        asked = [(openid, rule) for openid in openids for rule in RULES]
        values = self._windows.together(*(Get(_key(openid, rule)) for openid, rule in asked))
        found = (
            (openid, self._window(rule, value))
            for (openid, rule), value in zip(asked, values, strict=True)
            if isinstance(value, bytes) and value != _SHUT
        )
        return [(openid, window) for openid, window in found if window.left_s > 0]

    def _left(self, openids: Collection[str]) -> Counter[str]:
        opened = self._open_of(openids)
        counts = self._store.together(*(Get(_counter(openid, window)) for openid, window in opened))
        left: Counter[str] = Counter()
        for (openid, window), count in zip(opened, counts, strict=True):
            left[openid] += max(0, RULES[window.rule].count - int(count or 0))
        return left

    def _window(self, rule: str, value: bytes) -> _Window:
        opened_s = float(value.split(b" ", 1)[0])
        return _Window(rule, value, opened_s + RULES[rule].seconds - MARGIN_S - self._now_s())

    def _now_s(self) -> float:
        return self._clock.now_s()


def _key(openid: str, rule: str) -> str:
    return f"window:{rule}:{openid}"


def _counter(openid: str, window: _Window) -> str:
    return f"sent:{openid}:{window.value.rpartition(b' ')[2].decode()}"
