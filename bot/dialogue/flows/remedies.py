"""What the policy opened for goods: offered, and what the customer chose carried out or given to a person."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from actions import quality
from actions.bundles import count_left, paid_for
from actions.policy import Decision
from actions.shop import CommandKind, OrderItem
from bot.dialogue.attempts import was_told
from bot.dialogue.flows.cases import add_to_newest, open_or_add
from bot.dialogue.flows.changed_wish import change_wish, find_case, wish_as_open
from bot.dialogue.flows.insisting import is_refused_again, tell_again
from bot.dialogue.flows.refunds import refund_part, takes_parts
from bot.dialogue.hearing import words
from bot.dialogue.hearing.counts import ask_count, known_count
from bot.dialogue.outcome import (
    PERSON,
    CommandShop,
    Moment,
    Outcome,
    ask,
    end,
    line,
    option,
    say,
    start,
)
from bot.dialogue.records import Choice, Effect
from bot.dialogue.state import Frame
from escalation.service import TicketView

# Goods that come in sizes and colours.
_IN_SIZES = frozenset({"clothing", "personal_hygiene"})
# Of these it helps to know since when.
_SINCE_WHEN = frozenset({"functional_defect", "poor_quality", "accidental_damage"})


def settle_decided(moment: Moment, item: OrderItem, decision: Decision) -> Outcome:
    """Tell the decision; carry out a remedy that was chosen, or asked for outright where it costs nothing."""
    if item.refunded and not count_left(item):
        return end(say("refund.part_done", PERSON, item=item.name, amount=item.refunded))
    case = find_case(moment, item)
    if case:
        return _change(moment, case, item, decision)
    told = say("goods.explained", explanation=decision.explanation)
    if decision.outcome == "human":
        return _go_on_with_evidence(moment, decision, told, *open_goods_ticket(moment, decision, "human"))
    if moment.slot("remedy") in decision.remedies:
        return _carry_out(moment, item, decision, moment.slot("remedy"))
    if _is_asked_outright(moment, decision):
        return _carry_out(moment, item, decision, moment.slot("wish"), told)
    return _offer(moment, decision)


def _offer(moment: Moment, decision: Decision) -> Outcome:
    """Offer what is open, with the reasons; what was refused before is not explained at length again."""
    again = is_refused_again(moment, decision)
    if not decision.remedies:
        choices = (*_what_else(decision), PERSON)
        refused = say("goods.explained", *choices, explanation=decision.explanation)
        return end(tell_again(moment, decision, choices) if again else refused)
    choices = (*_remedy_choices(moment, decision), PERSON)
    if again:
        return ask("remedy", tell_again(moment, decision, choices))
    return ask("remedy", say("goods.offer", *choices, explanation=decision.explanation), *_hint(moment, decision))


def _change(moment: Moment, case: TicketView, item: OrderItem, decision: Decision) -> Outcome:
    """Change the case that is open; ask for a photo where what is wanted now needs one."""
    remedy = _as_meant(moment, decision, wish_as_open(moment, decision))
    question = _ask_count(moment, item, decision, remedy)
    if question:
        return question
    moment, decision = replace(moment, frame=moment.frame.fill(remedy=remedy)), _open_to(decision, remedy)
    by_command = _BY_COMMAND.get(remedy)
    effects = change_wish(moment, case, item, decision, by_command(moment, item, decision) if by_command else None)
    asked = was_told(moment.state, moment.order, decision)
    if asked or decision.outcome == "refuse" or wanted_evidence(moment, decision) not in {"photo", "photo_and_since"}:
        return end(*effects)
    return Outcome(effects, onward=Frame("addition", {**moment.frame.slots, "wanted": "photo"}))


def _is_asked_outright(moment: Moment, decision: Decision) -> bool:
    """What the customer asked for, is open and is at the shop's cost need not be asked for twice."""
    wished = moment.slot("wish") if moment.slot("outright") and moment.slot("remedy") is None else None
    return wished in decision.remedies and decision.shipping == "shop"


def _remedy_choices(moment: Moment, decision: Decision) -> tuple[Choice, ...]:
    """What is open; of what never came, the money for it too, beside sending back what did."""
    short = moment.slot("reason") == "missing_item" and "return" in decision.offered and takes_parts(moment.order)
    offered = (*decision.offered, *(("refund",) if short else ()))
    return tuple(option("remedy", remedy, f"remedy.{remedy}") for remedy in offered)


