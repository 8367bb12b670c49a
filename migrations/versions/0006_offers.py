"""bundles and memberships: versions say what they include

Revision: 0006, after 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from infra.database import JsonText

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("course_version", sa.Column("includes", JsonText(), nullable=True))


def downgrade() -> None:
    """The version before would take offers for courses without lessons, so they are withdrawn."""
    versions = sa.table("course_version", sa.column("course_id"), sa.column("includes"))
    course = sa.table("course", sa.column("id"), sa.column("listed", sa.Boolean()))
    offers = sa.select(versions.c.course_id).where(versions.c.includes.is_not(None))
    op.execute(sa.update(course).where(course.c.id.in_(offers)).values(listed=sa.false()))
    op.drop_column("course_version", "includes")
