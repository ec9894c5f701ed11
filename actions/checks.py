"""Three checks and one inspection (三核一檢, §1.2): do order, payment and logistics agree, and where does it stand?"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from actions.days import DELIVERY_DAYS, LOST_DAYS, SILENT_AFTER, day_of, end_of_period, last_moment
from actions.shop import Order, OrderStatus, Shipment


class Severity(StrEnum):
    """Who must look: the order desk, the logistics coordinator, or nobody."""

    EXCEPTION = "exception"
    CARRIER = "carrier"
    NOTICE = "notice"


class Stage(StrEnum):
    """Where an order stands, as a customer would say it."""

    AWAITING_PAYMENT = "awaiting_payment"
    AWAITING_DISPATCH = "awaiting_dispatch"
    DISPATCH_OVERDUE = "dispatch_overdue"
    ON_THE_WAY = "on_the_way"
    DELIVERED = "delivered"
    SIGNED = "signed"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


@dataclass(frozen=True)
class Finding:
    """One disagreement or lateness. `id` names it; `params` are what its text names."""

    id: str
    severity: Severity
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class OrderCheck:
    """The outcome of the three checks and the inspection."""

    stage: Stage
    findings: tuple[Finding, ...] = ()

    @property
    def exceptions(self) -> tuple[Finding, ...]:
        """What the order desk must put right."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.EXCEPTION)

    @property
    def carrier_findings(self) -> tuple[Finding, ...]:
        """What the logistics coordinator must take up with the carrier."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.CARRIER)


# Clocks of different systems differ; an order's record may follow the carrier's by a day.
_SKEW = timedelta(minutes=10)
_BOOKED_WITHIN = timedelta(hours=24)
_CANCELLED_WITHIN = timedelta(hours=24)
# How an order is paid at the door: no payment is missing before it came.
_AT_THE_DOOR = "cash"
_GONE = frozenset({OrderStatus.CANCELLED, OrderStatus.REFUNDED})
_SENT = frozenset({OrderStatus.DISPATCHED, OrderStatus.SIGNED})


def check_order(order: Order, now: datetime) -> OrderCheck:
    """Compare the three records of an order and tell where it stands. Pure."""
    findings = (*_check_order_data(order, now), *_check_payment(order), *_check_shipment(order, now))
    return OrderCheck(_stage_of(order, now), findings)


def days_late(shipment: Shipment, now: datetime) -> int:
    """Return by how many calendar days delivery missed the three-day promise (§1.2); 0 within it."""
    arrived_at = min((at for at in (shipment.delivered_at, shipment.signed_at) if at), default=now)
    taken = (day_of(arrived_at) - day_of(shipment.dispatched_at)).days
    return max(0, taken - DELIVERY_DAYS)


def _stage_of(order: Order, now: datetime) -> Stage:
    shipment = order.shipment
    if order.status in _GONE:
        return Stage(order.status.value)
    if shipment:
        if shipment.signed_at:
            return Stage.SIGNED
        return Stage.DELIVERED if shipment.delivered_at else Stage.ON_THE_WAY
    if order.status in _SENT:
        return Stage.ON_THE_WAY
    if order.status is OrderStatus.AWAITING_PAYMENT:
        return Stage.AWAITING_PAYMENT
    return Stage.DISPATCH_OVERDUE if _dispatch_is_overdue(order, now) else Stage.AWAITING_DISPATCH


def _dispatch_is_overdue(order: Order, now: datetime) -> bool:
    waiting = order.status is OrderStatus.PAID and order.shipment is None
    return waiting and order.promised_dispatch_at is not None and now > order.promised_dispatch_at


def _check_order_data(order: Order, now: datetime) -> Iterator[Finding]:
    shipment = order.shipment
    if order.status in _SENT and shipment is None:
        yield Finding("shipment_missing", Severity.EXCEPTION, {"order": order.number})
    if shipment and not shipment.lost:
        yield from _check_sent_after_cancel(order, shipment)
    if shipment and order.status is OrderStatus.PAID and now - shipment.dispatched_at > _BOOKED_WITHIN:
        yield Finding("dispatch_not_booked", Severity.EXCEPTION, {"dispatched_at": shipment.dispatched_at})
    asked_at = order.cancel_requested_at
    if asked_at and order.status is OrderStatus.PAID and not shipment and now - asked_at > _CANCELLED_WITHIN:
        yield Finding("cancel_pending", Severity.EXCEPTION, {"asked_at": asked_at})
    if _dispatch_is_overdue(order, now):
        yield Finding("dispatch_overdue", Severity.EXCEPTION, {"promised_at": order.promised_dispatch_at})
    if order.status is OrderStatus.SIGNED and shipment and not shipment.signed_at:
        yield Finding("signature_missing", Severity.EXCEPTION, {"order": order.number})
    if order.status is OrderStatus.DISPATCHED and shipment and shipment.signed_at:
        yield Finding("signed_not_booked", Severity.EXCEPTION, {"signed_at": shipment.signed_at})


def _check_sent_after_cancel(order: Order, shipment: Shipment) -> Iterator[Finding]:
    """A refund after delivery is a return; a parcel that left after cancelling or refunding is a mistake."""
    asked_at, sent_at = order.cancel_requested_at, shipment.dispatched_at
    refunded_at = order.payment.refunded_at if order.payment else None
    sent = {"dispatched_at": sent_at}
    if order.status in _GONE and (order.status is OrderStatus.CANCELLED or (asked_at and sent_at > asked_at)):
        yield Finding("dispatched_after_cancel", Severity.EXCEPTION, sent)
    elif asked_at and sent_at > asked_at:
        yield Finding("dispatched_despite_request", Severity.EXCEPTION, {**sent, "asked_at": asked_at})
    elif refunded_at and sent_at > refunded_at:
        yield Finding("dispatched_after_refund", Severity.EXCEPTION, {**sent, "refunded_at": refunded_at})
    elif order.status is OrderStatus.REFUNDED and not (shipment.delivered_at or shipment.signed_at):
        yield Finding("refunded_on_the_way", Severity.NOTICE, {"tracking": shipment.tracking_number})


def _check_payment(order: Order) -> Iterator[Finding]:
    payment = order.payment
    paid = payment is not None and payment.paid_at is not None
    if payment and paid and order.amount and payment.amount == 2 * order.amount:
        yield Finding("paid_twice", Severity.EXCEPTION, {"paid": payment.amount, "amount": order.amount})
    elif payment and paid and payment.amount != order.amount:
        yield Finding("amount_mismatch", Severity.EXCEPTION, {"paid": payment.amount, "amount": order.amount})
    if payment and payment.parts and (made := sum(part.amount for part in payment.parts)) != payment.amount:
        yield Finding("parts_mismatch", Severity.EXCEPTION, {"parts": made, "paid": payment.amount})
    if not paid and not _pays_at_the_door(order) and (order.shipment or order.status in {OrderStatus.PAID, *_SENT}):
        yield Finding("payment_missing", Severity.EXCEPTION, {"order": order.number, "amount": order.amount})
    if payment and paid and order.status is OrderStatus.AWAITING_PAYMENT:
        yield Finding("payment_not_booked", Severity.EXCEPTION, {"paid_at": payment.paid_at, "paid": payment.amount})
    if payment and paid and order.status in _GONE and payment.left:
        yield Finding("refund_missing", Severity.EXCEPTION, {"amount": payment.left})
    if payment and payment.refunded_at and order.status not in _GONE:
        yield Finding("refund_not_booked", Severity.EXCEPTION, {"paid": payment.amount, "at": payment.refunded_at})
    if not paid and order.status is OrderStatus.REFUNDED:
        yield Finding("refund_without_payment", Severity.EXCEPTION, {"order": order.number})
    yield from _check_payment_dates(order)


def _pays_at_the_door(order: Order) -> bool:
    arrived = order.shipment and (order.shipment.delivered_at or order.shipment.signed_at)
    return order.payment is not None and order.payment.method == _AT_THE_DOOR and not arrived


def _check_payment_dates(order: Order) -> Iterator[Finding]:
    paid_at = order.payment.paid_at if order.payment else None
    if paid_at is None:
        return
    if paid_at < order.placed_at - _SKEW:
        yield Finding("paid_before_order", Severity.EXCEPTION, {"paid_at": paid_at, "placed_at": order.placed_at})
    sent_at = order.shipment.dispatched_at if order.shipment else None
    if sent_at and sent_at < paid_at - _SKEW and order.payment and order.payment.method != _AT_THE_DOOR:
        yield Finding("dispatched_before_payment", Severity.EXCEPTION, {"dispatched_at": sent_at, "paid_at": paid_at})


def _check_shipment(order: Order, now: datetime) -> Iterator[Finding]:
    shipment = order.shipment
    if shipment is None:
        return
    yield from _check_shipment_record(order, shipment, now)
    if order.status in _GONE:
        return
    late = days_late(shipment, now)
    if late:
        promised_at = last_moment(end_of_period(shipment.dispatched_at, DELIVERY_DAYS))
        yield Finding("days_late", Severity.NOTICE, {"days": late, "promised_at": promised_at})
    if shipment.lost and not shipment.signed_at:
        yield Finding("carrier_lost", Severity.CARRIER, {"carrier": shipment.carrier})
    if not (shipment.delivered_at or shipment.signed_at):
        yield from _check_travelling(shipment, now)


def _check_shipment_record(order: Order, shipment: Shipment, now: datetime) -> Iterator[Finding]:
    """Does the carrier's record agree with itself, and with the order's dates?"""
    sent_at, arrivals = shipment.dispatched_at, [at for at in (shipment.delivered_at, shipment.signed_at) if at]
    if sent_at < order.placed_at - _SKEW:
        yield Finding("dispatched_before_order", Severity.EXCEPTION, {"dispatched_at": sent_at})
    if arrivals and min(arrivals) < sent_at - _SKEW:
        yield Finding("arrived_before_dispatch", Severity.EXCEPTION, {"at": min(arrivals), "dispatched_at": sent_at})
    if max([sent_at, *arrivals]) > now + _SKEW:
        yield Finding("dated_ahead", Severity.EXCEPTION, {"at": max([sent_at, *arrivals])})
    if not any(character.isdigit() and character != "0" for character in shipment.tracking_number):
        yield Finding("tracking_missing", Severity.EXCEPTION, {"carrier": shipment.carrier})
    if arrivals and not shipment.scans:
        yield Finding("delivered_unscanned", Severity.NOTICE, {"carrier": shipment.carrier})
    if shipment.lost and shipment.signed_at:
        yield Finding("lost_but_signed", Severity.CARRIER, {"signed_at": shipment.signed_at})
    last = shipment.last_scan_at
    if shipment.signed_at and last and last > shipment.signed_at + _BOOKED_WITHIN:
        yield Finding("moved_after_signing", Severity.CARRIER, {"signed_at": shipment.signed_at, "last_scan_at": last})


def _check_travelling(shipment: Shipment, now: datetime) -> Iterator[Finding]:
    seen_at = shipment.last_scan_at or shipment.dispatched_at
    if now - seen_at >= SILENT_AFTER:
        yield Finding("no_scan_48h", Severity.CARRIER, {"last_scan_at": seen_at})
    if now >= end_of_period(shipment.dispatched_at, LOST_DAYS):
        yield Finding("undelivered_7_days", Severity.CARRIER, {"dispatched_at": shipment.dispatched_at})
