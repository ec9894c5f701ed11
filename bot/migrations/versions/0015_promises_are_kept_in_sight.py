"""Tickets know what their customer was told of owner, stage and times; conversations know their customer's zone."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Tickets of before, and of the former release while it still runs, have been told what holds when they are first
    # looked at: NULL.
    op.add_column("tickets", sa.Column("told", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("tickets", sa.Column("untold_since", sa.DateTime(timezone=True), nullable=True))
    untold = sa.text("untold_since IS NOT NULL")
    op.create_index("ix_tickets_untold", "tickets", ["untold_since"], postgresql_where=untold)
    op.add_column("conversations", sa.Column("time_zone", sa.String(length=64), nullable=True))
