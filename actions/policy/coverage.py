"""What a version of the policy covers, found by asking its rules about every kind of case. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

from actions.policy.case import KINDS, REASONS, REQUESTS, PolicyCase
from actions.policy.engine import judge, settle
from actions.policy.gates import FAULTS
from actions.policy.rules import Policy, PolicyVersion
from actions.policy.verdict import NONE_FITS, Bench

Combination = tuple[str, str, str]

# Which days these are does not matter: holidays are left out of account here.
_PAID_AT = datetime(2026, 3, 2, 4, tzinfo=UTC)
_SENT_AT = _PAID_AT + timedelta(days=1)
_SIGNED_AT = _SENT_AT + timedelta(days=4)
_NEVER_CAME: dict[str, Any] = {"delivered_at": None, "signed_at": None}
_PRICE = Decimal("100.00")
_MANY = 36500
# What an ordinary case lacks and some rule looks at; `told_after` is days from signing.
_VARIANTS: tuple[dict[str, Any], ...] = (
    {"dispatched_at": None, **_NEVER_CAME},
    {**_NEVER_CAME, "told_after": 30},
    {"confirmed_nonreturnable": True, "unsealed": True},
    {"confirmed_nonreturnable": True},
    {"in_stock": False},
    {"freight_insured": True},
    {"freight_disputed": True},
    {"returned_at": _SIGNED_AT},
    {"gift_price": _PRICE},
    {"bundle_paid": _PRICE, "kept_price": _PRICE},
    {"coupon": _PRICE},
    {"injury": True},
    {"cross_border": True},
    {"under_18": True},
    {"suspected_abuse": True},
    {"paid_at": _SIGNED_AT + timedelta(days=9)},
)


@dataclass
class Coverage:
    """`remedies`, best first, by rule that ever decides or adds to a decision; `unfit`: combinations without a rule."""

    remedies: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unfit: set[Combination] = field(default_factory=set)


def survey(policy: Policy, version: PolicyVersion) -> Coverage:
    """Ask a version about every request, reason and kind: at the end of each period and after it, and in each variant.

    A combination is unfit where an ordinary case of it (sent, signed for, everything known) falls to none.fits.
    """
    plain = replace(policy, holiday_extension=False)
    coverage = Coverage()
    for case, is_ordinary in _cases(version):
        bench = Bench(case, plain, dict(version.rules))
        verdict = judge(bench)
        if is_ordinary and verdict.rule.id == NONE_FITS:
            coverage.unfit.add((case.request, case.reason, case.kind))
        for rule in settle(bench, verdict).rules:
            coverage.remedies.setdefault(rule.id, ())
        seen = coverage.remedies[verdict.rule.id]
        coverage.remedies[verdict.rule.id] = tuple(dict.fromkeys((*seen, *verdict.remedies)))
    return coverage


def _cases(version: PolicyVersion) -> Iterator[tuple[PolicyCase, bool]]:
    told = sorted({0} | {day for days in _periods(version) for day in (days, days + 1)})
    for request, reason, kind in product(REQUESTS, REASONS, KINDS):
        ordinary = _ordinary(request, reason, kind)
        for days in told:
            told_at = _SIGNED_AT + timedelta(days=days)
            yield replace(ordinary, at=told_at), True
            if reason in FAULTS:
                yield replace(ordinary, at=told_at, repairs=_MANY), False
        for variant in _VARIANTS:
            changes = dict(variant)
            at = _SIGNED_AT + timedelta(days=changes.pop("told_after", 1))
            yield replace(ordinary, at=at, **changes), False


def _periods(version: PolicyVersion) -> set[int]:
    return {rule.days for rule in version.rules.values()} | {
        days for rule in version.rules.values() for days in rule.days_by_kind.values()
    }


def _ordinary(request: str, reason: str, kind: str) -> PolicyCase:
    return PolicyCase(
        request=request,
        reason=reason,
        at=_SIGNED_AT,
        kind=kind,
        intact=True,
        amount=_PRICE,
        paid_at=_PAID_AT,
        dispatched_at=_SENT_AT,
        delivered_at=_SIGNED_AT,
        signed_at=_SIGNED_AT,
        last_scan_at=_SIGNED_AT,
        price_now=_PRICE / 2,
    )
