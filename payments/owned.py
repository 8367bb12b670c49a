"""What followers own, looked up: at once where something is decided by it, once in a while for lists."""

from __future__ import annotations

from functools import lru_cache

from infra.clock import Clock
from infra.database import Database
from infra.lookup import LookUp
from payments.grant import OWNED_BY
from payments.rights import Access, access_in

# What a follower owns is marked in each list: it is looked up once in so many seconds, for so many followers.
LATELY_S = 10
MOST_LATELY = 8_192


class Owned:
    """Safe to share by threads."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._look_up = LookUp(db, OWNED_BY)
        self._clock = clock
        self._lately = lru_cache(maxsize=MOST_LATELY)(lambda openid, _slot, _since: self.by(openid))
        self._since = object()

    def by(self, openid: str) -> Access:
        """In one look-up."""
        return access_in(self._look_up(openid=openid, now=self._clock.now()))

    def by_lately(self, openid: str) -> Access:
        """Up to `LATELY_S` old."""
        return self._lately(openid, int(self._clock.now_s()) // LATELY_S, self._since)

    def forget(self) -> None:
        """All is looked up anew."""
        self._since = object()  # who is looking just now began too early, and is not believed
        self._lately.cache_clear()
