"""Bundles: what was paid for a part of one, and what its return is settled by (return rules 15). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from actions.shop import Order, OrderItem

_CENT = Decimal("0.01")


@dataclass(frozen=True)
class BundleAccount:
    """What was paid for a whole bundle, and what the parts that are kept cost without its discount."""

    paid: Decimal
    kept: Decimal


def paid_for(order: Order, item: OrderItem) -> Decimal:
    """Return what was actually paid for an item, to the cent.

    Its share of its bundle or, outside of bundles, of what is left of the order's amount. What comes back after other
    parts of its bundle did is settled at the prices of the purchase; all that came back is paid back whole.
    """
    if item.bundle is None:
        alone = [other for other in order.items if other.bundle is None]
        return _share(max(order.amount - _paid_for_bundles(order), Decimal(0)), item, alone)
    parts, paid = parts_of_bundle(order, item), item.bundle_paid or Decimal(0)
    others = [part for part in parts if part is not item]
    kept = [part for part in others if part.returned_at is None]
    if item.returned_at and not kept:
        return paid
    if item.returned_at is None and len(kept) < len(others):
        had = min(paid, _listed((*kept, item)))
        return max(had - _listed(kept), Decimal(0))
    return _share(paid, item, parts)


def settle_bundle(order: Order, item: OrderItem) -> BundleAccount | None:
    """Return what a part's return is settled by; None where it is no part, or the bundle's discount is gone already."""
    others = [part for part in parts_of_bundle(order, item) if part is not item]
    kept = [part for part in others if part.returned_at is None]
    is_first = item.returned_at is not None or len(kept) == len(others)
    if item.bundle_paid is None or not kept or not is_first:
        return None
    return BundleAccount(item.bundle_paid, _listed(kept))


def parts_of_bundle(order: Order, item: OrderItem) -> list[OrderItem]:
    """Return the parts of the bundle that an item belongs to; none where it belongs to none."""
    return [part for part in order.items if item.bundle is not None and part.bundle == item.bundle]


def _paid_for_bundles(order: Order) -> Decimal:
    paid = {item.bundle: item.bundle_paid or Decimal(0) for item in order.items if item.bundle is not None}
    return sum(paid.values(), Decimal(0))


def _listed(items: Iterable[OrderItem]) -> Decimal:
    return sum((_list_price(item) for item in items), Decimal(0))


def _list_price(item: OrderItem) -> Decimal:
    one = item.price if item.bundle is None or item.list_price is None else item.list_price
    return one * item.quantity


def _share(whole: Decimal, item: OrderItem, items: Iterable[OrderItem]) -> Decimal:
    listed = _listed(items)
    return (whole * _list_price(item) / listed).quantize(_CENT) if listed else whole
