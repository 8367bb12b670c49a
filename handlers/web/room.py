"""What the pages are given by the composition root."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.oauth import OAuth
from handlers.asked_questions import AskedQuestions
from handlers.shop import Shop
from handlers.web.shelf_index import ShelfIndexes
from handlers.web.visitor import Proxies
from infra.keyvalue import KeyValueStore
from infra.pool import BoundedPool
from payments.gateway import Way


@dataclass(frozen=True)
class Pools:
    """Threads for what waits, apart by what it waits for: a peer that is slow holds up only who asks it."""

    pages: BoundedPool
    gateway: BoundedPool  # calls to WeChat Pay
    login: BoundedPool  # calls to WeChat's OAuth
    notifications: BoundedPool
    checks: BoundedPool
    nudges: BoundedPool

    def close(self) -> None:
        for pool in vars(self).values():
            pool.close(wait=False)


@dataclass(frozen=True)
class WebRoom:
    """``sign_page`` makes what WeChat's JS-SDK is given on a page, by its whole address; it may wait for
    WeChat.
    """

    shop: Shop
    oauth: OAuth
    pools: Pools
    store: KeyValueStore
    ways: tuple[Way, ...]
    proxies: Proxies
    asked: AskedQuestions
    sign_page: Callable[[str], Mapping[str, str]]
    data_dir: Path
    indexes: ShelfIndexes = field(default_factory=ShelfIndexes)
