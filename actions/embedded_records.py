"""The embedded shop's rows as the port's records."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Row, Select, bindparam, select

from actions.models import ShopOrder, ShopOrderItem, ShopPayment, ShopScan, ShopShipment
from actions.shop import Order, OrderItem, OrderStatus, Payment, PaymentPart, Scan, Shipment

_TABLES = [model.__table__ for model in (ShopOrder, ShopPayment, ShopShipment, ShopOrderItem, ShopScan)]


def _make_whole_order() -> Select[Any]:
    orders, payments, shipments, items, scans = _TABLES
    beside = orders
    for table in (payments, shipments, items, scans):
        beside = beside.outerjoin(table, table.c.order_number == orders.c.number)
    columns = [column for table in _TABLES for column in table.c]
    return select(*columns).select_from(beside).where(orders.c.number == bindparam("number"))


WHOLE_ORDER_ROWS = _make_whole_order()
"""What finds the order of a number with all its records, each item beside each scan; for `read_whole_order`.

One statement, so that they agree with one another, as the three checks need them; built once, as it is often asked.
"""


def read_whole_order(rows: Sequence[Row[Any]]) -> Order:
    """Return an order that was found."""
    orders, payments, shipments, items, scans = _find_records(rows)
    return _make_order(orders[0], items, next(iter(payments), None), next(iter(shipments), None), scans)


def _find_records(rows: Sequence[Row[Any]]) -> list[list[Any]]:
    """Return the records of each table, once, in the order of their keys: the first two columns, or the first."""
    found, end = [], 0
    for table in _TABLES:
        start, end = end, end + len(table.c)
        records = {row[start : start + 2]: row[start:end] for row in rows if row[start] is not None}
        names = table.c.keys()
        found.append([SimpleNamespace(**dict(zip(names, records[key], strict=True))) for key in sorted(records)])
    return found


def to_order(row: ShopOrder) -> Order:
    """Return an order's rows as the record; its items, payment, shipment and scans must be loaded."""
    scans = row.shipment.scans if row.shipment else ()
    return _make_order(row, row.items, row.payment, row.shipment, scans)


def _make_order(row: Any, items: Iterable[Any], payment: Any, shipment: Any, scans: Iterable[Any]) -> Order:
    """Return what has the columns of an order's rows as the record; items and scans in their order."""
    return Order(
        number=row.number,
        customer_sub=row.customer_sub,
        phone_last4=row.phone_last4,
        status=OrderStatus(row.status),
        placed_at=row.placed_at,
        promised_dispatch_at=row.promised_dispatch_at,
        items=tuple(_to_item(item) for item in items),
        amount=row.amount,
        payment=_to_payment(payment) if payment else None,
        shipment=_to_shipment(shipment, scans) if shipment else None,
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


def _to_shipment(row: ShopShipment, scans: Iterable[ShopScan]) -> Shipment:
    return Shipment(
        carrier=row.carrier,
        tracking_number=row.tracking_number,
        dispatched_at=row.dispatched_at,
        delivered_at=row.delivered_at,
        signed_at=row.signed_at,
        signed_by=row.signed_by,
        scans=tuple(_to_scan(scan) for scan in scans),
        lost=row.lost,
        carrier_phone=row.carrier_phone,
    )


def _to_scan(row: ShopScan) -> Scan:
    return Scan(at=row.at, place=row.place, note=row.note)
