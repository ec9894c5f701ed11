"""Messages go out: the outbox, where a channel hands over what is said; what a customer edited keeps what it was."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_IS_WAITING = sa.text("sent_at IS NULL AND dead_at IS NULL")


def upgrade() -> None:
    op.add_column("conversations", sa.Column("address", sa.String(64), nullable=True))
    op.add_column("conversations", sa.Column("unreachable_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.add_column(
        "messages",
        sa.Column("earlier", postgresql.JSONB(), nullable=False, server_default=sa.text("'[]'")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("external_ids", postgresql.JSONB(), nullable=False),
        sa.Column("sent_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("dead_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("fault", sa.String(200), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_outbox_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_outbox_message_id_messages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_id")),
    )
    op.create_index(
        "ix_outbox_waiting", "outbox", ["channel", "next_attempt_at"], unique=False, postgresql_where=_IS_WAITING
    )
    op.create_index("ix_outbox_order", "outbox", ["conversation_id", "id"], unique=False, postgresql_where=_IS_WAITING)
