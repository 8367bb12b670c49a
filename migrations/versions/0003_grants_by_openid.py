"""a follower's running grants are found by the follower: they are asked for with every list of courses

Revision: 0003, after 0002
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_grants_openid_status", "grants", ["openid", "status"])


def downgrade() -> None:
    op.drop_index("ix_grants_openid_status", table_name="grants")
