"""The FAQ: edited entries in versions, and questions that nothing answered."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "faq_edits",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("entry_id", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=10), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=True),
        sa.Column("edited_by", sa.String(length=60), nullable=False),
        sa.Column("edited_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_faq_edits")),
        sa.UniqueConstraint("entry_id", "version", name=op.f("uq_faq_edits_entry_id_version")),
    )
    op.create_table(
        "faq_questions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.String(length=100), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("nearest", sa.String(length=60), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("picked", sa.String(length=60), nullable=True),
        sa.Column("asked_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ignored_by", sa.String(length=60), nullable=True),
        sa.Column("ignored_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_faq_questions_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_faq_questions")),
        sa.UniqueConstraint("cause", name=op.f("uq_faq_questions_cause")),
    )
    op.create_index("ix_faq_questions_asked", "faq_questions", ["asked_at"])
    op.create_index(op.f("ix_faq_questions_conversation_id"), "faq_questions", ["conversation_id"])
