"""The rules about goods: unwanted, faulty, damaged, wrong, missing, fake, unsafe (product §3). Pure."""

from datetime import datetime, timedelta
from decimal import Decimal

from actions.policy.case import PolicyCase
from actions.policy.rules import Rule
from actions.policy.verdict import NONE_FITS, Bench, Verdict


def judge_no_reason(bench: Bench) -> Verdict:
    """return.excluded, return.waivable, return.no_reason; before dispatch it is a cancelling."""
    case = bench.case
    if is_unsent(case):
        return judge_unsent(bench)
    if _is_excluded(case, bench.rule("return.excluded")):
        return _judge_excluded(bench)
    if case.confirmed_nonreturnable and case.kind in bench.rule("return.waivable").kinds:
        return Verdict(bench.rule("return.waivable"))
    return _judge_change_of_mind(bench)


def is_cancelling(case: PolicyCase) -> bool:
    """Tell whether money is wanted back for what has not left us, because it comes late or has become cheaper."""
    return case.reason in {"late_delivery", "price_drop"} and case.request in {"refund", "return"} and is_unsent(case)


def is_unsent(case: PolicyCase) -> bool:
    """Tell whether it was paid and has not left us; without a payment on record nothing is known of it."""
    has_left = case.dispatched_at or case.is_in_hand or case.returned_at or case.carrier_lost
    return case.paid_at is not None and not has_left


def judge_unsent(bench: Bench) -> Verdict:
    """refund.time: what has not left us is paid back at once."""
    wanted, known = bench.case.request in {"return", "refund"}, bench.case.amount is not None
    text = "unpriced" if wanted and not known else None
    return Verdict(bench.rule("refund.time"), ("refund",), text=text, amount=bench.case.amount)


def judge_returned(bench: Bench) -> Verdict:
    """refund.time: the goods are back with us, and the money follows within the days."""
    case, rule = bench.case, bench.rule("refund.time")
    if case.returned_at is None or case.amount is None:
        return bench.leave(rule.id, "unknown")
    until = bench.policy.end_of_right(case.returned_at, rule.days)
    text = "returned" if case.at < until else "overdue"
    facts = {"start_at": case.returned_at, "days": rule.days}
    return Verdict(rule, ("refund",), until=until, amount=case.amount, text=text, facts=facts)


def _is_excluded(case: PolicyCase, rule: Rule) -> bool:
    if case.kind not in rule.kinds:
        return False
    if case.kind == "periodical":
        return bool(case.delivered_at or case.signed_at)
    return case.unsealed if case.kind == "digital" else True


def _judge_excluded(bench: Bench) -> Verdict:
    if bench.case.confirmed_nonreturnable:
        return Verdict(bench.rule("return.excluded"))
    return bench.leave("return.excluded")


def _judge_change_of_mind(bench: Bench) -> Verdict:
    case, rule = bench.case, bench.rule("return.no_reason")
    if case.signed_at is None:
        return bench.leave(rule.id, "unsigned")
    until = bench.policy.end_of_right(case.signed_at, rule.days)
    facts = {"start_at": case.signed_at, "days": rule.days}
    if case.at >= until:
        return Verdict(rule, until=until, text="late", facts=facts)
    obstacle = _find_obstacle(bench, rule)
    if obstacle:
        return Verdict(rule, human=obstacle == "doubt", until=until, text=obstacle, facts=facts)
    if case.freight_insured:
        insured = bench.rule("freight.insured")
        return Verdict(rule, ("return",), until=until, facts=facts, payer="none", also=(insured,))
    return Verdict(rule, ("return",), until=until, facts=facts)


def _find_obstacle(bench: Bench, rule: Rule) -> str | None:
    """Return the text about the goods' state that stands against a return, or None where they are as they should be."""
    case = bench.case
    if case.kind in rule.sealed_kinds and case.unsealed:
        return "unsealed"
    # Electronics that somebody has repaired are no longer as they were sold (return rules 9).
    if case.kind in bench.rule("fault.exchange").kinds and case.repairs:
        return "used"
    return {None: "doubt", False: "used", True: None}[case.intact]


def judge_fault(bench: Bench) -> Verdict:
    """fault.return, then fault.exchange and the warranty for kinds under the three guarantees, else fault.other."""
    case, rule = bench.case, bench.rule("fault.return")
    if case.signed_at is None:
        return bench.leave(rule.id, "unsigned")
    until = bench.policy.end_of_right(case.signed_at, rule.days)
    facts = {"start_at": case.signed_at, "days": rule.days}
    if case.at < until:
        return Verdict(rule, _cures(bench, ("return", "exchange", "repair")), until=until, facts=facts)
    if case.kind not in bench.rule("fault.exchange").kinds:
        return Verdict(bench.rule("fault.other"), human=True, until=until, facts=facts)
    return _judge_guaranteed(bench, case.signed_at)


