"""What the order desk says of an order and may do with it. Pure; the bot writes the sentences."""

from datetime import datetime
from typing import Any

from actions.checks import OrderCheck, Stage
from actions.days import DELIVERY_DAYS, end_of_period, last_moment
from actions.lines import Line
from actions.shop import Order, OrderStatus, Payment, Shipment

_CANCELLABLE = frozenset({OrderStatus.AWAITING_PAYMENT, OrderStatus.PAID})

# The status line itself says these.
_TOLD = frozenset({"dispatch_overdue"})


def may_cancel(order: Order) -> bool:
    """Tell whether an order can still be cancelled: not dispatched, not cancelled already."""
    return order.status in _CANCELLABLE and order.shipment is None


def may_change(order: Order) -> bool:
    """Tell whether an order can still be changed: as long as it has not left."""
    return may_cancel(order)


def has_arrived(order: Order) -> bool:
    """Tell whether an order has been delivered, by the carrier's word or the shop's."""
    shipment = order.shipment
    return order.status is OrderStatus.SIGNED or bool(shipment and (shipment.delivered_at or shipment.signed_at))


def is_gone(order: Order) -> bool:
    """Tell whether an order was cancelled."""
    return order.status in {OrderStatus.CANCELLED, OrderStatus.REFUNDED}


def whole_payment(order: Order) -> Payment | None:
    """Return the payment where all that is left of it may go back: made, and as much as was ordered. Else None."""
    paid = order.payment
    if paid is None or paid.paid_at is None or not paid.left or paid.amount != order.amount:
        return None
    return paid


def describe_order(order: Order, check: OrderCheck, _now: datetime) -> tuple[Line, ...]:
    """Return where the order stands, then each disagreement that the order desk will put right."""
    found = tuple(
        Line(f"finding.{finding.id}", finding.params) for finding in check.exceptions if finding.id not in _TOLD
    )
    return (_status_line(order, check), *found)


def _status_line(order: Order, check: OrderCheck) -> Line:
    stage, params = check.stage, _common(order)
    if order.shipment and stage in {Stage.ON_THE_WAY, Stage.DELIVERED, Stage.SIGNED}:
        return _shipped_line(order.shipment, check, params)
    if stage is Stage.ON_THE_WAY:
        return Line("order.status.dispatched", params)
    if stage is Stage.AWAITING_DISPATCH and order.promised_dispatch_at is None:
        return Line("order.status.awaiting_dispatch_undated", params)
    if stage in {Stage.AWAITING_DISPATCH, Stage.DISPATCH_OVERDUE}:
        return Line(f"order.status.{stage}", params | {"promised_at": order.promised_dispatch_at})
    if order.payment and order.payment.refunded_at:
        refund = {"refunded_at": order.payment.refunded_at, "paid": order.payment.amount}
        return Line("order.status.refunded", params | refund)
    return Line("order.status.cancelled" if stage is Stage.REFUNDED else f"order.status.{stage}", params)


def _shipped_line(shipment: Shipment, check: OrderCheck, params: dict[str, Any]) -> Line:
    params = params | {"carrier": shipment.carrier, "tracking": shipment.tracking_number}
    match check.stage:
        case Stage.SIGNED:
            return Line("order.status.signed", params | {"signed_at": shipment.signed_at})
        case Stage.DELIVERED:
            return Line("order.status.delivered", params | {"delivered_at": shipment.delivered_at})
    params |= {"dispatched_at": shipment.dispatched_at}
    late = next((finding.params for finding in check.findings if finding.id == "days_late"), None)
    if late:
        return Line("order.status.on_the_way_late", params | late)
    promised_at = last_moment(end_of_period(shipment.dispatched_at, DELIVERY_DAYS))
    return Line("order.status.on_the_way", params | {"promised_at": promised_at})


def _common(order: Order) -> dict[str, Any]:
    return {
        "order": order.number,
        "item": order.items[0].name,
        "others": len(order.items) - 1,
        "amount": order.amount,
        "placed_at": order.placed_at,
    }
