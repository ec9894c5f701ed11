"""The rules about money alone: late deliveries, price protection, compensation (product §3). Pure."""

from decimal import ROUND_HALF_UP, Decimal

from actions.policy.goods_rules import judge_lost
from actions.policy.rules import Rule
from actions.policy.verdict import NONE_FITS, Bench, Note, Verdict

_CENT = Decimal("0.01")
# What a reason means for the customer; what is not here has no compensation by rule.
_CAUSES = {
    "poor_quality": "nuisance",
    "wrong_item": "nuisance",
    "missing_item": "nuisance",
    "functional_defect": "loss_of_use",
    "damaged_in_transit": "loss_of_use",
    "lost": "loss_of_use",
}


def judge_late(bench: Bench) -> Verdict:
    """late.voucher: so much for each step of lateness; while nothing has come the order may also be cancelled."""
    case, rule = bench.case, bench.rule("late.voucher")
    if case.dispatched_at is None:
        return bench.leave(rule.id, "unknown")
    until = bench.policy.end_of_promise(case.dispatched_at, rule.days)
    came_at = min((at for at in (case.delivered_at, case.signed_at) if at), default=None)
    local = [at.astimezone(bench.policy.zone).date() for at in (case.dispatched_at, came_at or case.at)]
    late = (local[1] - local[0]).days - rule.days
    facts = {"start_at": case.dispatched_at, "days": rule.days, "late": late}
    if late <= 0:
        facts |= {"came_at": came_at}
        return Verdict(rule, until=until, text="in_time" if came_at else "refuse", facts=facts)
    remedies = ("compensation",) if case.is_in_hand else ("compensation", "refund")
    voucher = _step(rule, late)
    cancels = case.request in {"refund", "return"} and not case.is_in_hand
    facts |= {"until_at": until, "voucher": voucher}
    says_refund = case.request in remedies and "refund" in remedies and "refund" in rule.texts
    # What a customer gets who cancels is the money back; the voucher is told beside it.
    notes = (Note(rule, "refund"),) if says_refund else ()
    return Verdict(rule, remedies, amount=case.amount if cancels else voucher, facts=facts, notes=notes)


def _step(rule: Rule, late: int) -> Decimal:
    return next(amount for days, amount in rule.steps if days is None or late <= days)


def judge_price_drop(bench: Bench) -> Verdict:
    """price.protection: the difference, if the price fell within the days after payment."""
    case, rule = bench.case, bench.rule("price.protection")
    if case.paid_at is None:
        return bench.leave(rule.id, "unknown")
    until = bench.policy.end_of_promise(case.paid_at, rule.days)
    facts = {"start_at": case.paid_at, "days": rule.days, "paid": case.amount, "price_now": case.price_now}
    if case.at >= until:
        return Verdict(rule, until=until, text="late", facts=facts)
    if case.amount is None or case.price_now is None:
        return bench.leave(rule.id, "unknown")
    if not (case.price_same_item and case.price_same_seller):
        return Verdict(rule, until=until, text="other", facts=facts)
    if case.price_now >= case.amount:
        return Verdict(rule, until=until, facts=facts)
    return Verdict(rule, ("price_protection",), until=until, amount=case.amount - case.price_now, facts=facts)


def judge_compensation(bench: Bench) -> Verdict:
    """compensation: a share of what was paid, by cause, between least and most."""
    case, rule = bench.case, bench.rule("compensation")
    cause = _CAUSES.get(case.reason)
    if cause is None:
        return bench.leave(NONE_FITS)
    if case.reason == "lost":
        lost = judge_lost(bench)
        if not lost.remedies:
            return lost
    elif case.signed_at is None and case.delivered_at is None:
        return bench.leave(rule.id, "unsigned")
    if case.amount is None:
        return bench.leave(rule.id, "unknown")
    if case.reason in {"functional_defect", "poor_quality"} and case.repairs:
        cause = "second_failure"
    rate = rule.rates[cause]
    share = (case.amount * rate / 100).quantize(_CENT, ROUND_HALF_UP)
    amount = min(max(share, rule.least), rule.most)
    text = "least" if share < amount else "most" if share > amount else None
    return Verdict(rule, ("compensation",), amount=amount, text=text, facts={"rate": rate, "paid": case.amount})
