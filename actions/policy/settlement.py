"""What a refund is made of: gifts, bundles, coupons, and the ways it was paid (return rules 12-17). Pure."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from actions.policy.verdict import Bench, Note, Verdict
from actions.shares import split

_NOTHING = Decimal("0.00")


def settle_refund(bench: Bench, verdict: Verdict) -> Verdict:
    """Return the verdict with what a return or refund that is open gives back, part by part."""
    case = bench.case
    if case.request not in {"return", "refund"} or case.request not in verdict.remedies:
        return verdict
    for settle in (_settle_bundle, _settle_gift):
        # What the shop did wrong costs the customer neither discount nor gift.
        if case.reason in {"no_reason", "price_drop"} and case.signed_at:
            verdict = settle(bench, verdict)
    return replace(verdict, notes=(*verdict.notes, *_in_kind(bench), *_by_payment(bench, verdict)))


def _settle_bundle(bench: Bench, verdict: Verdict) -> Verdict:
    """bundle.part: a discount that is lost with the part is settled at the prices of the purchase."""
    case, rule = bench.case, bench.rule("bundle.part")
    if case.bundle_paid is None or case.kept_price is None:
        return verdict
    before = case.bundle_refunded or _NOTHING
    amount = max(case.bundle_paid - before - case.kept_price, _NOTHING)
    facts = {"bundle": case.bundle_paid, "kept": case.kept_price, "refunded": before, "part": amount}
    if (before and "rest" not in rule.texts) or not case.kept_price:
        return replace(verdict, amount=amount)
    note = Note(rule, "rest" if before else "accept", facts)
    return replace(verdict, amount=amount, notes=(*verdict.notes, note))


def _settle_gift(bench: Bench, verdict: Verdict) -> Verdict:
    """gift.back: it goes back too, or its marked price stays here."""
    case, rule = bench.case, bench.rule("gift.back")
    if case.gift_price is None:
        return verdict
    facts = {"gift": case.gift_price}
    if case.gift_returned is not False:
        return replace(verdict, notes=(*verdict.notes, Note(rule, "accept", facts)))
    whole = case.amount if verdict.amount is None else verdict.amount
    amount = None if whole is None else max(whole - case.gift_price, _NOTHING)
    return replace(verdict, amount=amount, notes=(*verdict.notes, Note(rule, "kept", facts)))


def _in_kind(bench: Bench) -> Iterator[Note]:
    """coupon.back: coupons and points come back as what they were."""
    case, rule = bench.case, bench.rule("coupon.back")
    if case.coupon:
        yield Note(rule, "accept", {"coupon": case.coupon})
    if case.points:
        yield Note(rule, "points", {"points": case.points})


def _by_payment(bench: Bench, verdict: Verdict) -> Iterator[Note]:
    """refund.time: each part goes back to the way it was paid."""
    whole = bench.case.amount if verdict.amount is None else verdict.amount
    if bench.case.payments and whole:
        shares = split(whole, [amount for _, amount in bench.case.payments])
        parts = tuple((method, part) for (method, _), part in zip(bench.case.payments, shares, strict=True) if part)
        yield Note(bench.rule("refund.time"), "parts", {"parts": parts})
