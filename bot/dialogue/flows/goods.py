"""Faulty, damaged, wrong, missing or unwanted goods: find out what the policy needs, and ask only for that.

What the policy opens is offered and carried out in `remedies`.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from actions import after_sales, orders
from actions.policy import Decision, decide
from actions.shop import CommandKind, OrderItem
from bot.dialogue.flows.cases import find_named_item
from bot.dialogue.flows.changed_wish import find_case, find_harm, note_wish, take_up_loss
from bot.dialogue.flows.remedies import settle_decided, take_doubted, take_together, take_without_order
from bot.dialogue.hearing.counts import OF_SOME, known_count
from bot.dialogue.hearing.items import is_elsewhere
from bot.dialogue.hearing.reason_words import UNSAFE_FOOD
from bot.dialogue.outcome import PERSON, Moment, Outcome, ask, end, open_ticket_for, option, say
from bot.dialogue.records import Choice, Effect, Say
from bot.dialogue.state import Frame
from escalation.service import TicketView

_REASONS = ("functional_defect", "damaged_in_transit", "wrong_item", "missing_item", "no_reason")
_CAUSES = ("damaged_in_transit", "accidental_damage", "functional_defect")
_UNWANTED_FIRST = ("no_reason", *_REASONS[:-1])
_REASONS_FIRST = {
    "quality.wrong_or_missing_item": ("wrong_item", "missing_item"),
    "after_sales.return": _UNWANTED_FIRST,
    "after_sales.exchange": _UNWANTED_FIRST,
}
# What brings somebody to have something sent again, likeliest first.
_RESENT = ("missing_item", "wrong_item", "damaged_in_transit", "functional_defect")
_FOOD = frozenset({"food", "food_fresh", "near_expiry"})
# What a customer asks for when no remedy was named: the best that a reason can give; the policy names the rest.
_BEST_REQUEST = {"accidental_damage": "repair", "missing_item": "resend", "damaged_in_transit": "exchange"}
# Reasons that a person must be able to picture before anything else is asked.
_TO_DESCRIBE = frozenset({"functional_defect", "poor_quality", "damaged_in_transit"})


def settle(moment: Moment) -> Outcome:
    """Find out item, reason and state; decide by policy; offer what is open; settle what was chosen."""
    if moment.slot("order") == "none":
        return take_without_order(moment)
    loss = take_up_loss(moment) or _turn_to_parcel(moment)
    if loss:
        return Outcome(onward=loss)
    doubted = _find_doubted(moment)
    if doubted:
        return end(*note_wish(moment, doubted))
    if moment.slot("together") and len(moment.order.items) > 1 and not _asks_which_order(moment):
        return _settle_together(moment)
    return for_item(moment, _settle_item)


def _turn_to_parcel(moment: Moment) -> Frame | None:
    """Return the flow about a parcel that has not come, where it is wanted sent again, or was; else None."""
    sent_again = moment.state.has_settled(CommandKind.RESEND, moment.order.number)
    wanted = moment.slot("wish") == "resend" or sent_again
    if orders.has_arrived(moment.order):
        return None
    if moment.slot("leaning") and not wanted and moment.order.shipment is not None and not moment.slot("products"):
        # "It is not moving", of what has not come yet.
        return Frame("parcel", {**moment.frame.slots, "intent": "logistics.tracking"})
    if moment.slot("reason") is not None or not (wanted or _waits_in_vain(moment)):
        return None
    if moment.order.shipment is None:
        return Frame("order_status", {**moment.frame.slots, "intent": "order.status"})
    return Frame("lost", {**moment.frame.slots, "intent": "logistics.lost_or_signed_not_received",
                          "remedy": "resend" if wanted else "refund"})  # fmt: skip


def _waits_in_vain(moment: Moment) -> bool:
    """Tell whether money is wanted for a parcel of which the carrier has nothing to tell."""
    return moment.slot("wish") == "return" and bool(moment.check.carrier_findings)


def _find_doubted(moment: Moment) -> TicketView | None:
    """Return the case about an order whose records disagree on whether it was sent: whoever has it decides of money."""
    wanted = moment.slot("wish") == "return" and moment.slot("reason") is None
    if not wanted or moment.order.shipment is not None or orders.may_cancel(moment.order):
        return None
    return open_ticket_for(moment.facts, category="order", order_number=moment.order.number)


def for_item(moment: Moment, settle_item: Callable[[Moment, OrderItem], Outcome]) -> Outcome:
    """Settle what concerns one item of the order, once it is known which."""
    if _asks_which_order(moment):
        return _ask_order_again(moment)
    item = find_named_item(moment)
    return _ask_item(moment) if item is None else settle_item(moment, item)


def _settle_together(moment: Moment) -> Outcome:
    """All goods of an order at once: before dispatch it is cancelled, afterwards one person settles them in one go."""
    if _is_cancelling(moment, moment.slot("reason")):
        return _cancel(moment)
    first = moment.order.items[0]
    only_person = decide_at_gate(moment, first)
    return settle_decided(moment, first, only_person) if only_person else take_together(moment)


def _is_cancelling(moment: Moment, reason: str | None) -> bool:
    return reason in {None, "no_reason"} and orders.may_cancel(moment.order)


def _may_be_refused(moment: Moment, reason: str | None) -> bool:
    """Tell whether what is not wanted is still on its way: it need not be taken in first."""
    if orders.has_arrived(moment.order) or moment.order.shipment is None or moment.slot("remedy") is not None:
        return False
    return reason in {None, "no_reason"} and moment.slot("wish") == "return"


def _cancel(moment: Moment) -> Outcome:
    return Outcome(onward=Frame("cancel", {**moment.frame.slots, "intent": "order.cancel"}))


def _settle_item(moment: Moment, item: OrderItem) -> Outcome:
    reason = _graver(moment, item)
    if _is_cancelling(moment, reason):
        return _cancel(moment)
    only_person = None if reason else decide_at_gate(moment, item)
    if only_person:
        return settle_decided(moment, item, only_person)
    if _may_be_refused(moment, reason):
        return end(say("cancel.refuse", PERSON, order=moment.order.number))
    if reason is None:
        case = find_case(moment, item) or find_harm(moment)
        return end(*note_wish(moment, case)) if case else _ask_reason(moment)
    return _settle_reason(replace(moment, frame=moment.frame.fill(reason=reason)), item, reason)


def _settle_reason(moment: Moment, item: OrderItem, reason: str) -> Outcome:
    if _is_undescribed(moment, reason):
        return ask("detail", say("goods.ask_detail", item=item.name))
    if reason == "functional_defect" and moment.slot("liquid"):
        return take_doubted(moment, "goods.wet")
    if reason == "no_reason" and moment.slot("intact") is None and _depends_on_state(moment, item):
        return ask("intact", _ask_intact(item))
    return settle_decided(moment, item, decide_case(moment, item, reason))


def take_at_once(moment: Moment) -> Outcome | None:
    """What is unsafe waits for no order number: a person gets it now, and the number may follow."""
    if moment.slot("reason") == "unsafe" and moment.slot("order") is None:
        return take_without_order(moment)
    return None


def _asks_which_order(moment: Moment) -> bool:
    """Tell whether the order was only taken over from before, and holds nothing of what is spoken of now."""
    assumed = moment.slot("assumed") == moment.order.number and not moment.slot("asked_order")
    # What these goods were called before, when the order was named, is settled.
    known = moment.state.told.get(moment.order.number, {}).get("products", ())
    fresh = frozenset(moment.slot("products") or ()).difference(known)
    return assumed and is_elsewhere(moment.order, fresh, moment.slot("said") or "")


def _ask_order_again(moment: Moment) -> Outcome:
    """Ask whether it is about the order of before; another may be named instead."""
    order = moment.order
    same = option("order", order.number, "choice.yes")
    question = say("goods.is_it_this_order", same, order=order.number, item=order.items[0].name)
    return Outcome((question,), asks="order", slots={"asked_order": True})


def _ask_item(moment: Moment) -> Outcome:
    """Ask which item; an answer that named none is forgotten."""
    again: tuple[Effect, ...] = (say("goods.unknown_item"),) if moment.slot("item") else ()
    choices = (_item_choice(item) for item in moment.order.items)
    return Outcome((*again, say("goods.which_item", *choices)), asks="item", forgets=("item",))


def _item_choice(item: OrderItem) -> Choice:
    return option("item", item.sku, "choice.item", item=item.name)


def decide_at_gate(moment: Moment, item: OrderItem) -> Decision | None:
    """What only a person may decide whatever the reason: nothing more need be asked."""
    decision = decide_case(moment, item, "no_reason")
    return decision if decision.rules[0].startswith("human.") else None


def _graver(moment: Moment, item: OrderItem) -> str | None:
    """Return the reason told; of food some faults are more than poor quality."""
    reason: str | None = moment.slot("reason")
    spoilt = item.kind in _FOOD and UNSAFE_FOOD.intersection(moment.slot("defects") or ())
    return "unsafe" if spoilt and reason == "poor_quality" else reason


def _ask_reason(moment: Moment) -> Outcome:
    """Ask why; of something broken only how it came to be so."""
    if moment.slot("unexplained"):
        return ask("reason", say("goods.ask_cause", *(option("reason", why, f"cause.{why}") for why in _CAUSES)))
    reasons = _RESENT if moment.slot("wish") == "resend" else _REASONS_FIRST.get(moment.slot("intent"), _REASONS)
    return ask("reason", say("goods.ask_reason", *(option("reason", why, f"reason.{why}") for why in reasons)))


def _is_undescribed(moment: Moment, reason: str) -> bool:
    """Tell whether a fault was only picked from a list, and nobody could know what is wrong."""
    described = any(moment.slot(name) for name in ("detail", "defects", "photos"))
    return reason in _TO_DESCRIBE and not described and not (moment.slot("said") or "").strip()


def _depends_on_state(moment: Moment, item: OrderItem) -> bool:
    """Tell whether the goods' state decides: it is not asked where goods as new would not be taken back either."""
    decision = decide_case(moment, item, "no_reason", intact=True)
    return decision.outcome != "human" and bool(decision.remedies) and decision.rules[0] == "return.no_reason"


