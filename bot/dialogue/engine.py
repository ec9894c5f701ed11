"""The dialogue: `plan` names the facts a turn needs, `step` decides. Both pure; the turn does the rest.

A flow runs until it asks something or ends; when it ends, a second request of the same message is taken up, then a
flow that was interrupted goes on where it was.
"""

from dataclasses import replace
from typing import Any

from bot.dialogue import lookups
from bot.dialogue.asked_back import tell_about_asked
from bot.dialogue.attempts import note_attempts
from bot.dialogue.beginnings import without_offers
from bot.dialogue.flows import questions, small_talk
from bot.dialogue.flows.after_resolution import settle
from bot.dialogue.flows.cases import add_photos, add_to_open_ticket, hand_over, is_about
from bot.dialogue.flows.contact import ask_for_contact
from bot.dialogue.flows.results import settle_cancelled, tell_result
from bot.dialogue.flows.table import flow_named
from bot.dialogue.flows.unsure import ask_what_is_meant
from bot.dialogue.hearing.case_words import asks_news, nudges
from bot.dialogue.hearing.insisting_words import scorns
from bot.dialogue.hearing.slots import orders_in
from bot.dialogue.hearing.wish_words import remedy_in
from bot.dialogue.memory import keep_photos, remember
from bot.dialogue.more_of_case import add_words, find_case_of_words
from bot.dialogue.outcome import PERSON, Moment, say
from bot.dialogue.own_orders import find_own_order
from bot.dialogue.records import (
    Effect,
    Facts,
    Heard,
    Needs,
    OrderClaim,
    OrderProof,
    Say,
)
from bot.dialogue.routing import begin_status, route
from bot.dialogue.running import Step, go_on, name_kept, put_question, run
from bot.dialogue.several_orders import claims_in
from bot.dialogue.silence import is_back_after_silence
from bot.dialogue.state import Frame, State
from bot.dialogue.topics import topic_of
from bot.dialogue.turns import Route, Turn
from bot.dialogue.why import asks_why, asks_why_so_little, note_reason, tell_why
from bot.security.masking import mask_sensitive

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
    Turn.TURNED_DOWN: say("turned_down"),
    Turn.UNREADABLE: say("unreadable", PERSON),
    Turn.STALE_CHOICE: say("choice.stale"),
    Turn.ASKED_AFTER: say("offer.asked_after"),
    Turn.KEPT: say("later.kept"),
}


def plan(state: State, heard: Heard) -> Needs:
    """Name the facts that this turn will need: the orders its flows speak of, or the customer's own to choose from."""
    if heard.command is not None and heard.kind != "lookup":
        return Needs()
    routed = route(state, heard)
    frames = [frame for frame in routed.state.frames if flow_named(frame.flow).needs_order]
    spoken_of = tuple(OrderClaim(frame.slots["order"], frame.slots.get("digits")) for frame in _find_claiming(routed))
    # Who shows in passing that an order is theirs need not do so again.
    claims = _join_claims((*spoken_of, *claims_in(heard.reading)))
    asked = questions.find_needs(state, heard, chosen=routed.chosen, may_ask=_may_ask(routed, heard))
    return replace(asked, claims=claims, own_orders=any("order" not in frame.slots for frame in frames))


def _join_claims(claims: tuple[OrderClaim, ...]) -> tuple[OrderClaim, ...]:
    """Return each order once, with digits where there are any."""
    proofs = {claim.number: claim for claim in reversed(claims)}
    proofs |= {claim.number: claim for claim in reversed(claims) if claim.digits is not None}
    return tuple(proofs[number] for number in dict.fromkeys(claim.number for claim in claims))


def _find_claiming(routed: Route) -> list[Frame]:
    """Return the flows whose order is looked up: those that need one, and those that bring the proof of one along.

    One that is come to later may be come to in this turn.
    """
    state, declined = routed.state, routed.turn is Turn.DECLINED
    later = (frame for frame in state.kept if "own_order" in frame.slots)
    first = (frame.fill(order=state.order) for frame in state.kept[:1] if declined and "own_order" not in frame.slots)
    numbered = (frame for frame in (*state.frames, *later, *first) if frame.slots.get("order", "none") != "none")
    return [frame for frame in numbered if flow_named(frame.flow).needs_order or "digits" in frame.slots]


