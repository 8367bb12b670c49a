"""The figures for Prometheus. They name no follower and no secret.

Most are counted where something happens. What is counted by looking (how long a parcel has waited) is looked
for when somebody asks, off the loop and within a bound.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import nan

from prometheus_client import Gauge

from handlers.web.base import Page
from handlers.web.health import CHECK_TIMEOUT_S
from infra.errors import KebanError
from infra.figures import CONTENT_TYPE_LATEST, exposition

KEPT_S = 2.0


@dataclass
class Look:
    """Looks for the present values of ``states``. ``ask`` may wait, and raises KebanError."""

    name: str
    states: Sequence[Gauge]
    ask: Callable[[], Sequence[float]]
    kept_until_s: float = 0.0

    def keep(self, seen: Sequence[float]) -> None:
        for state, value in zip(self.states, seen, strict=True):
            state.set(value)
        self.kept_until_s = time.monotonic() + KEPT_S

    def forget(self) -> None:
        """Unknown is no number: nobody takes it for none."""
        for state in self.states:
            state.set(nan)


class MetricsHandler(Page):
    name = "metrics"

    def initialize(self, looks: Sequence[Look], **room: object) -> None:  # type: ignore[override]
        super().initialize(**room)  # type: ignore[arg-type]
        self._looks = looks

    async def get(self) -> None:
        await asyncio.gather(*(self._look(one) for one in self._looks if one.kept_until_s < time.monotonic()))
        self.set_header("Content-Type", CONTENT_TYPE_LATEST)
        self.finish(exposition())

    async def _look(self, look: Look) -> None:
        try:
            # However many ask at once, a store is asked once.
            look.keep(
                await self.done(
                    self.room.pools.checks.join(look.name, look.ask), CHECK_TIMEOUT_S, shared=True
                )
            )
        except KebanError as error:
            self.log_exception(type(error), error, None)
            look.forget()
