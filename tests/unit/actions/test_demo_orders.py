"""The demo orders show what their captions promise, at any hour of the day they are made."""

from datetime import datetime

import pytest

from actions.after_sales import case_from_order
from actions.checks import check_order
from actions.demo_shop import make_demo_orders
from actions.embedded_shop import to_order
from actions.policy import Policy, decide
from actions.shop import Order
from tests.unit.actions.policy_cases import at

HOURS = [at("2026-11-23 00:05"), at("2026-11-23 12:00"), at("2026-11-23 23:55")]


def make(now: datetime) -> dict[str, Order]:
    """Return the demo orders by the last three digits of their number."""
    return {order.number[-3:]: order for order in map(to_order, make_demo_orders(now))}


@pytest.mark.parametrize("now", HOURS)
@pytest.mark.parametrize(
    ("number", "request_", "reason", "outcome", "rule"),
    [
        ("001", "return", "no_reason", "accept", "return.no_reason"),
        ("002", "return", "no_reason", "refuse", "return.no_reason"),
        ("004", "return", "functional_defect", "refuse", "fault.exchange"),
        ("007", "resend", "lost", "human", "lost"),
        ("009", "exchange", "damaged_in_transit", "accept", "transit.damage"),
        ("010", "exchange", "damaged_in_transit", "human", "transit.damage"),
        ("011", "exchange", "functional_defect", "accept", "warranty.failed"),
        ("012", "return", "no_reason", "refuse", "return.excluded"),
        ("013", "return", "poor_quality", "accept", "fault.return"),
        ("014", "return", "no_reason", "refuse", "return.waivable"),
        ("015", "compensation", "late_delivery", "accept", "late.voucher"),
        ("018", "resend", "lost", "accept", "lost"),
        ("019", "resend", "lost", "accept", "lost"),
        ("021", "return", "no_reason", "refuse", "return.excluded"),
        ("022", "return", "no_reason", "refuse", "return.waivable"),
        ("023", "repair", "accidental_damage", "accept", "damage.30days"),
        ("024", "return", "functional_defect", "accept", "fault.return"),
        ("025", "repair", "functional_defect", "accept", "warranty.repair"),
        ("026", "repair", "functional_defect", "refuse", "warranty.repair"),
        ("027", "exchange", "wrong_item", "accept", "wrong.item"),
        ("028", "resend", "missing_item", "accept", "missing.item"),
        ("029", "return", "fake", "human", "fake"),
        ("032", "return", "no_reason", "human", "human.cross_border"),
        ("042", "exchange", "functional_defect", "refuse", "fault.return"),
        ("043", "refund", "no_reason", "accept", "refund.time"),
        ("044", "refund", "no_reason", "accept", "refund.time"),
        ("046", "return", "no_reason", "refuse", "return.no_reason"),
        ("045", "return", "no_reason", "accept", "return.no_reason"),
        ("047", "return", "no_reason", "accept", "return.no_reason"),
        ("048", "return", "no_reason", "accept", "return.no_reason"),
        ("035", "price_protection", "price_drop", "accept", "price.protection"),
    ],
)
def test_a_demo_order_shows_its_rule(
    policy: Policy, *, now: datetime, number: str, request_: str, reason: str, outcome: str, rule: str
) -> None:
    """Caption and decision agree."""
    order = make(now)[number]
    case = case_from_order(order, order.items[0], request=request_, reason=reason, at=now, intact=True)
    decision = decide(case, policy)
    assert (outcome, rule) == (decision.outcome, decision.rules[0])


@pytest.mark.parametrize("now", HOURS)
@pytest.mark.parametrize(
    ("number", "amount"),
    [("015", "5.00"), ("016", "10.00"), ("017", "20.00")],
)
def test_late_demo_orders_earn_what_their_captions_say(
    policy: Policy, *, now: datetime, number: str, amount: str
) -> None:
    """One, three and six days late."""
    order = make(now)[number]
    case = case_from_order(order, order.items[0], request="compensation", reason="late_delivery", at=now)
    assert str(decide(case, policy).amount) == amount


@pytest.mark.parametrize("now", HOURS)
@pytest.mark.parametrize(("item", "amount"), [(0, "150.00"), (1, "80.00")])
def test_the_demo_bundle_is_settled_as_it_cost(policy: Policy, *, now: datetime, item: int, amount: str) -> None:
    """299.00 for a bag of 219.00 and a lamp of 149.00: what is kept is taken off."""
    order = make(now)["047"]
    case = case_from_order(order, order.items[item], request="return", reason="no_reason", at=now, intact=True)
    assert str(decide(case, policy).amount) == amount


@pytest.mark.parametrize("now", HOURS)
def test_only_the_exceptional_demo_orders_have_exceptions(now: datetime) -> None:
    """Everything else agrees in the three records."""
    found = {
        number: [finding.id for finding in check.exceptions]
        for number, check in ((number, check_order(order, now)) for number, order in make(now).items())
        if check.exceptions
    }
    assert found == {
        "006": ["dispatch_overdue"],
        "008": ["amount_mismatch"],
        "020": ["refund_missing"],
        "031": ["shipment_missing"],
        "036": ["paid_twice"],
    }


@pytest.mark.parametrize("now", HOURS)
def test_nothing_in_a_demo_order_lies_in_the_future(now: datetime) -> None:
    """Only promises may."""
    for order in make(now).values():
        shipment, payment = order.shipment, order.payment
        happened = [order.placed_at, order.cancel_requested_at]
        happened += [payment.paid_at, payment.refunded_at] if payment else []
        happened += [shipment.dispatched_at, shipment.signed_at, shipment.last_scan_at] if shipment else []
        assert all(instant <= now for instant in happened if instant), order.number
