"""The claim that all rooms build on means the same on each database."""

from __future__ import annotations

from content import tables
from infra.database import Database, insert_if_absent


def test_only_the_first_insert_of_a_key_reports_true(database: Database) -> None:
    row = {"slug": "a", "course_id": "first"}
    with database.transaction() as conn:
        assert insert_if_absent(conn, tables.course_slug, row) is True
        assert insert_if_absent(conn, tables.course_slug, {**row, "course_id": "second"}) is False
