"""The key-value port: conversation state, kept replies, tokens, locks, rates.

Two adapters keep one contract (tests/contracts/test_keyvalue.py): `SqliteStore` for one machine and
`RedisStore` for many. Keys are short text, values bytes, and everything expires.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import NamedTuple, Protocol

from infra.errors import LockTimeout, Unavailable

MAX_KEY_CHARS = 200
MAX_VALUE_BYTES = 512 * 1024
PING_KEY = "ping"
PING_TTL_S = 10.0
_FIRST_PAUSE_S = 0.005
_LONGEST_PAUSE_S = 0.1


class Get(NamedTuple):
    """`KeyValueStore.get` as a step."""

    key: str


class Set(NamedTuple):
    """`KeyValueStore.set` as a step."""

    key: str
    value: bytes
    ttl_s: float


class Add(NamedTuple):
    """`KeyValueStore.add` as a step."""

    key: str
    value: bytes
    ttl_s: float


class Swap(NamedTuple):
    """`KeyValueStore.swap` as a step."""

    key: str
    old: bytes | None
    new: bytes
    ttl_s: float


class DeleteIf(NamedTuple):
    """`KeyValueStore.delete_if` as a step."""

    key: str
    value: bytes


Step = Get | Set | Add | Swap | DeleteIf
Result = bytes | bool | None


class KeyValues(Protocol):
    """Values by key. Each call is atomic. Raises Unavailable when the store does not answer."""

    def get(self, key: str) -> bytes | None:
        """The value, or None when it is absent or has expired."""
        ...

    def set(self, key: str, value: bytes, *, ttl_s: float) -> None:
        """Writes the value, whatever was there."""
        ...

    def add(self, key: str, value: bytes, *, ttl_s: float) -> bool:
        """Writes the value only if the key is absent; True if it did."""
        ...

    def swap(self, key: str, old: bytes | None, new: bytes, *, ttl_s: float) -> bool:
        """Compare and set: writes ``new`` only if the present value is ``old`` (None: absent)."""
        ...

    def together(self, *steps: Step) -> list[Result]:
        """The steps in this order, in one trip to the store; the result of each is that of its own call.

        Each step is atomic, the row of them is not: on Redis, others may come between.
        """
        ...


class KeyValueStore(KeyValues, Protocol):
    """What both stores promise."""

    def delete(self, key: str) -> None: ...

    def delete_if(self, key: str, value: bytes) -> bool:
        """Deletes the key only while it holds ``value``; True if it did."""
        ...

    def increment(self, key: str, *, ttl_s: float, by: int = 1) -> int:
        """Adds to a counter and returns it; the first call of a period starts the expiry."""
        ...

    def lock(self, name: str, *, ttl_s: float, wait_s: float) -> AbstractContextManager[None]:
        """Holds a lock for the block, ``ttl_s`` at the longest; raises LockTimeout after ``wait_s``."""
        ...

    def ping(self) -> None:
        """Raises Unavailable unless the store keeps what it is given."""
        ...

    def close(self) -> None: ...


@contextmanager
def hold_lock(store: KeyValueStore, name: str, *, ttl_s: float, wait_s: float) -> Iterator[None]:
    """A lock made of `add` and `delete_if`.

    It cannot stick: a holder that died is forgotten after ``ttl_s``, and a holder that was too slow does not
    free the lock of the next one, because the owner's random mark is compared.
    """
    key, owner = f"lock:{name}", secrets.token_bytes(16)
    deadline, pause_s = time.monotonic() + wait_s, _FIRST_PAUSE_S
    while not (store.add(key, owner, ttl_s=ttl_s) or store.get(key) == owner):
        if time.monotonic() >= deadline:
            raise LockTimeout(f"the lock {name} was not free within {wait_s} s")
        time.sleep(min(pause_s, max(0.0, deadline - time.monotonic())))
        pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
    try:
        yield
    finally:
        store.delete_if(key, owner)


def prove(store: KeyValueStore) -> None:
    """Writes and reads: a full disk, a lock or a standby shows only in writing."""
    store.set(PING_KEY, b"1", ttl_s=PING_TTL_S)
    if store.get(PING_KEY) != b"1":
        raise Unavailable("the key-value store forgets what it is given")


def check(key: str, value: bytes = b"") -> None:
    """Refuses what no store should hold: a program's mistake, hence ValueError."""
    if not key or len(key) > MAX_KEY_CHARS:
        raise ValueError(f"a key has 1 to {MAX_KEY_CHARS} characters")
    if len(value) > MAX_VALUE_BYTES:
        raise ValueError(f"a value has at most {MAX_VALUE_BYTES} bytes")
