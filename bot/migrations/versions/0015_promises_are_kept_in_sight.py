"""Tickets know what their customer was told of owner, stage and times; conversations their zone and address."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
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
    # Where a visitor who left can be reached, under a key of their own.
    for name in ("read_seq", "mailed_seq"):
        op.add_column("conversations", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    op.add_column("conversations", sa.Column("mails", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("customers", sa.Column("sealed_key", sa.LargeBinary(), nullable=True))
    op.create_table(
        "customer_contacts",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_email", sa.LargeBinary(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_contacts_customer_id_customers")
        ),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customer_contacts")),
    )
