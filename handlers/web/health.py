"""Alive, able to serve, and figures. None of the three names a follower or a secret."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from math import nan

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from handlers.web.base import Page
from infra.errors import KebanError
from infra.metrics import NEEDING_CARE, REGISTRY

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


class MetricsHandler(Page):
    name = "metrics"

    async def get(self) -> None:
        NEEDING_CARE.set(await self._needing_care())
        self.set_header("Content-Type", CONTENT_TYPE_LATEST)
        self.finish(generate_latest(REGISTRY))

    async def _needing_care(self) -> float:
        """From the books, so every process tells the same. Unknown is no number: nobody takes it for none."""
        try:
            asked = self.room.pools.checks.join("care", self.shop.till.needing_care)
            found = await self.done(asked, CHECK_TIMEOUT_S, shared=True)
        except KebanError as error:
            self.log_exception(type(error), error, None)
            return nan
        return float(len(found))
