"""outbox rows carry the trace of the message that caused them

Revision: 0002, after 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # With a default of the database's: a process of the version before may still write rows.
    op.add_column("outbox", sa.Column("trace", sa.String(length=32), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("outbox", "trace")