def _ask_intact(item: OrderItem) -> Say:
    answers = (option("intact", answer, f"intact.{answer}") for answer in ("yes", "no", "unsure"))
    return say("goods.ask_intact", *answers, item=item.name)


def decide_case(
    moment: Moment, item: OrderItem, reason: str, *, request: str | None = None, intact: bool | None = None
) -> Decision:
    """Decide by the policy what the customer told; `request` None is the remedy chosen, wished for, or best."""
    wish = request or moment.slot("remedy") or moment.slot("wish") or _BEST_REQUEST.get(reason, "return")
    return decide(
        after_sales.case_from_order(
            moment.order,
            item,
            request=wish,
            reason=reason,
            at=moment.facts.now,
            intact=intact if intact is not None else {"yes": True, "no": False}.get(moment.slot("intact") or ""),
            evidence=("photo",) if moment.slot("photos") else (),
            quantity=known_count(moment, item) if reason in OF_SOME else None,
            told=_told_facts(moment) | _without_shares(moment, item, reason),
        ),
        moment.facts.policy,
    )


def _without_shares(moment: Moment, item: OrderItem, reason: str) -> dict[str, Any]:
    """How a refund is shared among several ways of paying is told once it is known for how many of the goods it is."""
    return {"payments": ()} if reason in OF_SOME and known_count(moment, item) is None else {}


def _told_facts(moment: Moment) -> dict[str, Any]:
    """What only the customer knows, as the policy's case names it."""
    facts = {
        "liquid_or_deliberate": moment.slot("liquid"),
        "part": moment.slot("part"),
        "under_18": moment.slot("under_18"),
        "freight_disputed": moment.slot("freight_disputed"),
    }
    return {name: value for name, value in facts.items() if value is not None}
