"""Access tokens of the account API: the stable one that all share, and the old kind."""

from __future__ import annotations

import hmac
import secrets
from collections import deque
from dataclasses import dataclass

from sandbox.clock import Clock
from sandbox.config import Config

LIFE_S = 7200
EARLY_S = 300
"""Asked within the last 5 minutes, a new one is given, and the old one lives to its end beside it."""
FORCED_A_DAY = 20
FORCED_GAP_S = 30.0
DAY_S = 86_400.0
ISSUED_MAX = 200


class TokenRefused(Exception):
    """WeChat's errcode and its words."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(errmsg)
        self.errcode, self.errmsg = errcode, errmsg


@dataclass
class Token:
    value: str
    ends_at: float


class Tokens:
    """Issues and checks access tokens."""

    def __init__(self, config: Config, clock: Clock) -> None:
        self._config, self._clock = config, clock
        self._issued: dict[str, Token] = {}
        self._stable: Token | None = None
        self._classic: Token | None = None
        self._tickets: dict[str, Token] = {}
        self._forced: deque[float] = deque(maxlen=FORCED_A_DAY)

    def stable(self, app_id: str, secret: str, *, force: bool) -> tuple[str, int]:
        """The shared token and the seconds it has left. Raises TokenRefused."""
        self._check_credentials(app_id, secret)
        if force and self._stable is not None:
            self._force()
        elif self._stable is None or self._left(self._stable) <= EARLY_S:
            self._stable = self._issue()
        current = self._stable
        assert current is not None  # noqa: S101 - told to mypy: issued above
        return current.value, int(self._left(current))

    def classic(self, app_id: str, secret: str) -> tuple[str, int]:
        """A new token; the one given before is dead from now on. Raises TokenRefused."""
        self._check_credentials(app_id, secret)
        if self._classic is not None:
            self._issued.pop(self._classic.value, None)
        self._classic = self._issue()
        return self._classic.value, LIFE_S

    def ticket(self, kind: str) -> tuple[str, int]:
        """The page ticket that all share until it ends, and the seconds it has left."""
        kept = self._tickets.get(kind)
        if kept is None or self._left(kept) <= 0:
            kept = self._tickets[kind] = Token(secrets.token_urlsafe(64), self._clock() + LIFE_S)
        return kept.value, int(self._left(kept))

    def check(self, value: str) -> None:
        """Raises TokenRefused unless the token is one of ours and alive."""
        if not value:
            raise TokenRefused(41001, "access_token missing")
        token = self._issued.get(value)
        if token is None:
            raise TokenRefused(
                40001,
                "invalid credential, access_token is invalid or not latest, could get access_token by"
                " getStableAccessToken",
            )
        if self._left(token) <= 0:
            raise TokenRefused(42001, "access_token expired")

    def revoke(self, value: str) -> None:
        """Somebody else's doing: the token is dead, the next one asked for is new."""
        token = self._issued.pop(value, None)
        if token is not None and token is self._stable:
            self._stable = None

    def _force(self) -> None:
        """At most 20 a day; within 30 s of the last one nothing happens, as documented."""
        now = self._clock()
        if self._forced and now - self._forced[-1] < FORCED_GAP_S:
            return
        if len(self._forced) == FORCED_A_DAY and now - self._forced[0] < DAY_S:
            raise TokenRefused(45009, "reach max api daily quota limit")
        self._forced.append(now)
        if self._stable is not None:
            self._issued.pop(self._stable.value, None)
        self._stable = self._issue()

    def _check_credentials(self, app_id: str, secret: str) -> None:
        if app_id != self._config.app_id:
            raise TokenRefused(40013, "invalid appid")
        if not hmac.compare_digest(secret.encode(), self._config.app_secret.encode()):
            raise TokenRefused(40125, "invalid appsecret")

    def _issue(self) -> Token:
        token = Token("90_" + secrets.token_urlsafe(102), self._clock() + LIFE_S)
        self._issued[token.value] = token
        while len(self._issued) > ISSUED_MAX:
            del self._issued[next(iter(self._issued))]
        return token

    def _left(self, token: Token) -> float:
        return token.ends_at - self._clock()
