"""Three checks and one inspection (§1.2)."""

import inspect
import re
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from actions import checks
from actions.checks import Stage, check_order, days_late
from actions.days import SHOP_ZONE
from actions.shop import Order, OrderStatus, Payment, PaymentPart
from bot.texts import Catalogue
from tests.unit.actions.order_samples import DISPATCHED_AT, PAID, sent, shipment, signed
from tests.unit.actions.policy_cases import SECOND, at

NOW = at("2026-11-07 12:00")
# Where the order or its parcel is told, these are told with it.
TOLD_OTHERWISE = {"dispatch_overdue", "days_late", "carrier_lost", "no_scan_48h", "undelivered_7_days"}
REFUNDED = Payment(Decimal("100.00"), at("2026-11-05 09:05"), "wechat", refunded_at=at("2026-11-06 09:00"))
LATER_REFUNDED = replace(REFUNDED, refunded_at=NOW)
UNPAID = replace(PAID, status=OrderStatus.AWAITING_PAYMENT, payment=None)
CANCELLED = replace(PAID, status=OrderStatus.CANCELLED, payment=REFUNDED)


def paid_in(card: str, balance: str) -> Order:
    """The order of 100.00, paid in two ways."""
    parts = (PaymentPart("card", Decimal(card)), PaymentPart("balance", Decimal(balance)))
    return replace(PAID, payment=Payment(Decimal("100.00"), at("2026-11-05 09:05"), "card", parts=parts))


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
        (paid_in("60.00", "40.00"), Stage.AWAITING_DISPATCH, []),
        (paid_in("60.00", "39.99"), Stage.AWAITING_DISPATCH, ["parts_mismatch"]),
        (paid_in("60.00", "40.01"), Stage.AWAITING_DISPATCH, ["parts_mismatch"]),
        (replace(PAID, payment=None), Stage.AWAITING_DISPATCH, ["payment_missing"]),
        (replace(sent(), payment=None), Stage.ON_THE_WAY, ["payment_missing"]),
        (replace(PAID, status=OrderStatus.AWAITING_PAYMENT), Stage.AWAITING_PAYMENT, ["payment_not_booked"]),
        (replace(PAID, status=OrderStatus.DISPATCHED), Stage.ON_THE_WAY, ["shipment_missing"]),
        (replace(CANCELLED, shipment=shipment()), Stage.CANCELLED, ["dispatched_after_cancel"]),
        (replace(PAID, status=OrderStatus.CANCELLED), Stage.CANCELLED, ["refund_missing"]),
        (replace(signed(NOW), status=OrderStatus.REFUNDED, payment=LATER_REFUNDED), Stage.REFUNDED, []),
        (replace(signed(NOW), status=OrderStatus.DISPATCHED), Stage.SIGNED, ["signed_not_booked"]),
        (replace(sent(), status=OrderStatus.SIGNED), Stage.ON_THE_WAY, ["signature_missing"]),
        (sent(lost=True), Stage.ON_THE_WAY, ["carrier_lost"]),
    ],
)
def test_each_disagreement_is_found(order: Order, stage: Stage, findings: list[str]) -> None:
    """The three records are compared with one another, and nothing else is reported."""
    check = check_order(order, NOW)
    assert (stage, findings) == (check.stage, [finding.id for finding in check.findings])


ASKED = at("2026-11-06 12:00")  # six hours before dispatch
LATER = at("2026-11-08 12:00")
AT_THE_DOOR = Payment(Decimal("100.00"), None, "cash")
BACK = replace(REFUNDED, refunded_at=at("2026-11-06 09:00"))


