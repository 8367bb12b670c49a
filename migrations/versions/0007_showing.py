"""when, where and to whom courses and lessons are shown

Revision: 0007, after 0006
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from infra.database import JsonText, UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

COLUMNS: tuple[tuple[str, str, Any], ...] = (
    ("course_version", "cover", sa.String(400)),
    ("course_version", "weight", sa.Integer()),
    ("course_version", "opens_at", UtcDateTime()),
    ("course_version", "ends_at", UtcDateTime()),
    ("course_version", "visibility", sa.String(12)),
    ("course_version", "aliases", JsonText()),
    ("course_version", "learn", JsonText()),
    ("course_version", "drip_days", sa.Integer()),
    ("course_lesson", "opens_after_days", sa.Integer()),
    ("course_lesson", "opens_at", UtcDateTime()),
    ("course_lesson", "aliases", JsonText()),
    ("course_asset", "shown_in", JsonText()),
)


def upgrade() -> None:
    for table, name, type_ in COLUMNS:
        op.add_column(table, sa.Column(name, type_, nullable=True))


def downgrade() -> None:
    """The version before knows no waiting: what is to stay closed for a while is withdrawn."""
    course = sa.table("course", sa.column("id"), sa.column("listed", sa.Boolean()))
    version = sa.table(
        "course_version", *map(sa.column, ("course_id", "visibility", "opens_at", "drip_days"))
    )
    lesson = sa.table("course_lesson", *map(sa.column, ("course_id", "opens_after_days", "opens_at")))
    held_back = sa.or_(
        version.c.visibility != "public", version.c.opens_at.is_not(None), version.c.drip_days > 0
    )
    waiting = sa.or_(lesson.c.opens_after_days > 0, lesson.c.opens_at.is_not(None))
    ids = sa.union(
        sa.select(version.c.course_id).where(held_back), sa.select(lesson.c.course_id).where(waiting)
    )
    op.execute(sa.update(course).where(course.c.id.in_(ids)).values(listed=sa.false()))
    for table, name, _ in reversed(COLUMNS):
        op.drop_column(table, name)
