"""People speak: a bubble's survey, and what it was sent with."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("survey", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("messages", sa.Column("cause", sa.String(length=200), nullable=True))
    op.create_unique_constraint(op.f("uq_messages_cause"), "messages", ["cause"])
