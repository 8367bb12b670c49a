"""Alive, and able to serve. Neither names a follower or a secret."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from handlers.web.base import Page
from infra.errors import KebanError

CHECK_TIMEOUT_S = 1.5  # whoever asks (a load balancer) does not wait longer


class HealthHandler(Page):
    """The process answers: nothing else is asked, so a slow database does not get it killed."""

    name = "healthz"

    async def get(self) -> None:
        self.answer_json({"status": "ok"})


class ReadyHandler(Page):
    """Whether a follower would be served: each store is asked."""

    name = "readyz"

    def initialize(self, checks: dict[str, Callable[[], None]], **room: object) -> None:  # type: ignore[override]
        super().initialize(**room)  # type: ignore[arg-type]
        self._checks = checks

    async def get(self) -> None:
        states = await asyncio.gather(*(self._try(name, check) for name, check in self._checks.items()))
        found = dict(zip(self._checks, states, strict=True))
        ready = all(state == "ok" for state in found.values())
        self.answer_json({"status": "ok" if ready else "unready", "checks": found}, 200 if ready else 503)

    async def _try(self, name: str, check: Callable[[], None]) -> str:
        try:
            # However many ask at once, a store is asked once: strangers must not make a node look unready.
            await self.done(self.room.pools.checks.join(name, check), CHECK_TIMEOUT_S, shared=True)
        except KebanError as error:
            self.log_exception(type(error), error, None)
            return "failed"
        return "ok"
