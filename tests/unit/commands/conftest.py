"""The command line as an operator uses it: words in; a status and two streams out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import tomlkit

import manage
from tests.flows.courses import write_courses
from tests.flows.town import Town, configuration, open_town

Keban = Callable[..., "Outcome"]


@dataclass(frozen=True)
class Outcome:
    status: int
    out: str
    err: str


@pytest.fixture
def keban(capsys: pytest.CaptureFixture[str]) -> Keban:
    """``manage.py`` with these words, in this process. No traceback is ever shown for a user's mistake."""

    def run(*words: str) -> Outcome:
        capsys.readouterr()
        try:
            status = manage.main(list(words))
        except SystemExit as end:  # argparse's way out
            status = int(end.code or 0)
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return Outcome(status, out, err)

    return run


@pytest.fixture
def courses(tmp_path: Path) -> Path:
    return write_courses(tmp_path / "courses")


@pytest.fixture
def values(platform_keys: dict[str, Any], courses: Path) -> dict[str, Any]:
    """What stands in a complete config.toml; nobody listens at the platform's address."""
    return configuration(platform_keys, "http://127.0.0.1:1", port=1, courses=courses)


@pytest.fixture
def write_config(tmp_path: Path) -> Callable[[dict[str, Any]], str]:
    def write(values: dict[str, Any]) -> str:
        path = tmp_path / "config.toml"
        path.write_text(tomlkit.dumps(values), encoding="utf-8")
        return str(path)

    return write


@pytest.fixture
def config(values: dict[str, Any], write_config: Callable[[dict[str, Any]], str]) -> str:
    return write_config(values)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, platform_keys: dict[str, Any]) -> Iterator[Town]:
    """A running service beside which the operator's commands work."""
    folder = tmp_path_factory.mktemp("town")
    with open_town(folder, platform_keys, write_courses(folder / "courses")) as opened:
        yield opened
