"""How many customer-service messages a follower can still be sent, so that we never send what WeChat refuses.

A message of the follower's opens 5 within 48 hours; a menu tap, a follow or a scan opens 3 within one minute.
A payment opens none that we may count on. Each occasion opens a window of its own, and each window has a
counter of its own, so an opening is one blind write, and taking is one atomic increment: no process has to
read before it writes, and none can take the other's.
https://developers.weixin.qq.com/doc/service/guide/product/message/customer_message.html
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256

from bot.errcode import NoneLeft, Unsure, WindowClosed
from infra.clock import Clock
from infra.errors import KebanError
from infra.keyvalue import Get, KeyValueStore, Set


@dataclass(frozen=True, slots=True)
class Rule:
    """``count`` messages within ``seconds``."""

    count: int
    seconds: float


RULES = {"talk": Rule(5, 48 * 3600.0), "tap": Rule(3, 60.0)}
# WeChat's window opened when it took the message in, and closes when it takes ours in.
MARGIN_S = 5.0
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


class Quota:
    """The windows of all followers, shared by all processes. Raises Unavailable when the store is silent."""

    def __init__(self, store: KeyValueStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def opened(self, openid: str, kind: str, *, message: str = "") -> None:
        """The follower did something: ``kind`` is the type of the message (`bot.message`).

        ``message``: its key (`bot.recall.identity`); deliveries of one message open one window.
        """
        steps = self.opening(openid, kind, message=message)
        if steps:
            self._store.together(*steps)

    def opening(self, openid: str, kind: str, *, message: str = "") -> tuple[Set, ...]:
        """What `opened` writes, for whoever has a trip to the store to make anyway."""
        if kind == "unsubscribe_event":
            return tuple(Set(_key(openid, rule), _SHUT, RULES[rule].seconds) for rule in RULES)
        if kind in _TAPS:
            return (self._opening(openid, "tap", message),)
        return () if kind.endswith("_event") else (self._opening(openid, "talk", message),)

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
        return sum(
            max(0, RULES[window.rule].count - self._count(openid, window)) for window in self._open(openid)
        )

    def give_back(self, taken: Taken) -> None:
        """WeChat has not sent the message and has not counted it."""
        self._store.increment(taken.counter, ttl_s=taken.left_s, by=-1)

    def shut(self, taken: Taken) -> None:
        """WeChat counts otherwise than we do, and it decides: the windows that we saw are closed."""
        for window in taken.windows:
            self._store.delete_if(_key(taken.openid, window.rule), window.value)

    @contextmanager
    def spending(self, openid: str) -> Iterator[None]:
        """Around the sending of one message. Raises NoneLeft when there is none."""
        taken = self.take(openid)
        if taken is None:
            raise NoneLeft("no customer message is left", hint="it waits for the follower's next message")
        try:
            yield
        except WindowClosed:
            self.shut(taken)
            raise
        except Unsure:
            raise  # it may have been sent, so it counts
        except KebanError:
            self.give_back(taken)
            raise

    def _opening(self, openid: str, rule: str, message: str) -> Set:
        mark = sha256(message.encode()).hexdigest()[:16] if message else secrets.token_hex(8)
        value = f"{self._now_s():.3f} {mark}".encode()
        return Set(_key(openid, rule), value, RULES[rule].seconds)

    def _open(self, openid: str) -> tuple[_Window, ...]:
        """The open windows, the one that ends first in front."""
        values = self._store.together(*(Get(_key(openid, rule)) for rule in RULES))
        found = (
            self._window(rule, value)
            for rule, value in zip(RULES, values, strict=True)
            if isinstance(value, bytes) and value != _SHUT
        )
        return tuple(sorted((w for w in found if w.left_s > 0), key=lambda window: window.left_s))

    def _window(self, rule: str, value: bytes) -> _Window:
        opened_s = float(value.split(b" ", 1)[0])
        return _Window(rule, value, opened_s + RULES[rule].seconds - MARGIN_S - self._now_s())

    def _count(self, openid: str, window: _Window) -> int:
        return int(self._store.get(_counter(openid, window)) or 0)

    def _now_s(self) -> float:
        return self._clock.now().timestamp()


def _key(openid: str, rule: str) -> str:
    return f"window:{rule}:{openid}"


def _counter(openid: str, window: _Window) -> str:
    return f"sent:{openid}:{window.value.rpartition(b' ')[2].decode()}"
