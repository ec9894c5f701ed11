"""How long what is faulty is put right: the periods that the policy counts for goods (product §3). Pure."""

from dataclasses import dataclass
from datetime import datetime

from actions.policy.case import PolicyCase
from actions.policy.goods_rules import find_warranty
from actions.policy.rules import Policy
from actions.policy.verdict import Bench


@dataclass(frozen=True)
class Warranty:
    """Periods of one item; each end is exclusive. `return_until`: faults go back; None after that is nobody's right.

    `starts_at`, `until`: free repair, None for goods that have no warranty. `accident_until`: the shop's own promise.
    """

    return_until: datetime
    starts_at: datetime | None = None
    until: datetime | None = None
    accident_until: datetime | None = None


def describe_warranty(case: PolicyCase, policy: Policy) -> Warranty | None:
    """Return the periods for the goods of a case, by the version in force when they were paid; None before delivery."""
    if case.signed_at is None:
        return None
    bench = Bench(case, policy, dict(policy.version_at(case.bought_at).rules))
    returned, damaged = bench.rule("fault.return"), bench.rule("damage.30days")
    starts_at, until = None, None
    if case.kind in bench.rule("fault.exchange").kinds:
        starts_at, until = find_warranty(bench, case.signed_at)
    accident = case.kind in damaged.kinds
    return Warranty(
        return_until=policy.end_of_right(case.signed_at, returned.days),
        starts_at=starts_at,
        until=until,
        accident_until=policy.end_of_promise(case.signed_at, damaged.days) if accident else None,
    )
