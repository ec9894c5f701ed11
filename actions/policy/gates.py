"""What only a person may decide, and facts that cannot all be true: looked for before any rule is asked. Pure."""

from collections.abc import Callable, Iterator
from datetime import datetime

from actions.policy.case import PolicyCase

INJURY = "human.injury"
FAULTS = frozenset({"functional_defect", "poor_quality"})


def is_doubted(case: PolicyCase) -> bool:
    """Tell whether the facts contradict each other or the time they were told at: nothing is decided on such."""
    if any(event > case.at for event in (*case.events, *_events_looked_at(case))):
        return True
    arrived = [event for event in (case.delivered_at, case.signed_at, case.returned_at) if event]
    if case.dispatched_at and any(event < case.dispatched_at for event in arrived):
        return True
    came_at = case.signed_at or case.delivered_at
    if came_at and case.returned_at and case.returned_at < came_at:
        return True
    return _is_delivery_doubted(case) or _is_money_doubted(case)


def _events_looked_at(case: PolicyCase) -> Iterator[datetime]:
    """The further events on which a rule for this reason counts."""
    if case.reason == "lost" and case.last_scan_at:
        yield case.last_scan_at
    if case.reason in FAULTS:
        yield from (event for event in (case.installed_at, case.exchanged_at) if event)


def _is_delivery_doubted(case: PolicyCase) -> bool:
    """Tell whether goods are said to be late or lost that were used, though nobody recorded that they came."""
    return case.reason in {"late_delivery", "lost"} and case.is_in_hand and not (case.delivered_at or case.signed_at)


def _is_money_doubted(case: PolicyCase) -> bool:
    """Parts that do not make the payment, goods or a bundle for more than it; one half of a bundle's account."""
    made = sum(amount for _, amount in case.payments)
    if case.payments and case.paid not in {None, made}:
        return True
    paid = made if case.payments else case.paid
    if paid is not None and max(case.amount or 0, case.bundle_paid or 0) > paid:
        return True
    return (case.bundle_paid is None) != (case.kept_price is None)


# In this order: the first that holds is the reason that is told.
_GATES: tuple[tuple[str, Callable[[PolicyCase], bool]], ...] = (
    (INJURY, lambda case: case.injury),
    ("human.doubted", is_doubted),
    ("human.cross_border", lambda case: case.cross_border),
    ("human.under_18", lambda case: case.under_18),
    ("human.abuse", lambda case: case.suspected_abuse),
    ("human.freight", lambda case: case.freight_disputed),
)


def find_shut_gate(case: PolicyCase) -> str | None:
    """Return the rule by which a person must decide, or None where the rules may."""
    return next((rule for rule, holds in _GATES if holds(case)), None)
