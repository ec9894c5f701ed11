"""The shop tells more of goods: that they came back or were exchanged, their gift; coupon, points, insurance."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("shop_order_items", sa.Column("returned_at", sa.DateTime(timezone=True)))
    op.add_column("shop_order_items", sa.Column("exchanged_at", sa.DateTime(timezone=True)))
    op.add_column("shop_order_items", sa.Column("gift_price", sa.Numeric(12, 2)))
    op.add_column("shop_orders", sa.Column("coupon", sa.Numeric(12, 2)))
    # With defaults, for orders that the former release adds.
    op.add_column("shop_orders", sa.Column("points", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("shop_orders", sa.Column("freight_insured", sa.Boolean(), nullable=False, server_default=sa.false()))
