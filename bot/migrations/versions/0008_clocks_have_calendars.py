"""Clocks have calendars: each keeps the one it runs by, and a digest of the terms it was last set to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("clocks", sa.Column("calendar", postgresql.JSONB(astext_type=sa.Text(), none_as_null=True)))
    op.add_column("clocks", sa.Column("terms", sa.String(length=60)))
    op.create_index(
        "ix_clocks_running",
        "clocks",
        ["ticket_id"],
        unique=False,
        postgresql_where=sa.text("met_at IS NULL AND dropped_at IS NULL"),
    )
