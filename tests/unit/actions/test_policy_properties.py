"""What holds of every decision, whatever the case."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from actions.policy import Policy, PolicyCase, decide, load_default_policy
from actions.policy.case import KINDS, REASONS, REQUESTS

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
    price_now=st.none() | st.decimals(0, 9999, places=2),
)


@given(cases)
def test_outcome_agrees_with_remedies(case: PolicyCase) -> None:
    """Accepted means the requested remedy is among the open ones, refused that it is not."""
    decision = decide(case, POLICY)
    assert (decision.outcome == "accept") == (case.request in decision.remedies)
    assert decision.outcome != "human" or decision.remedies == ()


@given(cases)
def test_every_decision_names_its_rule_and_speaks_three_languages(case: PolicyCase) -> None:
    """No decision without a rule, a clause and a sentence that is complete."""
    decision = decide(case, POLICY)
    assert decision.rules
    assert decision.clauses
    assert {"zh-Hans", "zh-Hant", "en"} == set(decision.explanation)
    assert all(text and "{" not in text for text in decision.explanation.values())


@given(cases, st.sampled_from(["no_reason", "functional_defect", "accidental_damage"]), st.integers(0, 60 * 24 * 500))
def test_a_later_request_never_opens_what_was_closed(case: PolicyCase, reason: str, minutes: int) -> None:
    """Time takes remedies away and gives none."""
    early = replace(case, reason=reason)
    late = replace(early, at=early.at + timedelta(minutes=minutes), paid_at=early.paid_at or START)
    early = replace(early, paid_at=early.paid_at or START)
    assert set(decide(late, POLICY).remedies) <= set(decide(early, POLICY).remedies)


@given(cases)
def test_amounts_are_whole_cents_and_never_negative(case: PolicyCase) -> None:
    """Money is exact."""
    amount = decide(case, POLICY).amount
    assert amount is None or (amount >= 0 and amount == amount.quantize(Decimal("0.01")))
