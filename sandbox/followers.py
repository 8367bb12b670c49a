"""Who there is: the followers, whether they are subscribed, and what may still be pushed to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.clock import Clock
from sandbox.config import OPENID_LENGTH_MAX, FollowerSpec
from sandbox.quota import WINDOW_CLOSED, Allowance
from sandbox.store import Store

FOLLOWERS_MAX = 10_000
KIND = "follower"
OPENS = {"CLICK": "event", "SCAN": "event", "subscribe": "event"}
"""Which events open a window; every plain message opens the long one."""


class FollowerRefused(ValueError):
    """No such follower, and none can be made of this openid."""


@dataclass
class Follower:
    openid: str
    name: str
    subscribed: bool = False
    subscribed_at: float = 0.0
    allowance: Allowance = field(default_factory=Allowance)

    def may_push(self, now: float) -> int:
        """Spend one push; answers WeChat's errcode, 0 when it may go."""
        return self.allowance.spend(now) if self.subscribed else WINDOW_CLOSED


class Followers:
    """All followers by openid, kept in the store."""

    def __init__(self, store: Store, clock: Clock, given: tuple[FollowerSpec, ...]) -> None:
        self._store, self._clock = store, clock
        self._known = {key: _restored(key, body) for key, body in store.all(KIND)}
        for spec in given:
            known = self._known.setdefault(spec.openid, Follower(spec.openid, spec.name))
            known.name = spec.name

    def all(self) -> list[Follower]:
        return list(self._known.values())

    def get(self, openid: str) -> Follower | None:
        return self._known.get(openid)

    def meet(self, openid: str) -> Follower:
        """The follower of this openid; one never seen follows from now on. Raises FollowerRefused."""
        known = self._known.get(openid)
        return known if known is not None else self._add(openid)

    def _add(self, openid: str) -> Follower:
        if not openid or len(openid) > OPENID_LENGTH_MAX or not _is_openid(openid):
            raise FollowerRefused("openid: letters, digits, - and _ only, at most 64")
        if len(self._known) >= FOLLOWERS_MAX:
            raise FollowerRefused(f"there are {FOLLOWERS_MAX} followers already")
        follower = Follower(openid, openid[-6:], subscribed=True, subscribed_at=self._clock())
        self._known[openid] = follower
        self.keep(follower)
        return follower

    def wrote(self, follower: Follower, event: str) -> None:
        """Note a message (``event`` empty) or an event: it may subscribe, and it may open a window."""
        now = self._clock()
        if event == "subscribe":
            follower.subscribed, follower.subscribed_at = True, now
        elif event == "unsubscribe":
            follower.subscribed = False
        occasion = OPENS.get(event) if event else "talk"
        if occasion is not None:
            follower.allowance.renew(occasion, now)
        self.keep(follower)

    def keep(self, follower: Follower) -> None:
        self._store.put(
            KIND,
            follower.openid,
            {
                "name": follower.name,
                "subscribed": follower.subscribed,
                "subscribed_at": follower.subscribed_at,
                "allowance": follower.allowance.kept(),
            },
        )


def _is_openid(text: str) -> bool:
    return text.isascii() and text.replace("-", "").replace("_", "").isalnum()


def _restored(openid: str, body: dict[str, Any]) -> Follower:
    return Follower(
        openid, body["name"], body["subscribed"], body["subscribed_at"], Allowance(body["allowance"])
    )
