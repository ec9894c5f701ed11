"""Clock loops are seen: each process's loop tells when it last looked, how late it is, and what its clock says."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clock_loops",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("host", sa.String(length=100), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lag", sa.Interval(), nullable=False),
        sa.Column("skew", sa.Interval(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_loops")),
    )
