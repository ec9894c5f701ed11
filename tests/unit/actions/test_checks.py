"""Three checks and one inspection (§1.2)."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from actions.checks import Stage, check_order, days_late
from actions.shop import Order, OrderStatus, Payment
from tests.unit.actions.order_samples import DISPATCHED_AT, PAID, sent, shipment, signed
from tests.unit.actions.policy_cases import SECOND, at

NOW = at("2026-11-07 12:00")
REFUNDED = Payment(Decimal("100.00"), at("2026-11-05 09:05"), "wechat", refunded_at=at("2026-11-06 09:00"))
UNPAID = replace(PAID, status=OrderStatus.AWAITING_PAYMENT, payment=None)
CANCELLED = replace(PAID, status=OrderStatus.CANCELLED, payment=REFUNDED)


@pytest.mark.parametrize(
    ("order", "stage", "findings"),
    [
        (PAID, Stage.AWAITING_DISPATCH, []),
        (UNPAID, Stage.AWAITING_PAYMENT, []),
        (sent(), Stage.ON_THE_WAY, []),
        (signed(at("2026-11-07 10:00")), Stage.SIGNED, []),
        (sent(delivered_at=NOW), Stage.DELIVERED, []),
        (CANCELLED, Stage.CANCELLED, []),
        (replace(PAID, amount=Decimal("100.01")), Stage.AWAITING_DISPATCH, ["amount_mismatch"]),
        (replace(PAID, payment=None), Stage.AWAITING_DISPATCH, ["payment_missing"]),
        (replace(sent(), payment=None), Stage.ON_THE_WAY, ["payment_missing"]),
        (replace(PAID, status=OrderStatus.AWAITING_PAYMENT), Stage.AWAITING_PAYMENT, ["payment_not_booked"]),
        (replace(PAID, status=OrderStatus.DISPATCHED), Stage.ON_THE_WAY, ["shipment_missing"]),
        (replace(CANCELLED, shipment=shipment()), Stage.CANCELLED, ["dispatched_after_cancel"]),
        (replace(PAID, status=OrderStatus.CANCELLED), Stage.CANCELLED, ["refund_missing"]),
        (replace(signed(NOW), status=OrderStatus.REFUNDED, payment=REFUNDED), Stage.REFUNDED, []),
        (replace(signed(NOW), status=OrderStatus.DISPATCHED), Stage.SIGNED, ["signed_not_booked"]),
        (replace(sent(), status=OrderStatus.SIGNED), Stage.ON_THE_WAY, ["signature_missing"]),
        (sent(lost=True), Stage.ON_THE_WAY, ["carrier_lost"]),
    ],
)
def test_each_disagreement_is_found(order: Order, stage: Stage, findings: list[str]) -> None:
    """The three records are compared with one another, and nothing else is reported."""
    check = check_order(order, NOW)
    assert (stage, findings) == (check.stage, [finding.id for finding in check.findings])


def test_dispatch_is_overdue_after_the_promised_instant() -> None:
    """At the promised instant itself it is not."""
    promised_at = at("2026-11-07 18:00")
    assert check_order(PAID, promised_at).stage is Stage.AWAITING_DISPATCH
    late = check_order(PAID, promised_at + SECOND)
    assert late.stage is Stage.DISPATCH_OVERDUE
    assert [finding.id for finding in late.exceptions] == ["dispatch_overdue"]


@pytest.mark.parametrize(
    ("now", "silent"),
    [("2026-11-08 17:59:59", False), ("2026-11-08 18:00", True)],  # 6 November 18:00 + 48 h
)
def test_a_parcel_is_silent_at_48_hours(now: str, silent: bool) -> None:
    """Counted from the last scan, or from dispatch before the first."""
    for scans in ((DISPATCHED_AT,), ()):
        check = check_order(sent(scans=scans), at(now))
        assert silent == ("no_scan_48h" in [finding.id for finding in check.carrier_findings])


@pytest.mark.parametrize(
    ("now", "overdue"),
    [("2026-11-13 23:59:59", False), ("2026-11-14 00:00", True)],  # day 7 after the 6th is the 13th
)
def test_undelivered_after_seven_days(now: str, overdue: bool) -> None:
    """The seventh day ends at 24:00."""
    check = check_order(sent(), at(now))
    assert overdue == ("undelivered_7_days" in [finding.id for finding in check.carrier_findings])


@pytest.mark.parametrize(
    ("arrived", "now", "late"),
    [
        (None, "2026-11-09 23:59:59", 0),  # 6 + 3 = 9 November
        (None, "2026-11-10 00:00", 1),
        (None, "2026-11-12 08:00", 3),
        ("2026-11-09 20:00", "2026-11-20 08:00", 0),
        ("2026-11-11 01:00", "2026-11-20 08:00", 2),
    ],
)
def test_days_late_count_calendar_days(arrived: str | None, now: str, late: int) -> None:
    """Three days after dispatch are promised; what arrived stops counting."""
    delivered_at: datetime | None = at(arrived) if arrived else None
    assert days_late(shipment(delivered_at=delivered_at), at(now)) == late
