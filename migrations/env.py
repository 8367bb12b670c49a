"""Alembic's entry: knows the tables of all rooms; the connection is handed in by `infra.migrate`."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from infra.database import JsonText, UtcDateTime
from migrations.rooms import metadata


def render(kind: str, thing: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Our own column types by their names; everything else as Alembic does it."""
    if kind == "type" and isinstance(thing, (UtcDateTime, JsonText)):
        autogen.imports.add(f"from infra.database import {type(thing).__name__}")
        return f"{type(thing).__name__}()"
    return False


def run() -> None:
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_item=render,
        compare_type=False,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
