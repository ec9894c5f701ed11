"""What is known of a parcel, as lines: where it is, what was promised, what is wrong. Pure."""

from collections.abc import Iterator
from datetime import datetime

from actions import checks
from actions.days import DELIVERY_DAYS, SILENT_AFTER, end_of_period, last_moment
from actions.lines import Line
from actions.shop import Order, OrderStatus, Shipment


def days_late(order: Order, now: datetime) -> int:
    """Return by how many days an order's parcel misses the three-day promise (§1.2); 0 if not sent."""
    return checks.days_late(order.shipment, now) if order.shipment else 0


# How late the parcel is or was.
LATENESS = frozenset({"parcel.late", "parcel.came_late"})
# What the carrier's record says against itself; the rest is told by where the parcel is.
_DOUBTS = frozenset({"lost_but_signed", "moved_after_signing", "refunded_on_the_way"})


# And what a customer hears of who never got theirs.
_DOUBTS_OF_LOST = _DOUBTS | {"delivered_unscanned"}


def describe_parcel(order: Order, check: checks.OrderCheck, now: datetime, *, missed: bool = False) -> tuple[Line, ...]:
    """Return where the parcel is, while it travels when it is due or how late it is, and what makes no sense of it.

    `missed`: the customer says that it never came.
    """
    told = _DOUBTS_OF_LOST if missed else _DOUBTS
    doubts = (Line(f"finding.{each.id}", each.params) for each in check.findings if each.id in told)
    return (*_describe_place(order, now), *doubts)


def _describe_place(order: Order, now: datetime) -> tuple[Line, ...]:
    shipment = order.shipment
    if shipment is None:
        return (_unsent_line(order, now),)
    if shipment.signed_at:
        return (_signed_line(shipment), *_late_lines(shipment, now))
    if shipment.delivered_at:
        delivered = {**_common(shipment), "delivered_at": shipment.delivered_at}
        return (Line("parcel.delivered", delivered), *_late_lines(shipment, now))
    return (_travelling_line(shipment), *_trouble_lines(shipment, now))


def _unsent_line(order: Order, now: datetime) -> Line:
    params = {"order": order.number, "promised_at": order.promised_dispatch_at}
    if order.status in {OrderStatus.CANCELLED, OrderStatus.REFUNDED}:
        return Line("parcel.cancelled", params)
    if order.status is OrderStatus.AWAITING_PAYMENT:
        return Line("parcel.unpaid", params)
    if order.status is not OrderStatus.PAID:
        return Line("parcel.no_record", params)
    if order.promised_dispatch_at is None:
        return Line("parcel.not_dispatched_undated", params)
    return Line("parcel.not_dispatched_late" if now > order.promised_dispatch_at else "parcel.not_dispatched", params)


def _signed_line(shipment: Shipment) -> Line:
    params = {**_common(shipment), "signed_at": shipment.signed_at}
    if shipment.signed_by:
        return Line("parcel.signed_by", {**params, "signed_by": shipment.signed_by})
    return Line("parcel.signed", params)


def _travelling_line(shipment: Shipment) -> Line:
    if not shipment.scans:
        return Line("parcel.unscanned", {**_common(shipment), "dispatched_at": shipment.dispatched_at})
    last = max(shipment.scans, key=lambda scan: scan.at)
    return Line("parcel.on_the_way", {**_common(shipment), "at": last.at, "place": last.place, "note": last.note})


def _trouble_lines(shipment: Shipment, now: datetime) -> Iterator[Line]:
    if shipment.lost:
        yield Line("parcel.lost", _common(shipment))
        return
    seen_at = shipment.last_scan_at or shipment.dispatched_at
    if now - seen_at >= SILENT_AFTER:
        yield Line("parcel.silent", {"last_scan_at": seen_at, "hours": int((now - seen_at).total_seconds() // 3600)})
    late = tuple(_late_lines(shipment, now))
    yield from late or (Line("parcel.due", {"promised_at": _promised_at(shipment)}),)


def _late_lines(shipment: Shipment, now: datetime) -> Iterator[Line]:
    late = checks.days_late(shipment, now)
    if late:
        arrived = shipment.delivered_at or shipment.signed_at
        key = "parcel.came_late" if arrived else "parcel.late"
        yield Line(key, {"days": late, "promised_at": _promised_at(shipment)})


def _promised_at(shipment: Shipment) -> datetime:
    return last_moment(end_of_period(shipment.dispatched_at, DELIVERY_DAYS))


def _common(shipment: Shipment) -> dict[str, object]:
    return {"carrier": shipment.carrier, "tracking": shipment.tracking_number}
