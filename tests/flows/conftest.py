"""The town of the flows: opened once a module; each test brings followers whom nobody has seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.flows.courses import write_courses
from tests.flows.follower import Follower
from tests.flows.town import Town, open_town


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, platform_keys: dict[str, Any]) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with open_town(folder, platform_keys, write_courses(folder / "courses"), watch=True) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _platform_without_faults(request: pytest.FixtureRequest) -> Iterator[None]:
    opened: Town | None = request.getfixturevalue("town") if "town" in request.fixturenames else None
    yield
    if opened is not None:
        opened.faults()


@pytest.fixture
def anna(town: Town) -> Follower:
    """A follower who has just followed."""
    return town.new_follower()


@pytest.fixture
def bert(town: Town) -> Follower:
    """Another one."""
    return town.new_follower()
