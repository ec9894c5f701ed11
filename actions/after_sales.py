"""From an order and what the customer says to the case that the policy decides. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from actions.bundles import paid_for, settle_bundle
from actions.policy.case import PolicyCase
from actions.shop import Order, OrderItem, Payment

# These concern the whole parcel, the others one item of it.
_WHOLE_ORDER = frozenset({"late_delivery", "lost"})


def case_from_order(
    order: Order,
    item: OrderItem,
    *,
    request: str,
    reason: str,
    at: datetime,
    intact: bool | None = None,
    evidence: Iterable[str] = (),
    price_now: Decimal | None = None,
    told: Mapping[str, Any] | None = None,
) -> PolicyCase:
    """Return the policy case of one item of an order; `at` is when the customer told us, None intact is unknown.

    `told`: further fields of the case that only the customer knows.
    """
    shipment = order.shipment
    case = PolicyCase(
        request=request,
        reason=reason,
        at=at,
        kind=item.kind,
        intact=intact,
        confirmed_nonreturnable=item.confirmed_nonreturnable,
        unsealed=item.unsealed,
        in_stock=item.in_stock,
        repairs=item.repairs,
        repair_days=item.repair_days,
        installed_at=item.installed_at,
        exchanged_at=item.exchanged_at,
        returned_at=item.returned_at,
        gift_price=item.gift_price,
        coupon=order.coupon,
        points=order.points,
        freight_insured=order.freight_insured,
        cross_border=item.cross_border,
        under_18=order.buyer_under_18,
        suspected_abuse=order.suspected_abuse,
        amount=order.amount if reason in _WHOLE_ORDER else paid_for(order, item),
        paid_at=order.payment.paid_at if order.payment else None,
        dispatched_at=shipment.dispatched_at if shipment else None,
        delivered_at=shipment.delivered_at if shipment else None,
        signed_at=shipment.signed_at if shipment else None,
        last_scan_at=shipment.last_scan_at if shipment else None,
        carrier_lost=shipment.lost if shipment else False,
        price_now=_price_now(item) if price_now is None else price_now,
        evidence=tuple(evidence),
    )
    bundle = {} if reason in _WHOLE_ORDER else _bundle(order, item)
    return replace(case, **_payment(order.payment), **bundle, **(told or {}))


def _payment(payment: Payment | None) -> dict[str, Any]:
    """What was paid for the whole order, and how much of it in each way where there are several."""
    if payment is None:
        return {}
    parts = tuple((part.method, part.amount) for part in payment.parts) if payment.is_split else ()
    return {"paid": payment.amount, "payments": parts}


def _bundle(order: Order, item: OrderItem) -> dict[str, Any]:
    account = settle_bundle(order, item)
    return {} if account is None else {"bundle_paid": account.paid, "kept_price": account.kept}


def _price_now(item: OrderItem) -> Decimal | None:
    """What as many of an item cost in the shop today, if the shop tells."""
    return None if item.price_now is None else item.price_now * item.quantity
