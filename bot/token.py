"""The access token: one for all processes, so none takes it from another.

``stable_token`` gives every asker the same token until shortly before it ends, and another one by force.
https://developers.weixin.qq.com/doc/offiaccount/Basic_Information/getStableAccessToken.html
"""

from __future__ import annotations

from typing import Any

from bot.answers import ask
from bot.shared import LOCK_TTL_S, RENEW_EARLY_S, Shared
from infra.clock import Clock
from infra.errors import Unavailable
from infra.http import Door
from infra.keyvalue import KeyValueStore
from infra.log import get_logger

__all__ = ["FORCED_APART_S", "FORCED_A_DAY", "RENEW_EARLY_S", "StableToken"]

log = get_logger("bot")

# WeChat allows 20 forced refreshes a day, 30 s apart.
FORCED_A_DAY = 20
FORCED_APART_S = 30
_DAY_S = 86_400


class StableToken:
    """The token of one account. Raises Unavailable or ApiRefused when there is none to be had.

    ``store`` and ``clock`` are open to whoever keeps something for all processes beside it.
    """

    def __init__(
        self,
        store: KeyValueStore,
        clock: Clock,
        door: Door,
        *,
        app_id: str,
        secret: str,
        api_base: str,
        lock_ttl_s: float = LOCK_TTL_S,
    ) -> None:
        self.store = store
        self.clock = clock
        self._door = door
        self._app_id = app_id
        self._secret = secret
        self._url = f"{api_base}/cgi-bin/stable_token"
        self._key = f"token:{app_id}"
        self._shared = Shared(store, clock, self._key, self._ask, lock_ttl_s=lock_ttl_s)

    def get(self) -> str:
        """A valid token: the kept one, or a new one when it is about to end."""
        return self._shared.get()

    def check(self) -> None:
        """Asks WeChat now, whatever is kept. It gives the same token again, so nobody loses theirs."""
        self._ask()

    def renew(self, rejected: str) -> str:
        """Another token than the one that WeChat rejected, by force if nothing else helps."""
        return self._shared.replace(rejected, self._another)

    def _another(self, rejected: str) -> tuple[str, float]:
        # Ours may just be old: asking costs nothing, forcing is counted.
        asked = self._ask()
        if asked[0] != rejected:
            return asked
        self._count_force()
        return self._ask(force=True)

    def _ask(self, *, force: bool = False) -> tuple[str, float]:
        body = {
            "grant_type": "client_credential",
            "appid": self._app_id,
            "secret": self._secret,
            "force_refresh": force,
        }
        value, lasts_s = ask("stable_token", lambda: self._door.post(self._url, json=body), _read)
        log.info("access_renewed", forced=force, lasts_s=lasts_s)
        return value, lasts_s

    def _count_force(self) -> None:
        if not self.store.add(f"{self._key}:forced", b"1", ttl_s=FORCED_APART_S):
            raise Unavailable("the token was refreshed by force a moment ago", hint="is app_secret right?")
        if self.store.increment(f"{self._key}:forced-today", ttl_s=_DAY_S) > FORCED_A_DAY:
            raise Unavailable(
                "the day's forced refreshes are spent", hint="does another program take this account's token?"
            )


def _read(answer: dict[str, Any]) -> tuple[str, float]:
    """Token and lifetime in seconds."""
    return str(answer["access_token"]), float(answer["expires_in"])
