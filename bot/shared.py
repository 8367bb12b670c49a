"""A value of WeChat's that ends by itself (the token, the page ticket): one for all processes.

It is kept in the key-value store and renewed early by one process at a time; the others go on with the old
one, which WeChat honours meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from infra.clock import Clock
from infra.errors import LockTimeout, Unavailable
from infra.keyvalue import KeyValueStore
from infra.log import get_logger

log = get_logger("bot")

RENEW_EARLY_S = 300
# Longer than the two slowest fetches in a row (`infra.http`); a holder that died is forgotten then.
LOCK_TTL_S = 25.0
LOCK_WAIT_S = 5.0
# Who waited behind a fetch that WeChat left unanswered does not try the same again at once.
AFTER_SILENCE_S = 2.0

# Asks WeChat: the value, and for how many seconds it is good. Raises KebanError.
Fetch = Callable[[], tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Kept:
    """``renew_at`` and ``ends_at`` are seconds since 1970."""

    value: str
    renew_at: float
    ends_at: float

    def __repr__(self) -> str:
        return f"Kept(…, ends_at={self.ends_at})"


class Shared:
    """One such value. Raises Unavailable, or what ``fetch`` raises, when there is none to be had."""

    def __init__(
        self, store: KeyValueStore, clock: Clock, key: str, fetch: Fetch, *, lock_ttl_s: float = LOCK_TTL_S
    ) -> None:
        self._store = store
        self._clock = clock
        self._key = key
        self._fetch = fetch
        self._lock_ttl_s = lock_ttl_s

    def get(self) -> str:
        """The kept value, or a new one when it is about to end."""
        kept, now_s = _unpacked(self._raw()), self._now_s()
        if kept and now_s < kept.renew_at:
            return kept.value
        still_good = kept is not None and now_s < kept.ends_at
        try:
            return self._renew_in_turn(wait_s=0.0 if still_good else LOCK_WAIT_S)
        except Unavailable as error:
            if kept is None or not still_good:
                raise
            if not isinstance(error, LockTimeout):
                log.warning("not_renewed", what=self._key.partition(":")[0], cause=str(error))
            return kept.value

    def replace(self, rejected: str, fetch_another: Callable[[str], tuple[str, float]]) -> str:
        """Another value than the one that WeChat rejected; the work is done once, whoever asks for it."""
        with self.lock(LOCK_WAIT_S):
            raw, asked_s = self._raw(), self._now_s()
            kept = _unpacked(raw)
            if kept and kept.value != rejected:
                return kept.value
            return self._keep(raw, asked_s, *fetch_another(rejected))

    def lock(self, wait_s: float) -> AbstractContextManager[None]:
        """Who holds it may ask WeChat."""
        return self._store.lock(self._key, ttl_s=self._lock_ttl_s, wait_s=wait_s)

    def _renew_in_turn(self, *, wait_s: float) -> str:
        with self.lock(wait_s):
            # The second look: whoever held the lock before us has renewed it, or has waited in vain.
            raw, asked_s = self._raw(), self._now_s()
            kept = _unpacked(raw)
            if kept and asked_s < kept.renew_at:
                return kept.value
            return self._keep(raw, asked_s, *self._fetch_unless_silent())

    def _fetch_unless_silent(self) -> tuple[str, float]:
        silent = f"{self._key}:silent"
        if self._store.get(silent):
            raise Unavailable("WeChat did not answer a moment ago")
        try:
            return self._fetch()
        except Unavailable:
            self._store.set(silent, b"1", ttl_s=AFTER_SILENCE_S)
            raise

    def _keep(self, before: bytes | None, asked_s: float, value: str, lasts_s: float) -> str:
        """A holder that was slower than its lock does not put its old value over the next one's new one."""
        kept = Kept(value, asked_s + lasts_s - min(RENEW_EARLY_S, lasts_s / 2), asked_s + lasts_s)
        packed = json.dumps([kept.value, kept.renew_at, kept.ends_at]).encode()
        if self._store.swap(self._key, before, packed, ttl_s=lasts_s):
            return value
        now_kept = _unpacked(self._raw())
        return now_kept.value if now_kept else value

    def _raw(self) -> bytes | None:
        return self._store.get(self._key)

    def _now_s(self) -> float:
        return self._clock.now_s()


def _unpacked(raw: bytes | None) -> Kept | None:
    return Kept(*json.loads(raw)) if raw else None
