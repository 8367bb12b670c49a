"""``python -m migrations.check``: whether the migrations make the very tables that the code declares."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from infra.database import Database
from infra.migrate import upgrade
from migrations.rooms import metadata


def differences(db: Database) -> list[Any]:
    """What the migrated tables of ``db`` lack or have too much of; empty when they are in step."""
    with db.reading() as conn:
        return list(compare_metadata(MigrationContext.configure(conn), metadata))


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        db = Database(f"sqlite:///{Path(folder) / 'check.db'}")
        upgrade(db)
        found = differences(db)
        db.close()
    for difference in found:
        sys.stderr.write(f"migrations: not in step with the tables: {difference}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
