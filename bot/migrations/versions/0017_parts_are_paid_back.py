"""The embedded shop keeps what went back of a payment, and for which items."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# What went back before: differences, by item, and whole payments.
_ITEMS = """
    UPDATE shop_order_items item SET refunded = given.amount
    FROM (
        SELECT order_number, details->>'sku' AS sku, sum((result->'details'->>'amount')::numeric) AS amount
        FROM shop_command_results
        WHERE kind = 'refund_difference' AND (result->>'done')::boolean
        GROUP BY order_number, details->>'sku'
    ) given
    WHERE item.order_number = given.order_number AND item.sku = given.sku
        -- Where a sku stands on several lines, the shop's commands are about the first.
        AND item.position = (
            SELECT min(position) FROM shop_order_items one
            WHERE one.order_number = given.order_number AND one.sku = given.sku
        )
"""
_PAYMENTS = """
    UPDATE shop_payments payment SET refunded = given.amount
    FROM (SELECT order_number, sum(refunded) AS amount FROM shop_order_items GROUP BY order_number) given
    WHERE payment.order_number = given.order_number AND given.amount > 0
"""


def upgrade() -> None:
    # With defaults, for orders that the former release adds.
    for table in ("shop_order_items", "shop_payments"):
        op.add_column(table, sa.Column("refunded", sa.Numeric(12, 2), nullable=False, server_default="0"))
    op.add_column("shop_order_items", sa.Column("refunded_quantity", sa.Integer(), nullable=False, server_default="0"))
    op.execute(_ITEMS)
    op.execute(_PAYMENTS)
    op.execute("UPDATE shop_payments SET refunded = amount WHERE refunded_at IS NOT NULL")
