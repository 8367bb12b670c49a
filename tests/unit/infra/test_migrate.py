"""Migrations: they make exactly the tables that the code declares, on each database."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.database import Database
from infra.migrate import is_behind, newest_revision, present_revision, upgrade
from migrations import check


@pytest.fixture
def empty(database_url: str) -> Database:
    return Database(database_url)


def test_an_empty_database_is_behind_and_an_upgraded_one_is_not(empty: Database) -> None:
    assert present_revision(empty) is None and is_behind(empty)
    upgrade(empty)
    assert present_revision(empty) == newest_revision() and not is_behind(empty)
    empty.close()


def test_the_migrations_make_the_tables_that_the_code_declares(empty: Database) -> None:
    upgrade(empty)
    assert check.differences(empty) == []
    empty.close()


def test_upgrading_twice_changes_nothing(empty: Database) -> None:
    upgrade(empty)
    upgrade(empty)
    assert not is_behind(empty)
    empty.close()


def test_the_check_of_the_linter_agrees() -> None:
    assert check.main() == 0


def test_a_percent_sign_in_the_path_of_the_project_is_no_problem(tmp_path: Path) -> None:
    folder = tmp_path / "100%"
    folder.mkdir()
    db = Database(f"sqlite:///{folder}/keban.db")
    upgrade(db)
    assert not is_behind(db)
    db.close()
