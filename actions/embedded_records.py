"""The embedded shop's rows as the port's records."""

from decimal import Decimal

from actions.models import ShopOrder, ShopOrderItem, ShopPayment, ShopScan, ShopShipment
from actions.shop import Order, OrderItem, OrderStatus, Payment, PaymentPart, Scan, Shipment


def to_order(row: ShopOrder) -> Order:
    """Return an order's rows as the record; its items, payment, shipment and scans must be loaded."""
    return Order(
        number=row.number,
        customer_sub=row.customer_sub,
        phone_last4=row.phone_last4,
        status=OrderStatus(row.status),
        placed_at=row.placed_at,
        promised_dispatch_at=row.promised_dispatch_at,
        items=tuple(_to_item(item) for item in row.items),
        amount=row.amount,
        payment=_to_payment(row.payment) if row.payment else None,
        shipment=_to_shipment(row.shipment) if row.shipment else None,
        cancel_requested_at=row.cancel_requested_at,
        held_until=row.held_until,
        coupon=row.coupon,
        points=row.points,
        freight_insured=row.freight_insured,
        buyer_under_18=row.buyer_under_18,
        suspected_abuse=row.suspected_abuse,
    )


def _to_item(row: ShopOrderItem) -> OrderItem:
    return OrderItem(
        sku=row.sku,
        name=row.name,
        kind=row.kind,
        quantity=row.quantity,
        price=row.price,
        confirmed_nonreturnable=row.confirmed_nonreturnable,
        unsealed=row.unsealed,
        in_stock=row.in_stock,
        repairs=row.repairs,
        repair_days=row.repair_days,
        installed_at=row.installed_at,
        cross_border=row.cross_border,
        price_now=row.price_now,
        returned_at=row.returned_at,
        exchanged_at=row.exchanged_at,
        gift_price=row.gift_price,
        bundle=row.bundle,
        bundle_paid=row.bundle_paid,
        list_price=row.list_price,
        refunded=row.refunded,
        refunded_quantity=row.refunded_quantity,
    )


def _to_payment(row: ShopPayment) -> Payment:
    return Payment(
        amount=row.amount,
        paid_at=row.paid_at,
        method=row.method,
        refunded_at=row.refunded_at,
        parts=tuple(PaymentPart(part["method"], Decimal(part["amount"])) for part in row.parts),
        refunded=row.refunded,
    )


def _to_shipment(row: ShopShipment) -> Shipment:
    return Shipment(
        carrier=row.carrier,
        tracking_number=row.tracking_number,
        dispatched_at=row.dispatched_at,
        delivered_at=row.delivered_at,
        signed_at=row.signed_at,
        signed_by=row.signed_by,
        scans=tuple(_to_scan(scan) for scan in row.scans),
        lost=row.lost,
        carrier_phone=row.carrier_phone,
    )


def _to_scan(row: ShopScan) -> Scan:
    return Scan(at=row.at, place=row.place, note=row.note)