def _may_ask(routed: Route, heard: Heard) -> bool:
    """Tell whether this may be a question for the FAQ: no flow has it, or what begins one may hold for everybody."""
    if routed.listed or questions.names_own_goods(heard):
        return False
    match routed.turn:
        case Turn.FLOW:
            # Two requests at once are taken up one after the other: the FAQ's answer to one would be all there is.
            asks_one = heard.choice is None and not (routed.state.later or routed.state.kept)
            return asks_one and (questions.begins_flow(routed.state) or _may_go_before(routed.state, heard))
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
    at_once = settle(state, heard, facts) or _explain(state, heard, facts) or _tell_about_asked(state, heard, facts)
    following, effects = (state, at_once) if at_once else _answer(state, heard, facts)
    return replace(following, offered=_offers(effects), heard_at=heard.at), effects


def _offers(effects: tuple[Effect, ...]) -> tuple[str, ...]:
    """Return the values of the buttons that the customer sees last."""
    offering = (effect.choices for effect in reversed(effects) if isinstance(effect, Say) and effect.choices)
    return tuple(choice.value for choice in next(offering, ()))


def _answer(state: State, heard: Heard, facts: Facts) -> Step:
    """Answer what was heard."""
    facts = questions.without_answer_elsewhere(heard, facts)
    routed = _yield_to_faq(_turn_to_cases(route(state, heard), state, heard, facts), state, heard, facts)
    added = _add_to_case(routed, state, heard, facts)
    if added:
        return without_offers(state), added
    known, facts = find_own_order(_remember_proofs(routed.state, facts), facts)
    known = questions.keep_asked(known, heard, facts, chosen=routed.chosen)
    turn = _find_turn(routed, facts)
    match turn:
        case Turn.FLOW:
            following, effects = run(known, facts)
            return following, (*_acknowledge(routed, state, heard, facts), *effects)
        case Turn.UNHEARD:
            return _ask_again(known, heard, facts)
        case Turn.UNSURE:
            return _clear_up(known, heard, facts)
        case Turn.PHOTO:
            return _take_photos(known, heard, facts)
        case _:
            return _answer_aside(replace(routed, turn=turn, state=known), heard, facts)


def _add_to_case(routed: Route, state: State, heard: Heard, facts: Facts) -> tuple[Effect, ...]:
    """Put a correction of a case, or more of it, where it belongs; nothing where it is neither."""
    if routed.listed:
        return ()
    if routed.corrects and state.active is None and not _wants_otherwise(routed, heard):
        return add_to_open_ticket(heard, facts)
    kind = find_case_of_words(routed, state, heard, facts)
    return add_words(kind, heard, facts) if kind in {"more", "asked"} else ()


def _explain(state: State, heard: Heard, facts: Facts) -> tuple[Effect, ...]:
    """To "why?", give the reason again, then the open question; nothing twice where the question has the reason."""
    asking = state.active.asking if state.active else None
    counts = asking == "count" and asks_why_so_little(heard.text)
    scorned = state.active is None and scorns(heard.text)
    if heard.choice is not None or counts or not (asks_why(heard.text) or scorned):
        return ()
    question = put_question(without_offers(state), facts)
    has_reason = any("explanation" in effect.line.params for effect in question if isinstance(effect, Say))
    told = (say("offer.asked_after"),) if has_reason else tell_why(state, facts)
    return (*told, *question) if told else ()


def _tell_about_asked(state: State, heard: Heard, facts: Facts) -> tuple[Effect, ...]:
    """To a question about what is asked for, its answer, and the open question again."""
    told = tell_about_asked(state, heard, facts)
    # Who would rather not say is not asked again in the same breath.
    refused = any(isinstance(effect, Say) and effect.line.key == "asked.refused.order" for effect in told)
    again = () if refused else put_question(without_offers(state), facts)
    return (*told, *again) if told else ()


def _wants_otherwise(routed: Route, heard: Heard) -> bool:
    """Tell whether a correction names a remedy: its flow puts it in the place of what was wanted before."""
    return routed.turn is Turn.FLOW and remedy_in(heard.text) is not None


