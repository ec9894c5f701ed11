"""Shop commands say what they are worth, keep personal details sealed, and can wait for a person's word.

Beside them, what the shop tells of an order: today's price, how long an unpaid one is held, the carrier's telephone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("shop_orders", sa.Column("held_until", sa.DateTime(timezone=True)))
    op.add_column("shop_order_items", sa.Column("price_now", sa.Numeric(12, 2)))
    op.add_column("shop_shipments", sa.Column("carrier_phone", sa.String(40)))
    op.add_column("shop_command_results", sa.Column("sealed_details", sa.LargeBinary()))
    op.add_column("shop_commands", sa.Column("sealed_details", sa.LargeBinary()))
    op.add_column("shop_commands", sa.Column("amount", sa.Numeric(12, 2)))
    op.add_column("shop_commands", sa.Column("ticket_number", sa.String(20)))
    op.add_column("shop_commands", sa.Column("asked_by", sa.String(60)))
    op.add_column("shop_commands", sa.Column("confirmed_by", sa.String(60)))
    op.add_column("shop_commands", sa.Column("confirmed_at", sa.DateTime(timezone=True)))
    op.alter_column("shop_commands", "next_attempt_at", nullable=True)
    op.create_foreign_key(
        op.f("fk_shop_commands_ticket_number_tickets"), "shop_commands", "tickets", ["ticket_number"], ["number"]
    )
    op.create_index(op.f("ix_shop_commands_ticket_number"), "shop_commands", ["ticket_number"])
    op.create_index("ix_shop_commands_order", "shop_commands", ["order_number", "created_at"])