def _as_meant(moment: Moment, decision: Decision, remedy: str) -> str:
    """Who wants their money for what never came, or for what policy pays without having it back, sends nothing back."""
    if remedy != "return" or "return" not in decision.remedies:
        return remedy
    if "refund" in decision.offered and "return" not in decision.offered:
        return "refund"
    wants_money = moment.slot("remedy") is None and words.names(words.MONEY_BACK, moment.slot("said") or "")
    short = moment.slot("reason") == "missing_item" and takes_parts(moment.order)
    return "refund" if short and wants_money else remedy


def _open_to(decision: Decision, remedy: str) -> Decision:
    """A return that is open is open as a refund as well."""
    same = remedy == "refund" and "return" in decision.remedies and remedy not in decision.remedies
    return replace(decision, remedies=(*decision.remedies, remedy)) if same else decision


def _ask_count(moment: Moment, item: OrderItem, decision: Decision, remedy: str) -> Outcome | None:
    """Ask for how many the money goes back, where the shop takes parts; None where that is known."""
    asks = remedy == "refund" and decision.outcome != "human" and takes_parts(moment.order)
    question = ask_count(moment, item) if asks else None
    return replace(question, slots={"remedy": remedy}) if question else None


def _hint(moment: Moment, decision: Decision) -> tuple[Effect, ...]:
    """Who wanted another size of what is not faulty gets there by sending it back."""
    wants_another = moment.slot("wish") == "exchange" and moment.slot("reason") == "no_reason"
    return (say("exchange.reorder"),) if wants_another and "return" in decision.remedies else ()


def _what_else(decision: Decision) -> Iterable[Choice]:
    """Goods nobody takes back for a change of mind are put right if they are faulty."""
    if any(rule.startswith("return.") for rule in decision.rules):
        yield start("quality.functional_defect", "choice.faulty")


def _carry_out(moment: Moment, item: OrderItem, decision: Decision, remedy: str, *told: Effect) -> Outcome:
    """A return gets its label at once; what hands must do becomes a ticket with the decision prepared."""
    remedy = _as_meant(moment, decision, remedy)
    question = _ask_count(moment, item, decision, remedy)
    if question:
        return replace(question, effects=(*told, *question.effects))
    if remedy == "exchange" and item.kind in _IN_SIZES and moment.slot("reason") != "wrong_item":
        question = _ask_variant(moment, item)
        if question:
            return Outcome((*told, *question.effects), asks=question.asks, slots={"remedy": remedy})
    command = _BY_COMMAND[remedy](moment, item, decision) if remedy in _BY_COMMAND else None
    if command is None:
        return _go_on_with_evidence(moment, decision, *told, *open_goods_ticket(moment, decision, remedy))
    if "photo" in decision.evidence_required and moment.slot("photo") is None:
        ask_photo = say(f"{remedy}.ask_photo", option("photo", "none", "choice.no_photo"))
        return Outcome((*told, ask_photo), asks="photo", slots={"remedy": remedy})
    if moment.slot("photo") == "none" and not moment.slot("photos"):
        return end(say("return.unseen"), *open_goods_ticket(moment, decision, remedy))
    return end(*told, command)


def _label(moment: Moment, item: OrderItem, decision: Decision) -> CommandShop:
    details = {"sku": item.sku, "shipping": decision.shipping, "reason": moment.slot("reason") or ""}
    asked = say("return.asked", item=item.name, shipping=line(f"shipping.{decision.shipping}"))
    return CommandShop(CommandKind.RETURN_LABEL, moment.order.number, details, told=asked, decision=decision.to_json())


def _resend(moment: Moment, item: OrderItem, decision: Decision) -> CommandShop:
    return CommandShop(
        CommandKind.RESEND,
        moment.order.number,
        {"sku": item.sku, "reason": moment.slot("reason") or ""},
        amount=paid_for(moment.order, item),
        told=say("resend.asked", item=item.name),
        decision=decision.to_json(),
    )


def _refund(moment: Moment, item: OrderItem, decision: Decision) -> CommandShop | None:
    """Pay back for as many as are concerned; what the policy counted otherwise (a bundle, a gift) as it did."""
    count = known_count(moment, item)
    if count is None:
        return None
    return refund_part(moment, item, decision, quantity=count, amount=decision.amount)


