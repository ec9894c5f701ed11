"""The dialogue: `plan` names the facts a turn needs, `step` decides. Both pure; the turn does the rest.

A flow runs until it asks something or ends; when it ends, a second request of the same message is taken up, then a
flow that was interrupted goes on where it was.
"""

from dataclasses import replace
from typing import Any

from actions.shop import Order
from bot.dialogue import lookups, questions, small_talk
from bot.dialogue.after_resolution import settle
from bot.dialogue.attempts import note_attempts
from bot.dialogue.beginnings import begin_kept, begin_later, without_offers
from bot.dialogue.case_words import asks_news, nudges
from bot.dialogue.cases import add_photos, add_to_open_ticket, hand_over
from bot.dialogue.contact import ask_for_contact
from bot.dialogue.flows import flow_named
from bot.dialogue.goods_words import remedy_in
from bot.dialogue.items import choose_item, is_elsewhere
from bot.dialogue.memory import keep_photos, remember
from bot.dialogue.outcome import PERSON, Moment, Outcome, ask, option, say
from bot.dialogue.own_orders import find_own_order
from bot.dialogue.records import Choice, Effect, Facts, Heard, Needs, OrderClaim, OrderProof, Say
from bot.dialogue.results import tell_result
from bot.dialogue.routing import begin_status, route
from bot.dialogue.settling import keep_within_limits
from bot.dialogue.silence import is_back_after_silence
from bot.dialogue.state import Frame, State
from bot.dialogue.topics import topic_of
from bot.dialogue.turns import Route, Turn
from bot.dialogue.unsure import ask_what_is_meant
from bot.dialogue.why import asks_why, note_reason, tell_why
from bot.masking import mask_sensitive

# After so many answers in a row that did not help, a person gets the case.
_HAND_OVER_AFTER = 3

# What is answered in a word; the open question may wait, or is put again.
_WITHOUT_QUESTION = {
    Turn.START_OVER: say("start_over.done", *small_talk.MENU),
    Turn.WELCOME: say("chitchat.welcome", *small_talk.MENU),
    Turn.HOLD_ON: say("hold_on"),
    Turn.NOTHING_SAID: say("nothing_said", *small_talk.MENU),
}
_BEFORE_QUESTION = {
    Turn.DECLINED: say("declined"),
    Turn.UNREADABLE: say("unreadable", PERSON),
    Turn.STALE_CHOICE: say("choice.stale"),
    Turn.ASKED_AFTER: say("offer.asked_after"),
    Turn.KEPT: say("later.kept"),
}

Step = tuple[State, tuple[Effect, ...]]


def plan(state: State, heard: Heard) -> Needs:
    """Name the facts that this turn will need: the orders its flows speak of, or the customer's own to choose from."""
    if heard.command is not None and heard.kind != "lookup":
        return Needs()
    routed = route(state, heard)
    frames = [frame for frame in routed.state.frames if flow_named(frame.flow).needs_order]
    numbered = [frame for frame in frames if frame.slots.get("order", "none") != "none"]
    claims = tuple(OrderClaim(frame.slots["order"], frame.slots.get("digits")) for frame in numbered)
    asked = questions.find_needs(state, heard, chosen=routed.chosen, may_ask=_may_ask(routed, heard))
    return replace(asked, claims=claims, own_orders=any("order" not in frame.slots for frame in frames))


def _may_ask(routed: Route, heard: Heard) -> bool:
    """Tell whether this may be a question for the FAQ: no flow has it, or what begins one may hold for everybody."""
    match routed.turn:
        case Turn.FLOW:
            return heard.choice is None and (questions.begins_flow(routed.state) or _may_go_before(routed.state, heard))
        case Turn.SMALL_TALK:
            return questions.is_asked(heard.text)
        case turn:
            return turn in {Turn.UNSURE, Turn.UNHEARD, Turn.ASKED_AFTER}


def _may_go_before(state: State, heard: Heard) -> bool:
    frame = state.active
    needs_order = frame is not None and flow_named(frame.flow).needs_order
    return questions.may_go_before(state, heard, needs_order=needs_order)


def step(state: State, heard: Heard, facts: Facts) -> Step:
    """Decide what happens: the state afterwards, and the effects in order."""
    following, effects = _take(state, heard, facts)
    following = note_reason(state, note_attempts(state, following, effects, at=facts.now), effects)
    return ask_for_contact(following, effects, heard, facts)


