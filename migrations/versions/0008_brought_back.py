"""an earlier version of a course can be brought back, and stays until its folder changes

Revision: 0008, after 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("course", sa.Column("held", sa.String(length=64), server_default="", nullable=False))
    op.add_column("course_version", sa.Column("copy_of", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("course_version", "copy_of")
    op.drop_column("course", "held")
