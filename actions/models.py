"""The embedded shop's tables: orders, items, payments, shipments, scans, and what commands did."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, Numeric, String, false, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column, relationship

from escalation.models import Base

Instant = TIMESTAMP(timezone=True)
Money = Numeric(12, 2)


class ShopOrder(Base):
    """An order. `demo` holds what the demo page shows of it (caption, say), None for a real one."""

    __tablename__ = "shop_orders"

    number: Mapped[str] = mapped_column(String(40), primary_key=True)
    customer_sub: Mapped[str | None] = mapped_column(String(200), index=True)
    phone_last4: Mapped[str] = mapped_column(String(4))
    status: Mapped[str] = mapped_column(String(20))
    placed_at: Mapped[datetime] = mapped_column(Instant)
    promised_dispatch_at: Mapped[datetime | None] = mapped_column(Instant)
    cancel_requested_at: Mapped[datetime | None] = mapped_column(Instant)
    held_until: Mapped[datetime | None] = mapped_column(Instant)
    coupon: Mapped[Decimal | None] = mapped_column(Money)
    points: Mapped[int] = mapped_column(default=0, server_default="0")
    freight_insured: Mapped[bool] = mapped_column(default=False, server_default=false())
    buyer_under_18: Mapped[bool] = mapped_column(default=False, server_default=false())
    suspected_abuse: Mapped[bool] = mapped_column(default=False, server_default=false())
    amount: Mapped[Decimal] = mapped_column(Money)
    demo: Mapped[dict[str, Any] | None] = mapped_column(JSONB)

    items: Mapped[list["ShopOrderItem"]] = relationship(order_by="ShopOrderItem.position")
    payment: Mapped["ShopPayment | None"] = relationship()
    shipment: Mapped["ShopShipment | None"] = relationship()


class ShopOrderItem(Base):
    """One line of an order."""

    __tablename__ = "shop_order_items"

    order_number: Mapped[str] = mapped_column(ForeignKey("shop_orders.number"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sku: Mapped[str] = mapped_column(String(60))
    name: Mapped[dict[str, str]] = mapped_column(JSONB)
    kind: Mapped[str] = mapped_column(String(30))
    quantity: Mapped[int]
    price: Mapped[Decimal] = mapped_column(Money)
    confirmed_nonreturnable: Mapped[bool] = mapped_column(default=False)
    unsealed: Mapped[bool] = mapped_column(default=False)
    in_stock: Mapped[bool] = mapped_column(default=True)
    repairs: Mapped[int] = mapped_column(default=0)
    repair_days: Mapped[int] = mapped_column(default=0)
    installed_at: Mapped[datetime | None] = mapped_column(Instant)
    cross_border: Mapped[bool] = mapped_column(default=False)
    price_now: Mapped[Decimal | None] = mapped_column(Money)
    returned_at: Mapped[datetime | None] = mapped_column(Instant)
    exchanged_at: Mapped[datetime | None] = mapped_column(Instant)
    gift_price: Mapped[Decimal | None] = mapped_column(Money)
    bundle: Mapped[str | None] = mapped_column(String(60))
    bundle_paid: Mapped[Decimal | None] = mapped_column(Money)
    list_price: Mapped[Decimal | None] = mapped_column(Money)
    refunded: Mapped[Decimal] = mapped_column(Money, default=Decimal(0), server_default="0")
    refunded_quantity: Mapped[int] = mapped_column(default=0, server_default="0")


class ShopPayment(Base):
    """The payment record of an order. `parts`: [{method, amount}], the amounts as text."""

    __tablename__ = "shop_payments"

    order_number: Mapped[str] = mapped_column(ForeignKey("shop_orders.number"), primary_key=True)
    amount: Mapped[Decimal] = mapped_column(Money)
    paid_at: Mapped[datetime | None] = mapped_column(Instant)
    method: Mapped[str] = mapped_column(String(20))
    refunded_at: Mapped[datetime | None] = mapped_column(Instant)
    parts: Mapped[list[dict[str, str]]] = mapped_column(JSONB, default=list, server_default=text("'[]'"))
    refunded: Mapped[Decimal] = mapped_column(Money, default=Decimal(0), server_default="0")


class ShopShipment(Base):
    """The carrier's record of an order's parcel."""

    __tablename__ = "shop_shipments"

    order_number: Mapped[str] = mapped_column(ForeignKey("shop_orders.number"), primary_key=True)
    carrier: Mapped[str] = mapped_column(String(60))
    tracking_number: Mapped[str] = mapped_column(String(60))
    dispatched_at: Mapped[datetime] = mapped_column(Instant)
    delivered_at: Mapped[datetime | None] = mapped_column(Instant)
    signed_at: Mapped[datetime | None] = mapped_column(Instant)
    signed_by: Mapped[str | None] = mapped_column(String(100))
    lost: Mapped[bool] = mapped_column(default=False)
    carrier_phone: Mapped[str | None] = mapped_column(String(40))

    scans: Mapped[list["ShopScan"]] = relationship(order_by="ShopScan.position")


class ShopScan(Base):
    """One scan of a parcel."""

    __tablename__ = "shop_scans"

    order_number: Mapped[str] = mapped_column(ForeignKey("shop_shipments.order_number"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)
    place: Mapped[dict[str, str]] = mapped_column(JSONB)
    note: Mapped[dict[str, str]] = mapped_column(JSONB)


class ShopCommandResult(Base):
    """What a command did, by its key: the row and the effect are one transaction, so a key works once.

    `result` is {done, reason, details}; it is None only inside the transaction that makes it. `details` are those that
    tell nothing of a person, `sealed_details` the others, as sealed JSON.
    """

    __tablename__ = "shop_command_results"
    __table_args__ = (Index("ix_shop_command_results_order", "order_number", "kind"),)

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    order_number: Mapped[str] = mapped_column(String(40))
    details: Mapped[dict[str, str]] = mapped_column(JSONB)
    sealed_details: Mapped[bytes | None] = mapped_column(LargeBinary)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    executed_at: Mapped[datetime] = mapped_column(Instant)
