from __future__ import annotations

import pytest

from infra.clock import ManualClock
from infra.database import Database
from tests.unit.payments.counter import Counter


@pytest.fixture
def counter(db: Database, clock: ManualClock) -> Counter:
    return Counter.opened(db, clock)
