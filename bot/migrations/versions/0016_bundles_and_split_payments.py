"""The shop tells of bundles, of payments in several parts, and of orders that only a person may settle."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0016"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("shop_order_items", sa.Column("bundle", sa.String(60)))
    op.add_column("shop_order_items", sa.Column("bundle_paid", sa.Numeric(12, 2)))
    op.add_column("shop_order_items", sa.Column("list_price", sa.Numeric(12, 2)))
    # With defaults, for orders that the former release adds.
    op.add_column("shop_payments", sa.Column("parts", JSONB(), nullable=False, server_default="[]"))
    op.add_column("shop_orders", sa.Column("buyer_under_18", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("shop_orders", sa.Column("suspected_abuse", sa.Boolean(), nullable=False, server_default=sa.false()))
