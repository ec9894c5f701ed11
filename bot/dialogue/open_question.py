"""What is said while a question is open: its answer, a correction, more of the same, another matter, nothing. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.dialogue.answers import all_digits_in, as_offered, fill_asked
from bot.dialogue.beginnings import begin_apart, put_off, take
from bot.dialogue.flows.table import flow_named
from bot.dialogue.hearing import words
from bot.dialogue.hearing.listening import add_said, listen, merge
from bot.dialogue.new_requests import NO_MATTER, put_off_others, route_new
from bot.dialogue.other_item import intent_of_other_item, tells_of_other_item
from bot.dialogue.records import Heard
from bot.dialogue.several_goods import wishes_of
from bot.dialogue.state import Frame, State
from bot.dialogue.turns import Route, Turn

# Words of these kinds beside a photo are its caption.
_NOTHING_OF_ITS_OWN = frozenset({"chitchat.greeting_thanks", "out_of_scope.other"})
# Categories that are never part of an answer about goods.
_OTHER_MATTERS = frozenset({"order", "logistics", "complaint", "handoff"})
# Who tells what somebody did tells it in several sentences.
_TELLING = "behaviour"
# What is only asked about is not chosen, and not said to be so.
_CHOSEN = frozenset({"wish", "outright", "intact"})
# So short a sentence is rather an answer than a request of its own.
SHORT = 30


def route_answer(state: State, frame: Frame, heard: Heard) -> Route:
    """What was asked, told, corrected; else another request in between, or nothing that helps."""
    if tells_of_other_item(frame, heard):
        return _route_other_item(state, frame, heard)
    flow = flow_named(frame.flow)
    if frame.asking == "remedy" and _asks_after_offer(heard):
        return Route(Turn.ASKED_AFTER, state)
    state, wished = _take_wishes(state, frame, heard)
    state, proofs = _take_proofs(state, frame, heard)
    filled = wished or proofs or fill_asked(state, frame, heard)
    meant = words.corrected(heard.text)
    hears = flow.about_goods and frame.asking != "day"
    facts = listen(meant or heard.text, heard.reading) if hears and not wished else {}
    if words.asks_after_offer(heard.text):
        facts = {name: value for name, value in facts.items() if name not in _CHOSEN}
    # A photo is what was asked for, whatever is written beside it.
    shows = frame.asking == "photo" and heard.photos > 0
    if filled or shows or (meant and flow.about_goods and not asks_for_more(heard)):
        told = _forget_other_kind(merge(frame, facts, heard, corrects=meant is not None), filled)
        state = put_off_others(state, frame, heard) if flow.about_goods or frame.asking == "order" else state
        return Route(Turn.FLOW, take(state, told.fill(**filled)), corrects=meant is not None and flow.resumes)
    if not flow.resumes:
        return route_new(state.pop(), heard)
    return _route_between(state, frame, heard, facts)


def _take_wishes(state: State, frame: Frame, heard: Heard) -> tuple[State, dict[str, Any]]:
    """Take an answer that names a remedy for each of several goods: this flow's, and those that are come to later."""
    wishes = wishes_of(heard.reading) if frame.asking == "remedy" else ()
    own = next((remedy for goods, remedy in wishes if goods & frozenset(frame.slots.get("products", ()))), None)
    if own is None:
        return state, {}
    kept = tuple(_with_wish(one, wishes) for one in state.kept)
    return replace(state, kept=kept), {"remedy": as_offered(own, state.offered)}


def _take_proofs(state: State, frame: Frame, heard: Heard) -> tuple[State, dict[str, Any]]:
    """Take the digits of several orders that were named together: in their order, this one's first."""
    waiting = [one for one in state.kept if "own_order" in one.slots]
    digits = all_digits_in(heard.text) if frame.asking == "order" and "order" in frame.slots else ()
    if not waiting or len(digits) != len(waiting) + 1:
        return state, {}
    own, *others = digits
    proofs = iter(others)
    kept = tuple(one.fill(digits=next(proofs)) if "own_order" in one.slots else one for one in state.kept)
    return replace(state, kept=kept), {"digits": own}


def _with_wish(kept: Frame, wishes: tuple[tuple[frozenset[str], str], ...]) -> Frame:
    wish = next((remedy for goods, remedy in wishes if goods & frozenset(kept.slots.get("products", ()))), None)
    return kept.fill(wish=wish, outright=True if wish else None)


def _forget_other_kind(frame: Frame, filled: Mapping[str, Any]) -> Frame:
    """An invoice that is for somebody else after all is not made out in the first one's name."""
    kind, before = filled.get("invoice_kind"), frame.slots.get("invoice_kind")
    return frame if kind is None or before in {None, kind} else frame.forget("title", "tax_number")


