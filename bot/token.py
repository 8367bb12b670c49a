"""The access token: one for all processes, so none takes it from another.

``stable_token`` gives every asker the same token until shortly before it ends. It is kept in the key-value
store and renewed by one process at a time; the others go on with the old one, which stays valid meanwhile.
https://developers.weixin.qq.com/doc/offiaccount/Basic_Information/getStableAccessToken.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from bot.errcode import OK, to_error
from infra.clock import Clock
from infra.errors import LockTimeout, Unavailable
from infra.http import Door
from infra.keyvalue import KeyValueStore
from infra.log import get_logger

log = get_logger("bot")

RENEW_EARLY_S = 300
# WeChat allows 20 forced refreshes a day, 30 s apart.
FORCED_A_DAY = 20
FORCED_APART_S = 30
# Longer than the slowest fetch; a holder that died is forgotten then.
LOCK_TTL_S = 20
LOCK_WAIT_S = 5.0
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Token:
    """``renew_at`` and ``ends_at`` are seconds since 1970."""

    value: str
    renew_at: float
    ends_at: float

    def __repr__(self) -> str:
        return f"Token(…, ends_at={self.ends_at})"


class StableToken:
    """The token of one account. Raises Unavailable or ApiRefused when there is none to be had."""

    def __init__(
        self, store: KeyValueStore, clock: Clock, door: Door, *, app_id: str, secret: str, api_base: str
    ) -> None:
        self._store = store
        self._clock = clock
        self._door = door
        self._app_id = app_id
        self._secret = secret
        self._url = f"{api_base}/cgi-bin/stable_token"
        self._key = f"token:{app_id}"

    def get(self) -> str:
        """A valid token: the kept one, or a new one when it is about to end."""
        kept, now_s = self._kept(), self._now_s()
        if kept and now_s < kept.renew_at:
            return kept.value
        still_good = kept is not None and now_s < kept.ends_at
        try:
            return self._renew_in_turn(wait_s=0.0 if still_good else LOCK_WAIT_S)
        except Unavailable as error:
            if kept is None or not still_good:
                raise
            if not isinstance(error, LockTimeout):
                log.warning("access_not_renewed", cause=str(error))
            return kept.value

    def check(self) -> None:
        """Asks WeChat now, whatever is kept. It gives the same token again, so nobody loses theirs."""
        self._fetch(force=False)

    def renew(self, rejected: str) -> str:
        """Another token than the one that WeChat rejected, by force if nothing else helps."""
        with self._lock(LOCK_WAIT_S):
            kept = self._kept()
            if kept and kept.value != rejected:
                return kept.value
            # Ours may just be old: asking costs nothing, forcing is counted.
            asked = self._fetch(force=False)
            if asked != rejected:
                return asked
            self._count_force()
            return self._fetch(force=True)

    def _renew_in_turn(self, *, wait_s: float) -> str:
        with self._lock(wait_s):
            # The second look: whoever held the lock before us has renewed it.
            kept = self._kept()
            return kept.value if kept and self._now_s() < kept.renew_at else self._fetch(force=False)

    def _lock(self, wait_s: float) -> Any:
        return self._store.lock(self._key, ttl_s=LOCK_TTL_S, wait_s=wait_s)

    def _fetch(self, *, force: bool) -> str:
        asked_s = self._now_s()
        response = self._door.post(
            self._url,
            json={
                "grant_type": "client_credential",
                "appid": self._app_id,
                "secret": self._secret,
                "force_refresh": force,
            },
        )
        value, lasts_s = _read(response.content)
        token = Token(value, asked_s + lasts_s - min(RENEW_EARLY_S, lasts_s / 2), asked_s + lasts_s)
        self._keep(token, lasts_s)
        log.info("access_renewed", forced=force, lasts_s=lasts_s)
        return value

    def _keep(self, token: Token, lasts_s: float) -> None:
        packed = json.dumps([token.value, token.renew_at, token.ends_at]).encode()
        self._store.set(self._key, packed, ttl_s=lasts_s)

    def _kept(self) -> Token | None:
        raw = self._store.get(self._key)
        return Token(*json.loads(raw)) if raw else None

    def _count_force(self) -> None:
        if not self._store.add(f"{self._key}:forced", b"1", ttl_s=FORCED_APART_S):
            raise Unavailable("the token was refreshed by force a moment ago", hint="is app_secret right?")
        if self._store.increment(f"{self._key}:forced-today", ttl_s=_DAY_S) > FORCED_A_DAY:
            raise Unavailable(
                "the day's forced refreshes are spent", hint="does another program take this account's token?"
            )

    def _now_s(self) -> float:
        return self._clock.now().timestamp()


def _read(body: bytes) -> tuple[str, float]:
    """Token and lifetime in seconds."""
    try:
        answer = json.loads(body)
        errcode = int(answer.get("errcode", OK))
        if errcode == OK:
            return str(answer["access_token"]), float(answer["expires_in"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unavailable("WeChat's answer to stable_token cannot be read") from error
    raise to_error("stable_token", errcode, str(answer.get("errmsg", "")))