def _take(state: State, heard: Heard, facts: Facts) -> Step:
    if heard.command is not None:
        return _take_event(state, heard.command, heard, facts)
    at_once = settle(heard, facts) or _explain(state, heard, facts)
    following, effects = (state, at_once) if at_once else _answer(state, heard, facts)
    return replace(following, offered=_offers(effects), heard_at=heard.at), effects


def _offers(effects: tuple[Effect, ...]) -> tuple[str, ...]:
    """Return the values of the buttons that the customer sees last."""
    offering = (effect.choices for effect in reversed(effects) if isinstance(effect, Say) and effect.choices)
    return tuple(choice.value for choice in next(offering, ()))


def _answer(state: State, heard: Heard, facts: Facts) -> Step:
    """Answer what was heard."""
    routed = _yield_to_faq(_turn_to_cases(route(state, heard), state, heard, facts), state, heard, facts)
    if routed.corrects and state.active is None and not _wants_otherwise(routed, heard):
        added = add_to_open_ticket(heard, facts)
        if added:
            return state, added
    known, facts = find_own_order(_remember_proofs(routed.state, facts), facts)
    known = questions.keep_asked(known, heard, facts, chosen=routed.chosen)
    turn = _find_turn(routed, facts)
    match turn:
        case Turn.FLOW:
            following, effects = _run(known, facts)
            return following, (*_acknowledge(routed, state, facts), *effects)
        case Turn.UNHEARD:
            return _ask_again(known, heard, facts)
        case Turn.UNSURE:
            return _clear_up(known, heard, facts)
        case Turn.PHOTO:
            return _take_photos(known, heard, facts)
        case _:
            return _answer_aside(replace(routed, turn=turn, state=known), heard, facts)


def _explain(state: State, heard: Heard, facts: Facts) -> tuple[Effect, ...]:
    """To "why?", give the reason again, then the open question; nothing twice where the question has the reason."""
    if heard.choice is not None or not asks_why(heard.text):
        return ()
    question = _question(without_offers(state), facts)
    has_reason = any("explanation" in effect.line.params for effect in question if isinstance(effect, Say))
    told = (say("offer.asked_after"),) if has_reason else tell_why(state, facts)
    return (*told, *question) if told else ()


def _wants_otherwise(routed: Route, heard: Heard) -> bool:
    """Tell whether a correction names a remedy: its flow puts it in the place of what was wanted before."""
    return routed.turn is Turn.FLOW and remedy_in(heard.text) is not None


def _turn_to_cases(routed: Route, state: State, heard: Heard, facts: Facts) -> Route:
    """Take "is it done yet?" for a question after a case, unless something else is being talked about by now."""
    if heard.choice is not None or not (asks_news(heard.text) or (facts.tickets and nudges(heard.text))):
        return routed
    topics = {topic for ticket in facts.tickets for topic in (ticket.category, ticket.intent.partition(".")[0])}
    about_cases = bool(facts.tickets) and state.topic in {None, "handoff", *topics}
    if about_cases or routed.turn in {Turn.SMALL_TALK, Turn.UNSURE, Turn.UNHEARD}:
        return Route(Turn.FLOW, begin_status(state, heard))
    return routed


def _yield_to_faq(routed: Route, state: State, heard: Heard, facts: Facts) -> Route:
    """Where the FAQ surely has the answer to what would else begin a flow, say that; the flow is not begun."""
    frame = routed.state.active
    answered = facts.faq is not None and facts.faq.answer is not None
    if frame is None or not answered or routed.turn is not Turn.FLOW or not _may_ask(routed, heard):
        return routed
    if questions.begins_flow(routed.state):
        return routed
    kept = replace(without_offers(state), unclear=mask_sensitive(heard.text))
    return Route(Turn.ANSWERED, kept, before=frame.slots["intent"])


def report(state: State, heard: Heard, facts: Facts) -> tuple[Effect, ...]:
    """A person has the word: they hear what the shop says, and the customer hears it from them."""
    if heard.kind == "lookup":
        return lookups.take_up(state, state, heard, facts, run=None)[1]
    return lookups.pass_on(heard.command or {}, facts)


