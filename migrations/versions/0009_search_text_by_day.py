"""what a lesson says is searched from its day on

Revision: 0009, after 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from infra.database import LongText

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("course_lesson", sa.Column("search_text", LongText, nullable=True))


def downgrade() -> None:
    op.drop_column("course_lesson", "search_text")
