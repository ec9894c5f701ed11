"""Severity = seriousness x reach, raised by signals (product §4)."""

from dataclasses import replace
from decimal import Decimal

import pytest

from escalation.severity import Reach, Seriousness, Signals, Tier, compute_tier


@pytest.mark.parametrize(
    ("seriousness", "tiers"),
    [
        ("nuisance", ["general", "general", "major"]),
        ("loss", ["general", "major", "critical"]),
        ("safety", ["critical", "critical", "critical"]),
    ],
)
def test_the_table(seriousness: str, tiers: list[str]) -> None:
    """One order, several orders of one customer, many customers."""
    assert tiers == [compute_tier(Seriousness(seriousness), reach, Signals())[0].value for reach in Reach]


@pytest.mark.parametrize(
    ("signals", "expected"),
    [
        (Signals(order_amount=Decimal("2000.00")), "general"),  # over 2,000, not 2,000
        (Signals(order_amount=Decimal("2000.01")), "major"),
        (Signals(contacts=2), "general"),
        (Signals(contacts=3), "major"),
        (Signals(reopenings=1), "general"),
        (Signals(reopenings=2), "major"),
        (Signals(threat=True), "major"),
        (Signals(threat=True, contacts=3), "critical"),
        (Signals(threat=True, contacts=3, reopenings=2), "critical"),
        (Signals(complaint=True), "major"),
        (Signals(policy_tier=Tier.CRITICAL), "critical"),
    ],
)
def test_signals_raise_a_nuisance(signals: Signals, expected: str) -> None:
    """One tier up for each, never beyond critical; a complaint is at least major."""
    assert expected == compute_tier(Seriousness.NUISANCE, Reach.ONE_ORDER, signals)[0].value


def test_the_reasons_name_what_raised_it() -> None:
    """The table's cell first, then each signal."""
    signals = replace(Signals(), threat=True, contacts=3)
    _tier, reasons = compute_tier(Seriousness.LOSS, Reach.ONE_ORDER, signals)
    assert "loss:one_order" == reasons[0]
    assert {"threat", "third_contact"} == set(reasons[1:])
