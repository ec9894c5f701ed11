"""From an order and what the customer says to the case that the policy decides. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from actions.bundles import count_left, due_back, due_together, keeps_account, paid_for, settle_bundle
from actions.policy.case import PolicyCase
from actions.shop import Order, OrderItem, Payment

# These concern the whole parcel, the others one item of it.
_WHOLE_ORDER = frozenset({"late_delivery", "lost"})
# Money goes back for these: what went back before does not go back again.
_MONEY_BACK = frozenset({"return", "refund", "price_protection"})
# What these give is counted by the price, whatever went back of it.
_BY_PRICE = frozenset({"fake", "unsafe"})


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
    quantity: int | None = None,
    told: Mapping[str, Any] | None = None,
) -> PolicyCase:
    """Return the policy case of one item of an order; `at` is when the customer told us, None intact is unknown.

    `quantity`: how many of it the customer speaks of, None all. `told`: further fields of the case that only the
    customer knows.
    """
    shipment, money_back = order.shipment, request in _MONEY_BACK and reason not in _BY_PRICE
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
        amount=_amount(order, None if reason in _WHOLE_ORDER else item, quantity, money_back=money_back),
        paid_at=order.payment.paid_at if order.payment else None,
        dispatched_at=shipment.dispatched_at if shipment else None,
        delivered_at=shipment.delivered_at if shipment else None,
        signed_at=shipment.signed_at if shipment else None,
        last_scan_at=shipment.last_scan_at if shipment else None,
        carrier_lost=shipment.lost if shipment else False,
        price_now=_price_now(item, money_back=money_back) if price_now is None else price_now,
        evidence=tuple(evidence),
    )
    bundle = {} if reason in _WHOLE_ORDER else _bundle(order, item)
    return replace(case, **{**_payment(order.payment), **bundle, **(told or {})})


def _payment(payment: Payment | None) -> dict[str, Any]:
    """What was paid for the whole order, and how much of it in each way where there are several."""
    if payment is None:
        return {}
    parts = tuple((part.method, part.amount) for part in payment.parts) if payment.is_split else ()
    return {"paid": payment.amount, "payments": parts}


def _amount(order: Order, item: OrderItem | None, quantity: int | None, *, money_back: bool) -> Decimal:
    """What was paid for an item (None: the order), or of that what may still go back, where the shop tells."""
    if not money_back or order.payment is None or not keeps_account(order):
        return paid_for(order, item) if item else order.amount
    if item is None:
        return min(order.amount, order.payment.left)
    return due_together(order, item) if quantity is None else due_back(order, item, quantity)


def _bundle(order: Order, item: OrderItem) -> dict[str, Any]:
    account = settle_bundle(order, item)
    if account is None:
        return {}
    return {"bundle_paid": account.paid, "kept_price": account.kept, "bundle_refunded": account.refunded}


def _price_now(item: OrderItem, *, money_back: bool) -> Decimal | None:
    """What as many of an item cost in the shop today, if the shop tells."""
    return None if item.price_now is None else item.price_now * (count_left(item) if money_back else item.quantity)