def _cures(bench: Bench, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Drop what cannot be done: no exchange without stock."""
    return tuple(remedy for remedy in wanted if bench.case.in_stock or remedy != "exchange")


def _judge_guaranteed(bench: Bench, signed_at: datetime) -> Verdict:
    case, rule = bench.case, bench.rule("fault.exchange")
    until = bench.policy.end_of_right(signed_at, rule.days)
    if case.at < until:
        remedies = _cures(bench, ("exchange", "repair") if case.in_stock else ("return", "repair"))
        return Verdict(rule, remedies, until=until, facts={"start_at": signed_at, "days": rule.days})
    return _judge_warranty(bench, signed_at)


def _judge_warranty(bench: Bench, signed_at: datetime) -> Verdict:
    """Warranty counts from installation when there is one, anew from an exchange; time under repair does not count."""
    case, rule, failed = bench.case, bench.rule("warranty.repair"), bench.rule("warranty.failed")
    start_at, until = find_warranty(bench, signed_at)
    days = _warranty_days(bench)
    facts = {"start_at": start_at, "days": days, "repairs": case.repairs, "repair_days": case.repair_days}
    if case.at >= until:
        return Verdict(rule, until=until, facts=facts)
    if case.repairs >= failed.repairs or case.repair_days > failed.days:
        best = "exchange" if case.in_stock else "return"
        text = None if case.repairs >= failed.repairs else "long"
        return Verdict(failed, (best, "repair"), until=until, text=text, also=(rule,), facts=facts)
    return Verdict(rule, _cures(bench, ("repair",)), until=until, facts=facts)


def find_warranty(bench: Bench, signed_at: datetime) -> tuple[datetime, datetime]:
    """Return when the warranty began and when it ends, exclusive."""
    case = bench.case
    start_at = max(at for at in (signed_at, case.installed_at, case.exchanged_at) if at)
    return start_at, bench.policy.end_of_right(start_at, _warranty_days(bench) + case.repair_days)


def _warranty_days(bench: Bench) -> int:
    case, rule = bench.case, bench.rule("warranty.repair")
    return rule.days_by_part.get(case.part or "", rule.days_by_kind.get(case.kind, rule.days))


def judge_accident(bench: Bench) -> Verdict:
    """damage.30days: the shop's own promise for some kinds, whatever the cause but liquid and intent."""
    case, rule = bench.case, bench.rule("damage.30days")
    if case.kind not in rule.kinds:
        return bench.leave(NONE_FITS)
    if case.signed_at is None:
        return bench.leave(rule.id, "unknown")
    until = bench.policy.end_of_promise(case.signed_at, rule.days)
    facts = {"start_at": case.signed_at, "days": rule.days}
    if case.liquid_or_deliberate:
        return Verdict(rule, until=until, text="excluded", facts=facts)
    return Verdict(rule, ("repair",) if case.at < until else (), until=until, facts=facts)


def judge_wrong_item(bench: Bench) -> Verdict:
    """wrong.item: resend, exchange or return."""
    return _judge_delivery_fault(bench, "wrong.item")


def judge_missing_item(bench: Bench) -> Verdict:
    """missing.item: resend, exchange or return."""
    return _judge_delivery_fault(bench, "missing.item")


def _judge_delivery_fault(bench: Bench, rule_id: str) -> Verdict:
    case = bench.case
    if case.signed_at is None and case.delivered_at is None:
        return bench.leave(rule_id)
    return Verdict(bench.rule(rule_id), ("resend", "exchange", "return") if case.in_stock else ("return",))


def judge_transit_damage(bench: Bench) -> Verdict:
    """transit.damage: told within the hours, exchange or refund; later a person, never a refusal."""
    case, rule = bench.case, bench.rule("transit.damage")
    if case.signed_at is None:
        return bench.leave(rule.id, "unsigned")
    until = case.signed_at + rule.within
    facts = {"start_at": case.signed_at, "hours": rule.hours}
    if case.at > until:
        return Verdict(rule, human=True, until=until, facts=facts)
    return Verdict(rule, _cures(bench, ("exchange", "refund")), until=until, facts=facts)


def judge_fake(bench: Bench) -> Verdict:
    """fake: a person, at once; the refund plus so many times the price, that addition never under its least."""
    return _hand_up(bench, bench.rule("fake"))


def judge_unsafe(bench: Bench) -> Verdict:
    """unsafe.food: a person, at once; other unsafe goods have no rule but are as urgent."""
    rule = bench.rule("unsafe.food")
    if bench.case.kind not in rule.kinds:
        return Verdict(bench.rule(NONE_FITS), human=True, critical=True, text="unsafe")
    return _hand_up(bench, rule)


def _hand_up(bench: Bench, rule: Rule) -> Verdict:
    price = bench.case.amount
    return Verdict(
        rule,
        human=True,
        critical=True,
        text="human" if price is None else "counted",
        amount=_refund_plus(price, rule),
        facts={"times": rule.times, "least": rule.least},
    )


def _refund_plus(price: Decimal | None, rule: Rule) -> Decimal | None:
    return None if price is None else price + max(price * rule.times, rule.least)


def judge_lost(bench: Bench) -> Verdict:
    """lost: undelivered after the days and silent for the hours, or the carrier says so."""
    case, rule = bench.case, bench.rule("lost")
    if case.dispatched_at is None or case.signed_at or case.delivered_at:
        return bench.leave(rule.id, "unknown")
    seen_at = case.last_scan_at or case.dispatched_at
    until = max(bench.policy.end_of_promise(case.dispatched_at, rule.days), seen_at + timedelta(hours=rule.hours))
    facts = {"start_at": case.dispatched_at, "seen_at": seen_at, "lost_at": until}
    if not case.carrier_lost and case.at < until:
        return Verdict(rule, facts=facts)
    remedies = ("resend", "refund") if case.in_stock else ("refund",)
    return Verdict(rule, remedies, amount=case.amount if case.request in {"return", "refund"} else None, facts=facts)
