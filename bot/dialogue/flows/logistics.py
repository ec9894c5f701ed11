"""Where the parcel is, what the lateness is worth, and the parcel that never came."""

import re
from collections.abc import Callable, Mapping

from actions import after_sales, logistics, orders
from actions.policy import Decision, decide
from actions.shop import CommandKind
from bot.dialogue.attempts import was_refused, was_told
from bot.dialogue.flows import orders as order_flows
from bot.dialogue.flows.cases import open_or_add
from bot.dialogue.flows.changed_wish import find_loss, note_wish
from bot.dialogue.flows.refunds import refund_all
from bot.dialogue.flows.remedies import open_goods_ticket
from bot.dialogue.hearing import order_words, words
from bot.dialogue.outcome import PERSON, CommandShop, Moment, Outcome, ask, end, line, option, say, start
from bot.dialogue.records import Effect, Say
from bot.dialogue.state import Frame

_SENT_ANEW = re.compile(
    r"[补重][发寄]|新的|第二[次个件]|又|也|再次|\b(replacement|again|either|too|second|new (one|parcel|package))\b"
)
_NOT_HERE = re.compile(
    r"[没未](有)?(收|到|送|见)|[丢失]了?|找不到|不见|\b(lost|missing|never|not|\w+n't|"
    r"(is|was|has|have|had|did|does|do)nt|no sign|disappeared)\b"
)


def tell_parcel(moment: Moment) -> Outcome:
    """Tell where the parcel is; a silent or lost one is taken up with the carrier at once."""
    if orders.has_arrived(moment.order) and moment.state.has_settled(CommandKind.RESEND, moment.order.number):
        # The first parcel is here: what is waited for is the one sent after it.
        return end(say("resent.under_way", PERSON, order=moment.order.number))
    claims = moment.slot("intent") == "logistics.not_received" and orders.has_arrived(moment.order)
    if claims or _is_lost(moment):
        return Outcome(onward=Frame("lost", moment.frame.slots))
    return end(*_described(moment), *_carrier_case(moment))


def settle_lateness(moment: Moment) -> Outcome:
    """Tell where the parcel is and by how much the three-day promise was missed; pay what the shop promises for it."""
    is_late = moment.order.shipment is not None and logistics.days_late(moment.order, moment.facts.now)
    if not is_late or _is_lost(moment):
        return tell_parcel(moment)
    decision = _decide(moment, "compensation", "late_delivery")
    if decision.outcome == "human":
        return end(*_described(moment), say("goods.explained", explanation=decision.explanation),
                   *open_goods_ticket(moment, decision, "human"), *_carrier_case(moment))  # fmt: skip
    if decision.outcome != "accept" or decision.amount is None:
        return end(*_described(moment), say("goods.explained", explanation=decision.explanation),
                   *_carrier_case(moment))  # fmt: skip
    if was_told(moment.state, moment.order, decision) and not was_refused(
        moment.state, moment.order.number, CommandKind.ISSUE_VOUCHER
    ):
        return end(*_described(moment), say("late.voucher_asked"), *_carrier_case(moment))
    told = say("late.voucher", explanation=decision.explanation, amount=decision.amount)
    voucher = CommandShop(
        CommandKind.ISSUE_VOUCHER,
        moment.order.number,
        {"amount": str(decision.amount), "cause": "late"},
        amount=decision.amount,
        told=told,
        decision=decision.to_json(),
    )
    return end(*_described(moment, lateness=False), voucher, *_carrier_case(moment))


def take_lost_parcel(moment: Moment) -> Outcome:
    """Signed for but never received, or lost: found out with the carrier; what policy opens may be chosen now."""
    if moment.order.shipment is None:
        # Where it stands tells of what disagrees in the records, too.
        return Outcome(onward=Frame("order_status", {**moment.frame.slots, "intent": "order.status"}))
    if moment.order.payment and moment.order.payment.refunded_at:
        return order_flows.tell_refund(moment)
    if orders.has_arrived(moment.order):
        return _look_around(moment)
    return _settle_lost(moment, _decide(moment, "resend", "lost"), moment.slot("remedy"))


