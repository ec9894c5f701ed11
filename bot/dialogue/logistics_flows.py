"""Where the parcel is, what the lateness is worth, and the parcel that never came."""

from actions import after_sales, logistics
from actions.policy import Decision, decide
from bot.dialogue.cases import open_or_add
from bot.dialogue.outcome import PERSON, CommandShop, Moment, Outcome, ask, end, line, option, say
from bot.dialogue.records import Effect, Say


def tell_parcel(moment: Moment) -> Outcome:
    """Tell where the parcel is; a silent or lost one is taken up with the carrier at once."""
    return end(*_described(moment), *_carrier_case(moment))


def settle_lateness(moment: Moment) -> Outcome:
    """Tell where the parcel is and by how much the three-day promise was missed; pay what the shop promises for it."""
    if moment.order.shipment is None or not logistics.days_late(moment.order, moment.facts.now):
        return tell_parcel(moment)
    decision = _decide(moment, "compensation", "late_delivery")
    if decision.outcome != "accept" or decision.amount is None:
        return end(*_described(moment), say("goods.explained", explanation=decision.explanation),
                   *_carrier_case(moment))  # fmt: skip
    told = say("late.voucher", explanation=decision.explanation, amount=decision.amount)
    voucher = CommandShop("issue_voucher", moment.order.number, {"amount": str(decision.amount), "cause": "late"})
    return end(*_described(moment), told, voucher, *_carrier_case(moment))


def take_lost_parcel(moment: Moment) -> Outcome:
    """Signed for but never received, or lost: found out with the carrier; what policy opens may be chosen now."""
    if moment.order.shipment is None:
        return tell_parcel(moment)
    decision = _decide(moment, "resend", "lost")
    remedy = moment.slot("remedy")
    if decision.outcome == "human" or remedy in decision.remedies:
        return end(*_described(moment), *_lost_ticket(moment, decision, remedy or "lost"))
    if not decision.remedies:
        return end(*_described(moment), say("goods.explained", PERSON, explanation=decision.explanation))
    choices = tuple(option("remedy", remedy, f"remedy.{remedy}") for remedy in decision.remedies)
    return ask("remedy", say("goods.offer", *choices, PERSON, explanation=decision.explanation))


def _described(moment: Moment) -> tuple[Say, ...]:
    return tuple(Say(told) for told in logistics.describe_parcel(moment.order, moment.facts.now))


def _carrier_case(moment: Moment) -> tuple[Effect, ...]:
    if not moment.check.carrier_findings:
        return ()
    return open_or_add(moment, category="logistics", intent=moment.slot("intent"), method=line("method.carrier"))


def _decide(moment: Moment, request: str, reason: str) -> Decision:
    order = moment.order
    case = after_sales.case_from_order(order, order.items[0], request=request, reason=reason, at=moment.facts.now)
    return decide(case, moment.facts.policy)


def _lost_ticket(moment: Moment, decision: Decision, remedy: str) -> tuple[Effect, ...]:
    return open_or_add(
        moment,
        category="logistics",
        intent=moment.slot("intent"),
        method=line(f"method.{remedy}"),
        seriousness="loss",
        decision=decision.to_json(),
        policy_tier=decision.tier,
    )
