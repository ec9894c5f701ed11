"""What a customer asked while the shop's system was down is looked up later; commands say when they were late."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shop_lookups",
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_number", sa.String(20), nullable=False),
        sa.Column("order_number", sa.String(40), nullable=False),
        sa.Column("flow", sa.String(40), nullable=False),
        sa.Column("slots", postgresql.JSONB(), nullable=False),
        sa.Column("sealed_digits", sa.LargeBinary()),
        sa.Column("was_proven", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_shop_lookups")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_shop_lookups_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_number"], ["tickets.number"], name=op.f("fk_shop_lookups_ticket_number_tickets")
        ),
    )
    waiting = sa.text("done_at IS NULL")
    op.create_index("ix_shop_lookups_due", "shop_lookups", ["next_attempt_at"], postgresql_where=waiting)
    op.create_index("ix_shop_lookups_waiting", "shop_lookups", ["conversation_id"], postgresql_where=waiting)
    op.add_column("shop_commands", sa.Column("delayed_at", sa.DateTime(timezone=True)))
