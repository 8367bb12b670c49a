"""Migrations of the database: applied by command, checked at each start."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from infra.database import Database, Patience

FOLDER = Path(__file__).resolve().parent.parent / "migrations"
# A change of a large table takes its time; what waits for its lock meanwhile is told so.
PATIENCE = Patience(statement_s=3_600, lock_s=30, idle_s=3_600)


def upgrade(db: Database, to: str = "head") -> None:
    """Brings the tables to the newest revision (or up to another); nothing happens when they are there."""
    patient = Database(db.url, pool_size=1, patience=PATIENCE)
    try:
        with patient.transaction() as conn:
            config = _config()
            config.attributes["connection"] = conn
            command.upgrade(config, to)
    finally:
        patient.close()


def present_revision(db: Database) -> str | None:
    """The revision that the database is at; None for an empty one."""
    with db.reading() as conn:
        return MigrationContext.configure(conn).get_current_revision()


def newest_revision() -> str | None:
    """The revision that this code needs."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def is_behind(db: Database) -> bool:
    return present_revision(db) != newest_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
