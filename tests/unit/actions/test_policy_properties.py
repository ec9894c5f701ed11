"""What holds of every decision, whatever the case."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from actions.policy import Policy, PolicyCase, decide, load_default_policy
from actions.policy.case import KINDS, PAYMENT_METHODS, REASONS, REQUESTS

POLICY: Policy = load_default_policy()
START = datetime(2026, 1, 1, tzinfo=UTC)

instants = st.integers(0, 800 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
optional_instants = st.none() | instants
cases = st.builds(
    PolicyCase,
    request=st.sampled_from(REQUESTS),
    reason=st.sampled_from(REASONS),
    at=instants,
    kind=st.sampled_from(KINDS),
    intact=st.sampled_from([True, False, None]),
    confirmed_nonreturnable=st.booleans(),
    unsealed=st.booleans(),
    liquid_or_deliberate=st.booleans(),
    in_stock=st.booleans(),
    repairs=st.integers(0, 3),
    repair_days=st.integers(0, 40),
    installed_at=optional_instants,
    cross_border=st.booleans(),
    amount=st.none() | st.decimals(0, 9999, places=2),
    paid_at=optional_instants,
    dispatched_at=optional_instants,
    delivered_at=optional_instants,
    signed_at=optional_instants,
    last_scan_at=optional_instants,
    carrier_lost=st.booleans(),
    exchanged_at=optional_instants,
    part=st.sampled_from([None, "battery", "compressor"]),
    injury=st.booleans(),
    gift_price=st.none() | st.decimals(0, 99, places=2),
    gift_returned=st.sampled_from([True, False, None]),
    returned_at=optional_instants,
    payments=st.lists(st.tuples(st.sampled_from(PAYMENT_METHODS), st.decimals(0, 9999, places=2)), max_size=3).map(
        tuple
    ),
    paid=st.none() | st.decimals(0, 9999, places=2),
    bundle_paid=st.none() | st.decimals(0, 9999, places=2),
    kept_price=st.none() | st.decimals(0, 9999, places=2),
    bundle_refunded=st.none() | st.decimals(0, 9999, places=2),
    coupon=st.none() | st.decimals(0, 99, places=2),
    points=st.integers(0, 999),
    freight_insured=st.booleans(),
    freight_disputed=st.booleans(),
    under_18=st.booleans(),
    suspected_abuse=st.booleans(),
    price_same_item=st.booleans(),
    price_same_seller=st.booleans(),
    price_now=st.none() | st.decimals(0, 9999, places=2),
)

_STEPS = ("paid_at", "dispatched_at", "delivered_at", "signed_at", "installed_at", "exchanged_at", "returned_at")
GATES_OPEN: dict[str, Any] = {
    "injury": False, "cross_border": False, "under_18": False, "suspected_abuse": False, "freight_disputed": False,
    "payments": (), "bundle_paid": None, "kept_price": None,
}  # fmt: skip


@st.composite
def coherent_cases(draw: st.DrawFn) -> PolicyCase:
    """Cases whose facts can all be true, so that the rules decide and not the gates."""
    at, events = START, {}
    for name in _STEPS:
        at += timedelta(minutes=draw(st.integers(0, 9 * 24 * 60)))
        events[name] = at if draw(st.booleans()) else None
    told_at = at + timedelta(minutes=draw(st.integers(0, 420 * 24 * 60)))
    return replace(draw(cases), at=told_at, last_scan_at=None, **events, **GATES_OPEN)


every_case = cases | coherent_cases()


@given(every_case)
def test_outcome_agrees_with_remedies(case: PolicyCase) -> None:
    """Accepted means the requested remedy is among the open ones; else it is not, whatever is open beside it."""
    decision = decide(case, POLICY)
    assert (decision.outcome == "accept") == (case.request in decision.remedies)
    assert decision.outcome != "human" or set(decision.remedies) <= {"compensation", "price_protection"}


@given(every_case)
def test_every_decision_names_its_rule_and_speaks_three_languages(case: PolicyCase) -> None:
    """No decision without a rule, a clause and a sentence that is complete."""
    decision = decide(case, POLICY)
    assert decision.rules
    assert decision.clauses
    assert {"zh-Hans", "zh-Hant", "en"} == set(decision.explanation)
    assert all(text and "{" not in text for text in decision.explanation.values())
    assert not any("  " in text or "None" in text for text in decision.explanation.values())


@given(
    every_case,
    st.sampled_from(["no_reason", "functional_defect", "poor_quality", "accidental_damage", "price_drop"]),
    st.integers(0, 60 * 24 * 60),
    st.integers(0, 60 * 24 * 500),
)
def test_a_later_request_never_opens_what_was_closed(case: PolicyCase, reason: str, wait: int, minutes: int) -> None:
    """Time takes remedies away and gives none, once every fact of the case has come to pass."""
    usual = replace(case, reason=reason, paid_at=case.paid_at or START, **GATES_OPEN)
    known_at = max((*usual.events, *(fact for fact in (usual.installed_at, usual.exchanged_at) if fact)))
    early = replace(usual, at=known_at + timedelta(minutes=wait))
    late = replace(early, at=early.at + timedelta(minutes=minutes))
    assert set(decide(late, POLICY).remedies) <= set(decide(early, POLICY).remedies)


@given(every_case)
def test_remedies_never_contradict_each_other(case: PolicyCase) -> None:
    """No remedy twice, none from the shop's stock when it is empty, no shipping where nothing is open."""
    decision = decide(case, POLICY)
    assert len(set(decision.remedies)) == len(decision.remedies)
    assert case.in_stock or not {"exchange", "resend"} & set(decision.remedies)
    assert decision.remedies or decision.shipping == "none"
    assert set(decision.offered) <= {*decision.remedies, "return", "refund"}
    assert bool(decision.offered) == bool(decision.remedies)
    assert not (decision.outcome == "refuse" and case.request in decision.remedies)


@given(every_case)
def test_amounts_are_whole_cents_and_never_negative(case: PolicyCase) -> None:
    """Money is exact."""
    amount = decide(case, POLICY).amount
    assert amount is None or (0 <= amount and amount == amount.quantize(Decimal("0.01")))
