"""Whether the database is ready for a command, and what to do when it is not."""

from __future__ import annotations

from sqlalchemy import make_url

from infra.database import Database
from infra.errors import ConfigError
from infra.migrate import newest_revision, present_revision

UPGRADE = "python manage.py db upgrade"


def require_tables(db: Database, *, also: str = "") -> None:
    """Raises ConfigError for a database where nothing is set up yet, and for one of another version.

    ``also`` is a second hint for the first of the two: where to look instead.
    """
    present = present_revision(db)
    if present is None:
        at = make_url(db.url).render_as_string(hide_password=True)
        raise ConfigError(
            f"database.url: nothing is set up yet at {at}",
            hint=f"to set it up: {UPGRADE}{also and '; ' + also}",
        )
    if present != newest_revision():
        raise ConfigError("database.url: the tables are not those of this version", hint=f"run: {UPGRADE}")
