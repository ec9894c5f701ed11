"""Runs the active flow until it asks or ends, and what comes after it. Pure; which flow that is, `routing` has decided.

When a flow ends, a second request of the same message is taken up, then what was told in between, then a flow that was
interrupted goes on where it was.
"""

from dataclasses import replace

from actions.shop import Order
from bot.dialogue import lookups
from bot.dialogue.beginnings import begin_kept, begin_later
from bot.dialogue.flows.questions import HANDOFF
from bot.dialogue.flows.settling import keep_within_limits
from bot.dialogue.flows.table import flow_named
from bot.dialogue.hearing import words
from bot.dialogue.hearing.items import choose_item, is_elsewhere
from bot.dialogue.memory import remember
from bot.dialogue.outcome import PERSON, Moment, OpenTicket, Outcome, ask, option, say
from bot.dialogue.records import NOT_KNOWN_WHICH, AddToTicket, Choice, Effect, Facts, OrderProof, Say
from bot.dialogue.state import Frame, State
from bot.dialogue.topics import topic_of

_PERSON = "handoff"
_OF_PARCELS = frozenset({"parcel", "late", "lost"})

Step = tuple[State, tuple[Effect, ...]]


def run(state: State, facts: Facts) -> Step:
    """Run the active flow until it asks or ends."""
    frame = state.active
    if frame is None:
        return state, ()
    outcome = _advance(state, frame, facts)
    if outcome.onward and not _is_skipped(state, outcome.onward):
        onward, effects = run(remember(state, frame).turn_into(outcome.onward), facts)
        return onward, (*outcome.effects, *effects)
    if outcome.asks:
        asking = frame.forget(*outcome.forgets).fill(**outcome.slots).ask(outcome.asks)
        return remember(state.swap(asking), asking), outcome.effects
    ended = _without_person(remember(state, frame).pop(), outcome)
    ended, effects = go_on(ended, frame, facts)
    return ended, (*outcome.effects, *effects)


def _without_person(state: State, outcome: Outcome) -> State:
    """Whoever's matter has just become a person's need not ask for a person beside it: one case, one owner."""
    has_person = any(isinstance(effect, OpenTicket | AddToTicket) for effect in outcome.effects)
    if has_person and state.ended is not None and state.ended.flow == _PERSON:
        # Whoever has been called takes over all that was going on.
        return replace(state, frames=(), later=(), kept=())
    return replace(state, later=tuple(one for one in state.later if one != HANDOFF)) if has_person else state


def go_on(state: State, ended: Frame, facts: Facts) -> Step:
    """After a flow: what else was asked or told, else the flow that was interrupted, else nothing."""
    if state.later:
        intent, *later = state.later
        following, effects = run(replace(begin_later(state, intent, ended), later=tuple(later)), facts)
        return following, (say("later.next", topic=topic_of(intent, ended.slots.get("said", ""))), *effects)
    if state.kept:
        begun = begin_kept(state)
        following, effects = run(begun, facts)
        return following, (name_kept(begun, state.kept[0], facts), *effects)
    state = _without_answered(state, ended)
    if state.active and state.active.asking:
        following, effects = _come_back(state, state.active, facts)
        return following, (say("resume"), *effects)
    return state, ()


def _without_answered(state: State, ended: Frame) -> State:
    """What asked where a parcel is waits for nothing once that has been told in another way."""
    if ended.flow not in _OF_PARCELS:
        return state
    number = ended.slots.get("order")
    left = (one for one in state.frames if one.flow not in _OF_PARCELS or one.slots.get("order") not in {None, number})
    return replace(state, frames=tuple(left))


def _come_back(state: State, frame: Frame, facts: Facts) -> Step:
    """Go on with a flow that was interrupted; an order shown in between is the one it waited for."""
    named = frame.slots.get("order")
    number = named or state.order or NOT_KNOWN_WHICH
    waits = frame.asking == "order" and not frame.slots.get("asked_order") and number != frame.slots.get("not_order")
    if not waits or number not in facts.orders or facts.orders[number].proof is not OrderProof.PROVEN:
        return state, put_question(state, facts)
    return run(state.swap(frame.fill(order=number, assumed=None if named else number)), facts)


