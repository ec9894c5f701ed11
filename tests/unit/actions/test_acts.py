"""The acts behind the flows: what may be done, and which lines tell it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from actions import after_sales, complaints, logistics, orders, quality
from actions.checks import check_order
from actions.policy.case import REASONS
from actions.shop import Order, OrderStatus
from tests.unit.actions.order_samples import DISPATCHED_AT, ITEM, PAID, in_hours, sent, shipment, signed
from tests.unit.actions.policy_cases import at


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (PAID, True),
        (replace(PAID, status=OrderStatus.AWAITING_PAYMENT), True),
        (replace(PAID, shipment=shipment()), False),  # left, though the order does not know yet
        (sent(), False),
        (replace(PAID, status=OrderStatus.CANCELLED), False),
    ],
)
def test_only_an_order_that_has_not_left_may_be_cancelled(order: Order, expected: bool) -> None:
    """Dispatch in either record ends it."""
    assert orders.may_cancel(order) is expected


@pytest.mark.parametrize(
    ("order", "hours", "keys"),
    [
        (PAID, 0, ["order.status.awaiting_dispatch"]),
        (PAID, 30, ["order.status.dispatch_overdue"]),
        (replace(PAID, promised_dispatch_at=None), 0, ["order.status.awaiting_dispatch_undated"]),
        (sent(), 4, ["order.status.on_the_way"]),
        (sent(), 24 * 5, ["order.status.on_the_way_late"]),
        (signed(in_hours(20)), 40, ["order.status.signed"]),
        (replace(PAID, amount=Decimal(1)), 0, ["order.status.awaiting_dispatch", "finding.amount_mismatch"]),
    ],
)
def test_an_order_is_told_with_its_disagreements(order: Order, hours: int, keys: list[str]) -> None:
    """First where it stands, then what the order desk will put right."""
    now = in_hours(hours)
    lines = orders.describe_order(order, check_order(order, now), now)
    assert [line.key for line in lines] == keys


@pytest.mark.parametrize(
    ("order", "hours", "keys"),
    [
        (PAID, 0, ["parcel.not_dispatched"]),
        (PAID, 30, ["parcel.not_dispatched_late"]),
        (replace(PAID, status=OrderStatus.DISPATCHED), 0, ["parcel.no_record"]),
        (replace(PAID, status=OrderStatus.CANCELLED), 0, ["parcel.cancelled"]),
        (sent(scans=()), 4, ["parcel.unscanned", "parcel.due"]),
        (sent(), 4, ["parcel.on_the_way", "parcel.due"]),
        (sent(), 50, ["parcel.on_the_way", "parcel.silent", "parcel.due"]),
        (sent(), 24 * 5, ["parcel.on_the_way", "parcel.silent", "parcel.late"]),
        (sent(lost=True), 24 * 5, ["parcel.on_the_way", "parcel.lost"]),
        (signed(in_hours(20)), 24 * 9, ["parcel.signed"]),
        (signed(in_hours(24 * 5)), 24 * 9, ["parcel.signed", "parcel.came_late"]),
    ],
)
def test_a_parcel_is_told_with_its_trouble(order: Order, hours: int, keys: list[str]) -> None:
    """Where it is, then silence, lateness or the promised day."""
    assert [
        line.key for line in logistics.describe_parcel(order, check_order(order, in_hours(hours)), in_hours(hours))
    ] == keys


def test_the_promised_day_is_the_third_after_dispatch() -> None:
    """The instant told lies on the day itself, not at the midnight after it."""
    due = logistics.describe_parcel(sent(), check_order(sent(), DISPATCHED_AT), DISPATCHED_AT)[-1]
    assert due.params["promised_at"] == at("2026-11-09 23:59:59")


def test_a_case_takes_its_facts_from_the_order() -> None:
    """What was paid for one item is its share of the order's amount."""
    other = replace(ITEM, sku="pot", quantity=1, price=Decimal("100.00"), kind="appliance", repairs=2)
    order = replace(signed(in_hours(20)), items=(ITEM, other), amount=Decimal("150.00"))
    case = after_sales.case_from_order(
        order, other, request="repair", reason="functional_defect", at=in_hours(30), evidence=["photo"]
    )
    assert (case.kind, case.repairs, case.signed_at, case.evidence) == ("appliance", 2, in_hours(20), ("photo",))
    assert case.amount == Decimal("75.00")  # 150 x 100 / (2 x 50 + 100)
    late = after_sales.case_from_order(order, other, request="refund", reason="lost", at=in_hours(30))
    assert late.amount == Decimal("150.00")


def test_every_reason_has_a_seriousness() -> None:
    """Safety is for fakes, danger and injury."""
    assert {reason for reason in REASONS if quality.seriousness(reason) == "safety"} == {"fake", "unsafe"}
    assert quality.seriousness("no_reason", injured=True) == "safety"


def test_a_complaint_has_four_stages_within_72_hours() -> None:
    """Accepted, investigated, handled, fed back (§4.1)."""
    stages = complaints.describe_stages(DISPATCHED_AT, due_at=in_hours(48), feedback_at=in_hours(72))
    assert [line.params["at"] for line in stages] == [in_hours(hours) for hours in (0, 24, 48, 72)]


def test_the_stages_keep_to_the_tickets_clocks() -> None:
    """A critical complaint is handled within eight hours, not within the standard's 48."""
    stages = complaints.describe_stages(DISPATCHED_AT, due_at=in_hours(8), feedback_at=in_hours(24))
    assert [line.params["at"] for line in stages] == [in_hours(hours) for hours in (0, 8, 8, 24)]