@pytest.mark.parametrize(
    ("order", "now", "finding", "severity"),
    [
        (replace(sent(), status=OrderStatus.PAID), at("2026-11-07 18:01"), "dispatch_not_booked", "exception"),
        (replace(PAID, cancel_requested_at=ASKED), at("2026-11-07 12:01"), "cancel_pending", "exception"),
        (replace(sent(), cancel_requested_at=ASKED), NOW, "dispatched_despite_request", "exception"),
        (replace(sent(), payment=BACK, status=OrderStatus.REFUNDED), NOW, "dispatched_after_refund", "exception"),
        (replace(sent(), payment=replace(BACK, refunded_at=NOW), status=OrderStatus.REFUNDED), NOW,
         "refunded_on_the_way", "notice"),
        (replace(PAID, payment=BACK), NOW, "refund_not_booked", "exception"),
        (replace(PAID, payment=None, status=OrderStatus.REFUNDED), NOW, "refund_without_payment", "exception"),
        (replace(PAID, payment=replace(REFUNDED, refunded_at=None, paid_at=at("2026-11-05 08:49"))), NOW,
         "paid_before_order", "exception"),
        (sent(dispatched_at=at("2026-11-05 08:54")), NOW, "dispatched_before_payment", "exception"),
        (sent(dispatched_at=at("2026-11-05 08:49")), NOW, "dispatched_before_order", "exception"),
        (replace(sent(signed_at=at("2026-11-06 17:49")), status=OrderStatus.SIGNED), NOW, "arrived_before_dispatch",
         "exception"),
        (replace(sent(signed_at=LATER), status=OrderStatus.SIGNED), at("2026-11-08 11:49"), "dated_ahead", "exception"),
        (sent(tracking_number="-"), NOW, "tracking_missing", "exception"),
        (sent(tracking_number="SF0000"), NOW, "tracking_missing", "exception"),
        (replace(sent(signed_at=NOW, scans=()), status=OrderStatus.SIGNED), NOW, "delivered_unscanned", "notice"),
        (replace(sent(signed_at=NOW, lost=True), status=OrderStatus.SIGNED), NOW, "lost_but_signed", "carrier"),
        (replace(signed(at("2026-11-07 11:59")), shipment=shipment(signed_at=at("2026-11-07 11:59"),
                                                                   scans=(DISPATCHED_AT, LATER))),
         LATER, "moved_after_signing", "carrier"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_named(order: Order, now: datetime, finding: str, severity: str) -> None:
    """Whatever two records say against one another, or one against itself, and who must look."""
    found = {each.id: each.severity for each in check_order(order, now).findings}
    assert severity == found.get(finding), found


@pytest.mark.parametrize(
    ("order", "now"),
    [
        (replace(sent(), status=OrderStatus.PAID), at("2026-11-07 18:00")),  # booked within a day
        (replace(PAID, cancel_requested_at=ASKED), at("2026-11-07 12:00")),
        (replace(sent(), cancel_requested_at=NOW), NOW),  # asked when it had left
        (sent(dispatched_at=at("2026-11-05 08:55")), NOW),  # clocks differ by ten minutes
        (replace(PAID, payment=replace(REFUNDED, refunded_at=None, paid_at=at("2026-11-05 08:50"))), NOW),
        (replace(sent(), payment=AT_THE_DOOR), NOW),  # paid when it comes
        (replace(sent(signed_at=at("2026-11-07 12:10")), status=OrderStatus.SIGNED), NOW),
    ],
)
def test_what_may_be_so_is_no_finding(order: Order, now: datetime) -> None:
    """Systems follow one another, and their clocks differ."""
    assert [] == [each.id for each in check_order(order, now).findings]


def test_what_came_and_was_not_paid_at_the_door_is_missing() -> None:
    """Cash on delivery is due on delivery."""
    came = replace(sent(delivered_at=NOW), payment=AT_THE_DOOR)
    assert ["payment_missing"] == [each.id for each in check_order(came, NOW).findings]


FINDINGS = sorted(set(re.findall(r'Finding\("([a-z0-9_]+)"', inspect.getsource(checks))))


@pytest.mark.parametrize("finding", FINDINGS)
def test_every_finding_has_its_words(finding: str) -> None:
    """For those who work here; and for the customer, unless the parcel's own sentences say it."""
    for language in ("zh-Hans", "zh-Hant", "en"):
        assert f"word.{finding}" in Catalogue("console", zone=SHOP_ZONE).texts(language)
        assert finding in TOLD_OTHERWISE or f"finding.{finding}" in Catalogue("dialogue", zone=SHOP_ZONE).texts(
            language
        )


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
