"""Severity = seriousness x reach (§4.3), raised by signals. The reasons are kept and shown."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Tier(StrEnum):
    """How fast everything must go."""

    GENERAL = "general"
    MAJOR = "major"
    CRITICAL = "critical"


class Seriousness(StrEnum):
    """What the matter does to the customer."""

    NUISANCE = "nuisance"
    LOSS = "loss"
    SAFETY = "safety"


class Reach(StrEnum):
    """How many it concerns."""

    ONE_ORDER = "one_order"
    SEVERAL_ORDERS = "several_orders"
    MANY_CUSTOMERS = "many_customers"


_TIERS = list(Tier)
_TABLE: dict[Seriousness, tuple[Tier, Tier, Tier]] = {
    Seriousness.NUISANCE: (Tier.GENERAL, Tier.GENERAL, Tier.MAJOR),
    Seriousness.LOSS: (Tier.GENERAL, Tier.MAJOR, Tier.CRITICAL),
    Seriousness.SAFETY: (Tier.CRITICAL, Tier.CRITICAL, Tier.CRITICAL),
}
# Order values above this raise the tier (product §4), in yuan.
HIGH_VALUE = Decimal(2000)
# The same product and fault from so many customers in seven days concern many.
MANY = 5
THIRD_CONTACT = 3
RAISED_AT_REOPENING = 2


@dataclass(frozen=True)
class Signals:
    """What raises a tier.

    The order's value in yuan, contacts about the matter in 7 days with this one, reopenings, a threat to go public or
    to the authorities; a tier that the policy demands; a complaint is at least major.
    """

    order_amount: Decimal | None = None
    contacts: int = 1
    reopenings: int = 0
    threat: bool = False
    complaint: bool = False
    policy_tier: Tier | None = None


def compute_tier(seriousness: Seriousness, reach: Reach, signals: Signals) -> tuple[Tier, tuple[str, ...]]:
    """Return the tier and the reasons for it, as codes: the table's cell first, then each signal."""
    tier = _TABLE[seriousness][list(Reach).index(reach)]
    reasons = [f"{seriousness}:{reach}"]
    for reason, raised in _raising(signals):
        if raised:
            tier = raise_tier(tier)
            reasons.append(reason)
    for reason, floor in (("complaint", Tier.MAJOR if signals.complaint else None), ("policy", _floor(signals))):
        if floor and _TIERS.index(floor) > _TIERS.index(tier):
            tier = floor
            reasons.append(reason)
    return tier, tuple(reasons)


def raise_tier(tier: Tier) -> Tier:
    """Return the tier above; there is none above critical."""
    return _TIERS[min(_TIERS.index(tier) + 1, len(_TIERS) - 1)]


def _floor(signals: Signals) -> Tier | None:
    """The policy's tier counts only where it is critical (fakes, unsafe food): the rest is judged here, once."""
    return signals.policy_tier if signals.policy_tier is Tier.CRITICAL else None


def _raising(signals: Signals) -> tuple[tuple[str, bool], ...]:
    return (
        ("high_value", signals.order_amount is not None and signals.order_amount > HIGH_VALUE),
        ("third_contact", signals.contacts >= THIRD_CONTACT),
        ("second_reopening", signals.reopenings >= RAISED_AT_REOPENING),
        ("threat", signals.threat),
    )