def _take_event(state: State, event: dict[str, Any], heard: Heard, facts: Facts) -> Step:
    """Take what the shop says: what a command came to, that it is late, or that it answers again."""
    routed = route(state, heard)
    if routed.turn is Turn.LOOKUP:
        begun, known = find_own_order(_remember_proofs(routed.state, facts), facts)
        following, effects = lookups.take_up(state, begun, heard, known, run=_run)
        offered = _offers(effects)
        return (replace(following, offered=offered) if offered else following), effects
    if routed.turn is Turn.DELAY:
        return state, lookups.tell_delay(event, facts)
    return state, (*tell_result(event, facts), *lookups.complete_delayed(event, facts))


def _acknowledge(routed: Route, before: State, facts: Facts) -> tuple[Say, ...]:
    """Say that a correction was heard, or another matter, or that more was noted than what was asked."""
    if routed.apart and routed.state.active:
        return (_name_kept(routed.state, routed.state.active, facts),)
    if routed.corrects and before.active:
        return (say("corrected"),)
    return (say("noted"),) if routed.notes else ()


def _find_turn(routed: Route, facts: Facts) -> Turn:
    """What the turn is about, now that the FAQ was asked: what it answers is answered in passing."""
    answered = facts.faq is not None and facts.faq.answer is not None and routed.chosen is None
    return Turn.ANSWERED if answered and routed.turn is not Turn.FLOW else routed.turn


def _answer_aside(routed: Route, heard: Heard, facts: Facts) -> Step:
    """Answer what no flow is needed for; the flow in progress stays, and its question is put again."""
    state = routed.state
    if routed.turn in _WITHOUT_QUESTION:
        return state, (_WITHOUT_QUESTION[routed.turn],)
    if routed.turn in _BEFORE_QUESTION:
        return state, (_BEFORE_QUESTION[routed.turn], *_question(state, facts))
    if routed.turn in {Turn.FAQ, Turn.ANSWERED}:
        said = questions.reply(state, facts, chosen=routed.chosen, before=routed.before)
        return replace(state, unsure=0), (*said, *_question(state, facts))
    added = () if small_talk.is_meant(heard.text) or state.active else add_to_open_ticket(heard, facts)
    if added:
        # Only taken for small talk: to who has a case it belongs there.
        return state, added
    spoken = _reminder(state, heard) or small_talk.reply(heard.text, facts)
    return state, (*spoken, *_question(state, facts))


def _reminder(state: State, heard: Heard) -> tuple[Say, ...]:
    """Say where we were, to who comes back after hours."""
    frame = state.active
    if frame is None or frame.asking is None or not is_back_after_silence(state, heard.at):
        return ()
    return (say("resume.after_silence", topic=topic_of(frame.slots.get("intent", frame.flow))),)


def _run(state: State, facts: Facts) -> Step:
    """Run the active flow until it asks or ends."""
    frame = state.active
    if frame is None:
        return state, ()
    outcome = _advance(state, frame, facts)
    if outcome.onward and not _is_skipped(state, outcome.onward):
        onward, effects = _run(remember(state, frame).swap(outcome.onward), facts)
        return onward, (*outcome.effects, *effects)
    if outcome.asks:
        asking = frame.forget(*outcome.forgets).fill(**outcome.slots).ask(outcome.asks)
        return remember(state.swap(asking), asking), outcome.effects
    ended, effects = _go_on(remember(state, frame).pop(), frame, facts)
    return ended, (*outcome.effects, *effects)


def _go_on(state: State, ended: Frame, facts: Facts) -> Step:
    """After a flow: what else was asked or told, else the flow that was interrupted, else nothing."""
    if state.later:
        intent, *later = state.later
        following, effects = _run(replace(begin_later(state, intent, ended), later=tuple(later)), facts)
        return following, (say("later.next", topic=topic_of(intent, ended.slots.get("said", ""))), *effects)
    if state.kept:
        begun = begin_kept(state)
        following, effects = _run(begun, facts)
        return following, (_name_kept(begun, state.kept[0], facts), *effects)
    if state.active and state.active.asking:
        return state, (say("resume"), *_question(state, facts))
    return state, ()


def _is_skipped(state: State, onward: Frame) -> bool:
    """What is only asked for in addition is not, where another matter waits."""
    return bool(state.later or state.kept) and not flow_named(onward.flow).resumes


