"""Notices go out: where people are reached beside the console, and how far each notice has come on each way."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("people", sa.Column("email", sa.String(254), nullable=True))
    op.add_column("people", sa.Column("telegram_chat_id", sa.BigInteger(), nullable=True))
    op.add_column("people", sa.Column("language", sa.String(10), nullable=True))
    op.create_unique_constraint(op.f("uq_people_telegram_chat_id"), "people", ["telegram_chat_id"])
    op.create_table(
        "notice_deliveries",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("done_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(20), nullable=True),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_notice_deliveries_notice_id_notices")),
        sa.PrimaryKeyConstraint("notice_id", "way", name=op.f("pk_notice_deliveries")),
    )
    op.create_index(
        "ix_notice_deliveries_waiting",
        "notice_deliveries",
        ["way", "next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.drop_index("ix_notices_unsent", table_name="notices")