def _turn_to_cases(routed: Route, state: State, heard: Heard, facts: Facts) -> Route:
    """Take "is it done yet?" for a question after a case, unless something else is being talked about by now."""
    if routed.listed:
        return routed
    if find_case_of_words(routed, state, heard, facts) == "when":
        return Route(Turn.FLOW, begin_status(state, heard))
    if heard.choice is not None or not (asks_news(heard.text) or (facts.tickets and nudges(heard.text))):
        return routed
    about_cases = any(is_about(ticket, state.topic) for ticket in facts.tickets)
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
        following, effects = lookups.take_up(state, begun, heard, known, run=run)
        offered = _offers(effects)
        return (replace(following, offered=offered) if offered else following), effects
    if routed.turn is Turn.DELAY:
        return state, lookups.tell_delay(event, facts)
    after = state.note_settled(event["kind"], event["order_number"], facts.now) if event["done"] else state
    told = tell_result(event, facts)
    return after, (*told, *lookups.complete_delayed(event, facts), *settle_cancelled(event, facts))


def _acknowledge(routed: Route, before: State, heard: Heard, facts: Facts) -> tuple[Say, ...]:
    """Say what comes first, that a correction was heard, or that more was noted than what was asked."""
    if routed.listed:
        return (say("list.in_turn", count=routed.listed),)
    several = orders_in(heard.reading)
    if len(several) > 1 and routed.state.order == several[0]:
        kept = [frame.slots["order"] for frame in routed.state.kept if "own_order" in frame.slots]
        in_turn = say("orders.in_turn", order=several[0], others=kept)
        return (in_turn if kept else say("orders.one_by_one", order=several[0]),)
    if routed.apart and routed.state.active:
        return (name_kept(routed.state, routed.state.active, facts),)
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
    if routed.turn is Turn.DECLINED and state.kept:
        # What else was asked for has not been taken back.
        following, effects = go_on(state, state.ended or Frame(""), facts)
        return following, (_BEFORE_QUESTION[Turn.DECLINED], *effects)
    if routed.turn in _BEFORE_QUESTION:
        return state, (_BEFORE_QUESTION[routed.turn], *put_question(state, facts))
    if routed.turn in {Turn.FAQ, Turn.ANSWERED}:
        said = questions.reply(state, facts, chosen=routed.chosen, before=routed.before)
        return replace(state, unsure=0), (*said, *put_question(state, facts))
    added = () if small_talk.is_meant(heard.text) or state.active else add_to_open_ticket(heard, facts)
    if added:
        # Only taken for small talk: to who has a case it belongs there.
        return state, added
    spoken = _reminder(state, heard) or small_talk.soothe(state, heard.text) or small_talk.reply(heard.text, facts)
    return state, (*spoken, *put_question(state, facts))


def _reminder(state: State, heard: Heard) -> tuple[Say, ...]:
    """Say where we were, to who comes back after hours."""
    frame = state.active
    if frame is None or frame.asking is None or not is_back_after_silence(state, heard.at):
        return ()
    return (say("resume.after_silence", topic=topic_of(frame.slots.get("intent", frame.flow))),)


def _ask_again(state: State, heard: Heard, facts: Facts) -> Step:
    """The answer did not help: ask again, offer a person, and in the end fetch one."""
    frame = state.active
    if frame is None:
        return state, ()
    tried = replace(frame, tries=frame.tries + 1)
    if tried.tries >= _HAND_OVER_AFTER:
        outcome = hand_over(Moment(state, tried, facts), "handoff.not_understood")
        return state.pop(), outcome.effects
    return state.swap(tried), (*(_reminder(state, heard) or (say("unheard", PERSON),)), *put_question(state, facts))


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
        following, effects = run(state.swap(add_photos(state.active, heard.photos)), facts)
        return following, (kept, *effects)
    added = add_to_open_ticket(heard, facts)
    if added:
        return state, added
    if state.active is None:
        return keep_photos(state, heard.photos), (say("photo.what_about", *small_talk.MENU),)
    frame = add_photos(state.active, heard.photos)
    return remember(state.swap(frame), frame), (kept, *put_question(state, facts))


def _remember_proofs(state: State, facts: Facts) -> State:
    """Keep which orders were shown to be the customer's; the digits themselves are not kept."""
    proven = [number for number, known in facts.orders.items() if known.proof is OrderProof.PROVEN]
    frames = tuple(frame.forget("digits") if frame.slots.get("order") in proven else frame for frame in state.frames)
    kept = tuple(frame.forget("digits") for frame in state.kept)
    return replace(state, frames=frames, kept=kept, proven=tuple(dict.fromkeys((*state.proven, *proven))))
