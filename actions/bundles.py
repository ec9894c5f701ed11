"""What was paid for an item of an order, and what of it may still go back, to the cent (return rules 15). Pure.

What is given back for parts never adds up to more than was paid: what went back already is counted where the shop
tells of it (`Payment.refunded`). What is due for a part stays that, to the cent, when others are paid back as due.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

from actions.shares import split
from actions.shop import Order, OrderItem

_CENT, _NOTHING = Decimal("0.01"), Decimal(0)


@dataclass(frozen=True)
class BundleAccount:
    """What was paid for a whole bundle, what the parts that are kept cost without its discount, and what went back."""

    paid: Decimal
    kept: Decimal
    refunded: Decimal | None = None


def paid_for(order: Order, item: OrderItem) -> Decimal:
    """Return what was actually paid for an item, to the cent, whatever went back of that since.

    Its share of its bundle or, outside of bundles, of what is left of the order's amount. What comes back after other
    parts of its bundle did is settled at the prices of the purchase; all that came back is paid back whole.
    """
    if item.bundle is None or keeps_account(order):
        return _share_of_item(order, item)
    parts, paid = parts_of_bundle(order, item), item.bundle_paid or _NOTHING
    others = [part for part in parts if part is not item]
    kept = [part for part in others if part.returned_at is None]
    if item.returned_at and not kept:
        return paid
    if item.returned_at is None and len(kept) < len(others):
        had = min(paid, _listed((*kept, item)))
        return max(had - _listed(kept), _NOTHING)
    return _share(paid, item, parts)


def paid_for_left(order: Order, item: OrderItem) -> Decimal:
    """Return what was paid for those of an item that are left, a fall in price that went back since included."""
    return (paid_for(order, item) * count_left(item) / item.quantity).quantize(_CENT, ROUND_HALF_UP)


def paid_of_price(order: Order, item: OrderItem) -> Decimal:
    """Return what went back of the price of those of an item that are left, where the shop tells."""
    gone = paid_for_left(order, item) - due_back(order, item)
    # One cent for each that was paid back before may be rounding.
    return gone if keeps_account(order) and gone > _CENT * item.refunded_quantity else _NOTHING


def keeps_account(order: Order) -> bool:
    """Tell whether the shop tells what of an order's money went back, and for which of its parts."""
    return order.payment is not None and order.payment.refunded is not None


class Counted(Protocol):
    """So many of an item, of which some were paid back."""

    @property
    def quantity(self) -> int:
        """How many were bought."""

    @property
    def refunded_quantity(self) -> int:
        """For how many of them all that was paid went back."""


def count_left(item: Counted) -> int:
    """Return how many of an item have not been paid back."""
    return max(item.quantity - item.refunded_quantity, 0)


def due_back(order: Order, item: OrderItem, quantity: int | None = None) -> Decimal:
    """Return what may go back for so many of an item (None: all that are left), as they were paid for.

    Nothing for more than are left. Whoever gets it for one after the other gets all, and not a cent more.
    """
    count = count_left(item)
    wanted = count if quantity is None else quantity
    if order.payment is None or not 0 < wanted <= count:
        return _NOTHING
    left = min(max(_share_of_item(order, item) - item.refunded, _NOTHING), order.payment.left)
    return left if wanted == count else (left * wanted / count).quantize(_CENT, ROUND_HALF_UP)


def due_together(order: Order, item: OrderItem) -> Decimal:
    """Return what may go back for an item, and for what came back with it of its bundle."""
    return sum((due_back(order, part) for part in came_together(order, item)), _NOTHING)


def came_together(order: Order, item: OrderItem) -> list[OrderItem]:
    """Return what is settled with an item: what of its bundle has come back as it has, and was not paid back yet."""
    if item.returned_at is None or item.bundle is None or not count_left(item):
        return [item]
    return [part for part in parts_of_bundle(order, item) if part.returned_at and count_left(part)]


def settle_bundle(order: Order, item: OrderItem) -> BundleAccount | None:
    """Return what a part's return is settled by; None where it is no part, or the bundle's discount is gone already."""
    if keeps_account(order):
        return _settle_by_account(order, item)
    others = [part for part in parts_of_bundle(order, item) if part is not item]
    kept = [part for part in others if part.returned_at is None]
    is_first = item.returned_at is not None or len(kept) == len(others)
    if item.bundle_paid is None or not kept or not is_first:
        return None
    return BundleAccount(item.bundle_paid, _listed(kept))


def _settle_by_account(order: Order, item: OrderItem) -> BundleAccount | None:
    together = came_together(order, item)
    remaining = [part for part in parts_of_bundle(order, item) if part is item or count_left(part)]
    others = [part for part in remaining if not any(part is one for one in together)]
    back = [part for part in others if part.returned_at]
    kept = [part for part in others if not part.returned_at]
    left = _left_of_bundle(order, item)
    if item.bundle_paid is None or not others or (left >= _listed(remaining) and not back):
        return None
    given = item.bundle_paid - left + sum((part.refunded for part in together), _NOTHING)
    # What is on its way back is settled as if it were together with this, and has its money first.
    given += _due_by_account(order, back[0]) if back else _NOTHING
    return BundleAccount(item.bundle_paid, sum(map(_cost_if_kept, kept), _NOTHING), given or None)


def _due_by_account(order: Order, item: OrderItem) -> Decimal:
    """Return what is due for what came back together, and is not wanted."""
    account = _settle_by_account(order, item)
    if account is None:
        return due_together(order, item)
    return max(account.paid - (account.refunded or _NOTHING) - account.kept, _NOTHING)


def _cost_if_kept(part: OrderItem) -> Decimal:
    """What of a part the customer has at its price; for the rest of it the money went back."""
    gone = part.refunded if part.refunded_quantity else _NOTHING
    return _list_price(part) * count_left(part) + gone


def parts_of_bundle(order: Order, item: OrderItem) -> list[OrderItem]:
    """Return the parts of the bundle that an item belongs to; none where it belongs to none."""
    return [part for part in order.items if item.bundle is not None and part.bundle == item.bundle]


def _share_of_item(order: Order, item: OrderItem) -> Decimal:
    """Return an item's share of its bundle's money that is not settled yet, or of all that was paid beside bundles."""
    if item.bundle is None:
        alone = [other for other in order.items if other.bundle is None]
        return _share(max(order.amount - _paid_for_bundles(order), _NOTHING), item, alone)
    remaining = [part for part in parts_of_bundle(order, item) if part is item or count_left(part)]
    return _share(_left_of_bundle(order, item), item, remaining)


def _left_of_bundle(order: Order, item: OrderItem) -> Decimal:
    """Return what is left of a bundle's money after the other parts that were paid back whole."""
    settled = (part.refunded for part in parts_of_bundle(order, item) if part is not item and not count_left(part))
    return max((item.bundle_paid or _NOTHING) - sum(settled, _NOTHING), _NOTHING)


def _paid_for_bundles(order: Order) -> Decimal:
    paid = {item.bundle: item.bundle_paid or _NOTHING for item in order.items if item.bundle is not None}
    return sum(paid.values(), _NOTHING)


def _listed(items: Iterable[OrderItem]) -> Decimal:
    return sum((_list_price(item) * item.quantity for item in items), _NOTHING)


def _list_price(item: OrderItem) -> Decimal:
    return item.price if item.bundle is None or item.list_price is None else item.list_price


def _share(whole: Decimal, item: OrderItem, items: Sequence[OrderItem]) -> Decimal:
    shares = split(whole, [_listed([one]) for one in items])
    return next(share for one, share in zip(items, shares, strict=True) if one is item)