def _route_other_item(state: State, frame: Frame, heard: Heard) -> Route:
    """Other goods: taken up now where no more than an addition is waited for, else after what is going on."""
    begun = begin_apart(state, intent_of_other_item(heard), heard)
    if begun.active is None or not flow_named(frame.flow).resumes:
        return Route(Turn.FLOW, begun, apart=True)
    return Route(Turn.KEPT, put_off(state, begun.active))


def _route_between(state: State, frame: Frame, heard: Heard, facts: Mapping[str, Any]) -> Route:
    """What was not the answer: another request, more of what the flow is about, small talk, or nothing that helps."""
    if words.declines(heard.text) and _may_be_let_go(frame):
        return Route(Turn.DECLINED, replace(state.pop(), later=()))
    fresh = route_new(state, heard)
    if facts and (fresh.turn is not Turn.FLOW or _goes_on(frame, fresh.state.active, facts, heard)):
        kept = put_off_others(state, frame, heard)
        return Route(Turn.FLOW, take(kept, merge(frame, facts, heard, corrects=False)), notes=True)
    if frame.flow == _TELLING and words.names(words.GOES_ON, heard.text) and not words.is_question(heard.text):
        said = add_said(frame.slots.get("said", ""), heard.text)
        return Route(Turn.FLOW, take(state, frame.fill(said=said)), notes=True)
    return _route_aside(state, frame, heard, fresh)


def _may_be_let_go(frame: Frame) -> bool:
    """Tell whether "never mind" lets go of what was asked for."""
    flow = flow_named(frame.flow)
    return flow.about_goods or flow.asks or frame.asking == "order"


def _route_aside(state: State, frame: Frame, heard: Heard, fresh: Route) -> Route:
    """Nothing that the flow can use: "what now?", another request, "one moment", small talk, or not understood."""
    request = fresh.state.active if fresh.turn is Turn.FLOW else None
    other = request is not None and flow_named(request.flow) is not flow_named(frame.flow)
    vague = request is None or request.slots["intent"].partition(".")[0] in NO_MATTER
    # "I forgot my password, what now?" is a question of its own.
    bare = request is None or request.slots["intent"] in _NOTHING_OF_ITS_OWN
    if bare and words.names(words.WHAT_NOW, heard.text):
        return Route(Turn.FLOW, state)
    waits = frame.asking == "order"
    looks = waits and (words.names(words.SKIP, heard.text) or (request is not None and request.flow == "order_status"))
    if (vague or looks) and words.names(words.HOLD_ON, heard.text):
        return Route(Turn.HOLD_ON, state)
    if other:
        return replace(fresh, interrupted=True)
    if fresh.turn is Turn.TURNED_DOWN:
        return _turn_down(state, frame)
    if fresh.turn is Turn.SMALL_TALK and (words.is_small_talk(heard.text) or words.shows_displeasure(heard.text)):
        return Route(Turn.SMALL_TALK, state)
    return Route(Turn.UNHEARD, state)


def _turn_down(state: State, frame: Frame) -> Route:
    """An invoice is not wanted: where it is just being made out, that ends; else what is going on goes on."""
    return Route(Turn.TURNED_DOWN, state.pop() if frame.flow == "invoice" else state)


def _asks_after_offer(heard: Heard) -> bool:
    """Tell whether what is offered is asked about; where the parcel is meanwhile is a question of its own."""
    plain = words.names(words.ASKS_AFTER_OFFER, heard.text) or words.names(words.ASKS_AFTER_GIFTS, heard.text)
    return plain or (words.asks_after_offer(heard.text) and not asks_for_more(heard))


def asks_for_more(heard: Heard) -> bool:
    """Tell whether a correction is a request of its own ("no, I want to complain")."""
    reading = heard.reading
    return reading is not None and not reading.unsure and reading.category in _OTHER_MATTERS


def _goes_on(frame: Frame, fresh: Frame | None, facts: Mapping[str, Any], heard: Heard) -> bool:
    """Tell whether a sentence taken for a new request only tells more of the one going on."""
    if fresh is None or flow_named(fresh.flow) is flow_named(frame.flow):
        return True
    intent = fresh.slots["intent"]
    if intent.partition(".")[0] in {"quality", "out_of_scope"}:
        return True
    # "a few days ago", "my money back": said in answer, they ask for no tracking and no status.
    tells = "since" in facts or ("wish" in facts and intent == "after_sales.refund")
    return tells and len(heard.text) <= SHORT and not words.names(words.QUESTION, heard.text)
