"""The one pure decision function (product §3): a case and the policy in, a decision with its reasons out."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from actions.policy import gates, goods_rules, money_rules
from actions.policy.case import PolicyCase
from actions.policy.decision import Decision, Explanation, Outcome, Tier
from actions.policy.explain import explain
from actions.policy.rules import Policy
from actions.policy.settlement import settle_refund
from actions.policy.verdict import NONE_FITS, Bench, Note, Verdict

# "Value over 2,000 yuan" is one tier up (product §4).
_LARGE_VALUE = Decimal(2000)

_JUDGES: dict[str, Callable[[Bench], Verdict]] = {
    "no_reason": goods_rules.judge_no_reason,
    "functional_defect": goods_rules.judge_fault,
    "poor_quality": goods_rules.judge_fault,
    "accidental_damage": goods_rules.judge_accident,
    "wrong_item": goods_rules.judge_wrong_item,
    "missing_item": goods_rules.judge_missing_item,
    "damaged_in_transit": goods_rules.judge_transit_damage,
    "fake": goods_rules.judge_fake,
    "unsafe": goods_rules.judge_unsafe,
    "lost": goods_rules.judge_lost,
    "late_delivery": money_rules.judge_late,
    "price_drop": money_rules.judge_price_drop,
}
_URGENT = frozenset({"fake", "unsafe"})
# A return is a refund to the customer, and a refund of goods in hand is a return: either word asks for both.
# Reasons that find no fault with the goods: such goods may be sent back like any that are not wanted.
_NO_FAULT = frozenset({"late_delivery", "price_drop"})
_SAME = {"return": "refund", "refund": "return"}


def decide(case: PolicyCase, policy: Policy) -> Decision:
    """Decide a case by the version in force when it was paid (if that is unknown, at the earliest we know of it)."""
    version = policy.version_at(case.bought_at)
    bench = Bench(case, policy, dict(version.rules))
    judged = judge(bench)
    verdict, offered = settle(bench, judged), _offered(bench, (*judged.remedies, *judged.beside))
    remedies, outcome = verdict.remedies, _outcome(case, verdict)
    rules = tuple(rule.id for rule in verdict.rules)
    clauses = tuple(dict.fromkeys(clause for rule in verdict.rules for clause in rule.clauses))
    texts = explain(verdict, outcome, offered, bench)
    return Decision(
        outcome=outcome,
        remedies=remedies,
        offered=offered,
        shipping=verdict.shipping if remedies else "none",
        amount=verdict.amount.quantize(Decimal("0.01")) if verdict.amount is not None else None,
        tier=_tier(case, verdict),
        rules=rules,
        clauses=clauses,
        evidence_required=_evidence(case, verdict),
        until=verdict.until,
        explanation=Explanation(texts, request=case.request, outcome=outcome, rules=rules, clauses=clauses),
        zone=policy.zone,
    )


def settle(bench: Bench, verdict: Verdict) -> Verdict:
    """Return a verdict with its remedies in the words the customer used, and with what a refund is made of."""
    remedies = _in_the_customers_words(bench.case.request, verdict.remedies)
    return settle_refund(bench, replace(verdict, remedies=(*remedies, *verdict.beside)))


def judge(bench: Bench) -> Verdict:
    """Return what the rules say of a case."""
    case = bench.case
    if case.reason in _URGENT:
        return _JUDGES[case.reason](bench)
    shut = gates.find_shut_gate(case)
    if shut:
        return replace(bench.leave(shut), critical=shut == gates.INJURY)
    return _judge_money_back(bench) or _judge_by_reason(bench)


def _judge_money_back(bench: Bench) -> Verdict | None:
    """refund.time, where the goods are back with us or have never left; None where neither is so."""
    if bench.case.request in _SAME and bench.case.returned_at:
        return goods_rules.judge_returned(bench)
    return goods_rules.judge_unsent(bench) if goods_rules.is_cancelling(bench.case) else None


def _judge_by_reason(bench: Bench) -> Verdict:
    case = bench.case
    if case.request == "price_protection" and case.reason != "price_drop":
        return bench.leave(NONE_FITS)
    if case.request in _SAME and case.reason in _NO_FAULT:
        return _judge_unwanted(bench)
    if case.request == "compensation" and case.reason not in {"late_delivery", "price_drop"}:
        return money_rules.judge_compensation(bench)
    return _JUDGES[case.reason](bench)


def _judge_unwanted(bench: Bench) -> Verdict:
    """Who needs no reason to send it back may have one: return.no_reason decides, and the reason's rule beside it."""
    reason = _JUDGES[bench.case.reason](bench)
    if bench.case.reason == "late_delivery" and not bench.case.is_in_hand:
        return reason  # the right to cancel what is still on its way
    unwanted = goods_rules.judge_no_reason(bench)
    if unwanted.remedies or unwanted.human:
        return _add_beside(unwanted, reason) if reason.remedies else unwanted
    if reason.remedies or reason.human:
        return reason
    return replace(unwanted, also=(*unwanted.also, reason.rule))


def _add_beside(unwanted: Verdict, reason: Verdict) -> Verdict:
    """Add what the reason opens. A return that a person must decide has nobody yet who pays for the way."""
    note = Note(reason.rule, "beside", {**reason.facts, "difference": reason.amount})
    payer = "none" if unwanted.human else unwanted.payer
    return replace(unwanted, beside=reason.remedies, notes=(*unwanted.notes, note), payer=payer)


def _in_the_customers_words(request: str, remedies: tuple[str, ...]) -> tuple[str, ...]:
    same = _SAME.get(request)
    if same is None or request in remedies or same not in remedies:
        return remedies
    after = remedies.index(same) + 1
    return (*remedies[:after], request, *remedies[after:])


def _outcome(case: PolicyCase, verdict: Verdict) -> Outcome:
    if verdict.human:
        return "human"
    return "accept" if case.request in verdict.remedies else "refuse"


def _offered(bench: Bench, remedies: tuple[str, ...]) -> tuple[str, ...]:
    """Leave a repair of what nobody repairs to those who ask for it by name: the law gives it, few want it."""
    case = bench.case
    if case.request == "repair" or case.kind not in bench.rule("fault.return").unrepairable:
        return remedies
    return tuple(remedy for remedy in remedies if remedy != "repair") or remedies


def _evidence(case: PolicyCase, verdict: Verdict) -> tuple[str, ...]:
    if not verdict.remedies and not verdict.human:
        return ()
    return tuple(name for name in verdict.rule.evidence if name not in case.evidence)


def _tier(case: PolicyCase, verdict: Verdict) -> Tier:
    if verdict.critical:
        return "critical"
    return "major" if case.amount is not None and case.amount > _LARGE_VALUE else "general"
