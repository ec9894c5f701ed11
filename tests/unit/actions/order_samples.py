"""Orders for tests: an ordinary one, and changes to it."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from actions.shop import Order, OrderItem, OrderStatus, Payment, PaymentPart, Scan, Shipment
from tests.unit.actions.policy_cases import at

TEXT = {"zh-Hans": "杯子", "zh-Hant": "杯子", "en": "Cup"}
DISPATCHED_AT = at("2026-11-06 18:00")

ITEM = OrderItem(sku="cup", name=TEXT, kind="home", quantity=2, price=Decimal("50.00"))
PAID = Order(
    number="20261101001",
    customer_sub=None,
    phone_last4="1234",
    status=OrderStatus.PAID,
    placed_at=at("2026-11-05 09:00"),
    promised_dispatch_at=at("2026-11-07 18:00"),
    items=(ITEM,),
    amount=Decimal("100.00"),
    payment=Payment(amount=Decimal("100.00"), paid_at=at("2026-11-05 09:05"), method="wechat"),
    shipment=None,
)

# Cups for 60.00, a pot for 90.00 and a tray for 50.00, together for 160.00 (200.00 without the discount), paid in two
# ways; and a book for 40.00 beside the bundle.
CUPS, POT, TRAY = (
    OrderItem(sku=sku, name=TEXT, kind="home", quantity=quantity, price=Decimal(price), bundle="tea",
              bundle_paid=Decimal("160.00"), list_price=Decimal(price))
    for sku, quantity, price in (("cups", 2, "30.00"), ("pot", 1, "90.00"), ("tray", 1, "50.00"))
)  # fmt: skip
BOOK = OrderItem(sku="book", name=TEXT, kind="general", quantity=1, price=Decimal("40.00"))
BUNDLE = replace(
    PAID,
    items=(CUPS, POT, TRAY, BOOK),
    amount=Decimal("200.00"),
    payment=Payment(
        amount=Decimal("200.00"),
        paid_at=at("2026-11-05 09:05"),
        method="card",
        parts=(PaymentPart("card", Decimal("150.00")), PaymentPart("balance", Decimal("50.00"))),
    ),
)


def shipment(*, scans: tuple[datetime, ...] = (DISPATCHED_AT,), **changes: Any) -> Shipment:
    """Return a parcel on its way since 6 November 18:00."""
    travelling = Shipment(
        carrier="C",
        tracking_number="T1",
        dispatched_at=DISPATCHED_AT,
        delivered_at=None,
        signed_at=None,
        signed_by=None,
        scans=tuple(Scan(at=scan_at, place=TEXT, note=TEXT) for scan_at in scans),
    )
    return replace(travelling, **changes)


def sent(**changes: Any) -> Order:
    """Return the order, dispatched."""
    return replace(PAID, status=OrderStatus.DISPATCHED, shipment=shipment(**changes))


def signed(signed_at: datetime) -> Order:
    """Return the order, signed for."""
    arrived = shipment(delivered_at=signed_at, signed_at=signed_at, scans=(DISPATCHED_AT, signed_at))
    return replace(PAID, status=OrderStatus.SIGNED, shipment=arrived)


def in_hours(hours: int) -> datetime:
    """Return the instant so many hours after dispatch."""
    return DISPATCHED_AT + timedelta(hours=hours)
