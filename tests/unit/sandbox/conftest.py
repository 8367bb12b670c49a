"""A sandbox's parts for unit tests: keys made once, a clock that stands still."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandbox.clock import ManualClock
from sandbox.config import Config, from_dict
from sandbox.keys import make


@pytest.fixture(scope="session")
def made_keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    made = make(tmp_path_factory.mktemp("sandbox-keys"), service_url="http://service.test")
    return {name: value for name, value in made.items() if name not in ("config", "state_dir")}


@pytest.fixture
def config(made_keys: dict[str, Any]) -> Config:
    return from_dict(made_keys)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def merchant_pem(made_keys: dict[str, Any]) -> str:
    return Path(made_keys["merchant_private_key"]).read_text()