# What the shop does at a word; the rest needs hands.
_BY_COMMAND: Mapping[str, Callable[[Moment, OrderItem, Decision], CommandShop | None]] = {
    "return": _label,
    "resend": _resend,
    "refund": _refund,
}


def _ask_variant(moment: Moment, item: OrderItem) -> Outcome | None:
    """Ask whether it shall be the same again; None where that is told already."""
    if moment.slot("variant") == "other" and not moment.slot("variant_detail"):
        return ask("variant_detail", say("exchange.ask_which"))
    if any(moment.slot(name) for name in ("variant", "size", "colour")):
        return None
    answers = (option("variant", answer, f"variant.{answer}") for answer in ("same", "other"))
    return ask("variant", say("exchange.ask_variant", *answers, item=item.name))


def open_goods_ticket(
    moment: Moment, decision: Decision, remedy: str, *, seriousness: str | None = None
) -> tuple[Effect, ...]:
    """Give the case to the desk that can settle it, with the decision prepared; `seriousness` None goes by reason."""
    by_quality = remedy == "human" and moment.slot("intent").startswith("quality")
    return open_or_add(
        moment,
        category="quality" if by_quality else "after_sales",
        intent=moment.slot("intent"),
        method=line(f"method.{remedy}"),
        seriousness=seriousness or quality.seriousness(moment.slot("reason") or "no_reason"),
        decision=decision.to_json(),
        policy_tier=decision.tier,
    )


def take_without_order(moment: Moment) -> Outcome:
    """A customer without an order number: a person finds the order; what is grave waits for nothing."""
    category = moment.slot("intent").partition(".")[0]
    known = category if category in {"quality", "after_sales"} else "after_sales"
    effects = _open_undecided(moment, "method.find_order", category=known)
    first = (say("unsafe.first"),) if moment.slot("reason") == "unsafe" else ()
    wanted = Frame("addition", {**moment.frame.slots, "wanted": "order"})
    return Outcome((*first, *effects), onward=wanted if moment.slot("order") is None else None)


def take_together(moment: Moment) -> Outcome:
    """Several things at once: a person settles them in one go."""
    first = (say("unsafe.first"),) if moment.slot("reason") == "unsafe" else ()
    return end(*first, say("goods.together"), *_open_undecided(moment, "method.human", category="after_sales"))


def take_doubted(moment: Moment, told: str) -> Outcome:
    """What no word of the customer's can settle: a person looks at it, with a photo if there is one."""
    effects = say(told), *_open_undecided(moment, "method.human", category="quality")
    wanted = None if moment.slot("photos") else Frame("addition", {**moment.frame.slots, "wanted": "photo"})
    return Outcome(effects, onward=wanted)


def _open_undecided(moment: Moment, method: str, *, category: str) -> tuple[Effect, ...]:
    """Open a case that the policy has not decided; what is grave is critical all the same."""
    grave = moment.slot("reason") in {"fake", "unsafe"}
    return open_or_add(
        moment,
        category=category,
        intent=moment.slot("intent"),
        method=line(method),
        seriousness=quality.seriousness(moment.slot("reason") or "no_reason"),
        policy_tier="critical" if grave else None,
    )


def _go_on_with_evidence(moment: Moment, decision: Decision, *effects: Effect) -> Outcome:
    """After the ticket, ask for what would help the person who has it; nobody waits for the answer."""
    wanted = wanted_evidence(moment, decision)
    if wanted is None:
        return end(*effects)
    return Outcome(effects, onward=Frame("addition", {**moment.frame.slots, "wanted": wanted}))


def wanted_evidence(moment: Moment, decision: Decision) -> str | None:
    """Return what is still to be given: a photo, since when, both, or None."""
    photo = "photo" in decision.evidence_required and not moment.slot("photos")
    since = moment.slot("since") is None and moment.slot("reason") in _SINCE_WHEN
    if photo:
        return "photo_and_since" if since else "photo"
    return "since" if since else None


def take_addition(moment: Moment) -> Outcome:
    """Ask once for a photo and since when; what is answered goes into the ticket."""
    answer = moment.slot("addition")
    if answer is None:
        return ask("addition", say(f"goods.add_{moment.slot('wanted')}"))
    if not answer:
        return end(say("goods.add_later"))
    return end(*add_to_newest(moment.facts, answer, moment.slot("addition_photos") or 0))