def _is_skipped(state: State, onward: Frame) -> bool:
    """What is only asked for in addition is not, where another matter waits."""
    return bool(state.later or state.kept) and not flow_named(onward.flow).resumes


def name_kept(state: State, kept: Frame, facts: Facts) -> Say:
    """Say what is come to now: the item by its name, where it is known which."""
    topic = topic_of(kept.slots["intent"], kept.slots.get("said", ""))
    if "own_order" in kept.slots:
        return say("later.order", order=kept.slots["order"], topic=topic)
    order = Moment(state, state.active or kept, facts).order_facts.order
    products, said = kept.slots.get("products", ()), kept.slots.get("said", "")
    is_there = order is not None and products and not is_elsewhere(order, products, said)
    item = choose_item(order.items, products=products, said=said) if order and is_there else None
    return say("later.item", item=item.name) if item else say("later.next", topic=topic)


def _advance(state: State, frame: Frame, facts: Facts) -> Outcome:
    flow = flow_named(frame.flow)
    moment = Moment(state, frame, facts)
    if flow.needs_order and frame.slots.get("order") != "none" and moment.order_facts.proof is not OrderProof.PROVEN:
        return flow.before_order(moment) or _go_without_number(moment) or _ask_for_order(moment)
    return keep_within_limits(moment, flow.decide(moment))


def _go_without_number(moment: Moment) -> Outcome | None:
    """Who has said that there is no number is not asked for it, where a person can do without."""
    flow, said = flow_named(moment.frame.flow), moment.slot("said") or ""
    told = words.names(words.NO_NUMBER, said) and not words.is_question(said)
    unknown = moment.order_facts.proof is OrderProof.NOT_NAMED and not moment.facts.own_orders
    if not (flow.order_optional and told and unknown) or moment.frame.asking is not None:
        return None
    return Outcome(onward=moment.frame.fill(order="none"))


def _ask_for_order(moment: Moment) -> Outcome:
    """Ask for the order, or for the proof that it is the customer's: number and the phone's last four digits."""
    flow = flow_named(moment.frame.flow)
    skip = (option("order", "none", "choice.no_order"),) if flow.order_optional else ()
    match moment.order_facts.proof:
        case OrderProof.SHOP_DOWN:
            return lookups.wait_for_shop(moment)
        case OrderProof.LOCKED:
            locked = ask("order", say("order.locked", PERSON))
            return replace(locked, forgets=("order", "digits"))
        case OrderProof.NO_MATCH:
            again = ask("order", say("order.no_match", *skip, PERSON))
            # The number may well be right: then the digits alone are enough.
            return replace(again, forgets=("digits",))
        case OrderProof.DIGITS_MISSING:
            return ask("order", say("order.ask_digits", *skip, PERSON, order=moment.slot("order")))
    own = tuple(_order_choice(order) for order in moment.facts.own_orders)
    asked = say("order.ask_which", *own, *skip) if own else say("order.ask", *skip)
    return ask("order", asked, *_opening(moment, flow.opening))


def _opening(moment: Moment, key: str | None) -> tuple[Say, ...]:
    """A first word of sympathy, once, before the first question; who only changed their mind needs none."""
    unwanted = moment.slot("reason") == "no_reason"
    wished = unwanted or moment.slot("intent") in flow_named(moment.frame.flow).unmoved
    return (say(key),) if key and moment.frame.asking is None and not wished else ()


def _order_choice(order: Order) -> Choice:
    return option("order", order.number, "choice.order", item=order.items[0].name, placed=order.placed_at)


def put_question(state: State, facts: Facts) -> tuple[Effect, ...]:
    """Put the active flow's question again, without its other effects."""
    if state.active is None or state.active.asking is None:
        return ()
    # Once asked, "is it this order?" would be taken for answered.
    outcome = _advance(state, state.active.forget("asked_order"), facts)
    return outcome.effects[-1:] if outcome.asks else ()