def _name_kept(state: State, kept: Frame, facts: Facts) -> Say:
    """Say what is come to now: the item by its name, where it is known which."""
    order = Moment(state, state.active or kept, facts).order_facts.order
    products, said = kept.slots.get("products", ()), kept.slots.get("said", "")
    is_there = order is not None and products and not is_elsewhere(order, products, said)
    item = choose_item(order.items, products=products, said=said) if order and is_there else None
    return say("later.item", item=item.name) if item else say("later.next", topic=topic_of(kept.slots["intent"], said))


def _advance(state: State, frame: Frame, facts: Facts) -> Outcome:
    flow = flow_named(frame.flow)
    moment = Moment(state, frame, facts)
    if flow.needs_order and frame.slots.get("order") != "none" and moment.order_facts.proof is not OrderProof.PROVEN:
        return flow.before_order(moment) or _ask_for_order(moment)
    return keep_within_limits(moment, flow.decide(moment))


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
            return replace(again, forgets=("order", "digits"))
        case OrderProof.DIGITS_MISSING:
            return ask("order", say("order.ask_digits", *skip, PERSON, order=moment.slot("order")))
    own = tuple(_order_choice(order) for order in moment.facts.own_orders)
    question = say("order.ask_which", *own, *skip) if own else say("order.ask", *skip)
    return ask("order", question, *_opening(moment, flow.opening))


def _opening(moment: Moment, key: str | None) -> tuple[Say, ...]:
    """A first word of sympathy, once, before the first question; who only changed their mind needs none."""
    wished = moment.slot("intent") in flow_named(moment.frame.flow).unmoved
    return (say(key),) if key and moment.frame.asking is None and not wished else ()


def _order_choice(order: Order) -> Choice:
    return option("order", order.number, "choice.order", item=order.items[0].name, placed=order.placed_at)


def _question(state: State, facts: Facts) -> tuple[Effect, ...]:
    """Put the active flow's question again, without its other effects."""
    if state.active is None or state.active.asking is None:
        return ()
    outcome = _advance(state, state.active, facts)
    return outcome.effects[-1:] if outcome.asks else ()


def _ask_again(state: State, heard: Heard, facts: Facts) -> Step:
    """The answer did not help: ask again, offer a person, and in the end fetch one."""
    frame = state.active
    if frame is None:
        return state, ()
    tried = replace(frame, tries=frame.tries + 1)
    if tried.tries >= _HAND_OVER_AFTER:
        outcome = hand_over(Moment(state, tried, facts), "handoff.not_understood")
        return state.pop(), outcome.effects
    return state.swap(tried), (*(_reminder(state, heard) or (say("unheard", PERSON),)), *_question(state, facts))


def _clear_up(state: State, heard: Heard, facts: Facts) -> Step:
    """An unsure reading: part of an open case, else one question with buttons, else a person."""
    added = add_to_open_ticket(heard, facts)
    if added:
        return replace(state, unsure=0), added
    noted = questions.note_unsure(state, heard, facts)
    if state.unsure < 2:
        return state, (*noted, ask_what_is_meant(heard.reading))
    moment = Moment(state, Frame("handoff", {"intent": "handoff.ask_human", "said": mask_sensitive(heard.text)}), facts)
    return replace(state, unsure=0), (*noted, *hand_over(moment, "handoff.not_understood").effects)


def _take_photos(state: State, heard: Heard, facts: Facts) -> Step:
    """Photos without words belong to the goods being talked about, the open case, or the flow that is going on."""
    state, kept = without_offers(state), say("photo.kept", count=heard.photos)
    if state.active and flow_named(state.active.flow).about_goods:
        following, effects = _run(state.swap(add_photos(state.active, heard.photos)), facts)
        return following, (kept, *effects)
    added = add_to_open_ticket(heard, facts)
    if added:
        return state, added
    if state.active is None:
        return keep_photos(state, heard.photos), (say("photo.what_about", *small_talk.MENU),)
    frame = add_photos(state.active, heard.photos)
    return remember(state.swap(frame), frame), (kept, *_question(state, facts))


def _remember_proofs(state: State, facts: Facts) -> State:
    """Keep which orders were shown to be the customer's; the digits themselves are not kept."""
    proven = [number for number, known in facts.orders.items() if known.proof is OrderProof.PROVEN]
    frames = tuple(frame.forget("digits") if frame.slots.get("order") in proven else frame for frame in state.frames)
    return replace(state, frames=frames, proven=tuple(dict.fromkeys((*state.proven, *proven))))