def _settle_lost(moment: Moment, decision: Decision, remedy: str | None) -> Outcome:
    """Offer what policy opens, or carry out what was chosen of it."""
    if moment.state.has_settled(CommandKind.RESEND, moment.order.number):
        if _is_lost_again(moment):
            return end(*_lost_ticket(moment, decision, "lost"))
        # Nothing else is promised beside it.
        return end(say("lost.resent", PERSON, order=moment.order.number))
    by_command = _BY_COMMAND.get(remedy) if remedy and remedy in decision.remedies else None
    command = by_command(moment, decision) if by_command else None
    if command:
        return end(command)
    if decision.outcome == "human" or remedy in decision.remedies:
        # Who has just been told that it is lost need not hear once more where it was seen.
        described = () if remedy in decision.remedies else _described(moment, missed=True)
        return end(*described, *_lost_ticket(moment, decision, remedy or "lost"))
    if not decision.remedies:
        explained = say("goods.explained", PERSON, explanation=decision.explanation)
        case = find_loss(moment) if remedy else None
        noted = note_wish(moment, case, told="wish.not_open") if case else _described(moment, missed=True)
        return end(explained, *noted) if case else end(*noted, explained)
    choices = tuple(option("remedy", remedy, f"remedy.{remedy}") for remedy in decision.remedies)
    return ask("remedy", say("goods.offer", *choices, PERSON, explanation=decision.explanation))


def _is_lost_again(moment: Moment) -> bool:
    """Tell whether what is missed is what was sent in place of the first parcel; not where it is only asked for.

    Words say so; and once a parcel sent then would count as lost, only that one can be missed.
    """
    said = moment.slot("said") or ""
    if not words.names(_NOT_HERE, said) or words.is_question(said):
        return False
    policy, sent_at = moment.facts.policy, moment.state.settled_at(CommandKind.RESEND, moment.order.number)
    days = policy.version_at(moment.facts.now).rules["lost"].days
    is_due = sent_at is not None and policy.end_of_promise(sent_at, days) <= moment.facts.now
    return is_due or words.names(_SENT_ANEW, said)


def _look_around(moment: Moment) -> Outcome:
    """It was handed over to somebody: to whom is told, who may have it is asked, then the carrier must prove it."""
    waiting = find_loss(moment)
    if waiting and moment.slot("remedy"):
        # That case was opened once the customer had asked around.
        return end(say("lost.proof"), *note_wish(moment, waiting))
    looked = moment.slot("looked") or ("yes" if words.names(order_words.LOOKED, moment.slot("said") or "") else None)
    if looked == "no":
        return end(say("lost.look_first", start("logistics.lost_or_signed_not_received", "choice.still_missing")))
    if looked is None:
        answers = (option("looked", answer, f"lost.looked.{answer}") for answer in ("yes", "no"))
        return ask("looked", say("lost.ask_around", *answers), *_described(moment))
    decision = _decide(moment, "resend", "lost")
    described = () if moment.slot("looked") else _described(moment)
    return end(*described, say("lost.proof"), *_lost_ticket(moment, decision, "proof"))


def _resend(moment: Moment, decision: Decision) -> CommandShop:
    order = moment.order
    return CommandShop(
        CommandKind.RESEND,
        order.number,
        {"sku": order.items[0].sku},
        amount=order.amount,
        told=say("lost.resend_asked", order=order.number),
        decision=decision.to_json(),
        seriousness="loss",
    )


# What the shop does at a word; the rest needs hands.
_BY_COMMAND: Mapping[str, Callable[[Moment, Decision], CommandShop | None]] = {"resend": _resend, "refund": refund_all}


def _is_lost(moment: Moment) -> bool:
    """Tell whether policy treats the parcel as lost by now: whoever asks where it is is offered what that opens."""
    if moment.order.shipment is None or orders.has_arrived(moment.order):
        return False
    return _decide(moment, "resend", "lost").outcome == "accept"


def _described(moment: Moment, *, missed: bool = False, lateness: bool = True) -> tuple[Say, ...]:
    """Tell where the parcel is; without its `lateness` where the policy's words follow, which tell that better."""
    told = logistics.describe_parcel(moment.order, moment.check, moment.facts.now, missed=missed)
    return tuple(Say(each) for each in told if lateness or each.key not in logistics.LATENESS)


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
