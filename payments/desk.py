"""What every action of the till works with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from infra.clock import Clock
from infra.database import Database
from payments.gateway import Gateway


@dataclass(frozen=True)
class Desk:
    """The database, the gateway, the clock, and the two addresses at which the gateway reaches us."""

    db: Database
    gateway: Gateway
    clock: Clock
    notify_url: str
    refund_notify_url: str

    def now(self) -> datetime:
        return self.clock.now()
