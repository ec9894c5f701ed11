"""Matters go on: a ticket that follows another, a promise that passed on, a survey's cause."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tickets", sa.Column("previous_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_tickets_previous_id_tickets"), "tickets", "tickets", ["previous_id"], ["id"])
    op.add_column("clocks", sa.Column("dropped_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("surveys", sa.Column("cause", sa.String(length=20), nullable=True))
