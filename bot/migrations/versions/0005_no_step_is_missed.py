"""No step is missed: a clock that is over or stands still may have one from before that nobody has looked at."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_clocks_running", table_name="clocks")
    op.create_index(
        "ix_clocks_waiting",
        "clocks",
        ["next_due_at"],
        unique=False,
        postgresql_where=sa.text("next_due_at IS NOT NULL AND (paused_at IS NULL OR next_due_at < paused_at)"),
    )
