"""A person's data is erased, and what of theirs goes on is told from what has ended."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversations", sa.Column("erased_at", sa.DateTime(timezone=True)))
    op.create_table(
        "erasures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_number", sa.String(20)),
        sa.Column("why", sa.String(40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("despite", sa.Text()),
        sa.Column("asked_by", sa.String(60), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.String(60)),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("begun_at", sa.DateTime(timezone=True)),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.Column("scope", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("kept", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )
    unfinished = sa.text("done_at IS NULL")
    op.create_index("ix_erasures_customer_id", "erasures", ["customer_id"])
    op.create_index("ix_erasures_unfinished", "erasures", ["confirmed_at"], postgresql_where=unfinished)
    op.create_index("uq_erasures_waiting", "erasures", ["customer_id"], unique=True, postgresql_where=unfinished)


def downgrade() -> None:
    op.drop_table("erasures")
    op.drop_column("conversations", "erased_at")
