"""What a heard thing means for the conversation: what waits for nothing, a button, an answer, or something new.

Pure, and without facts: `plan` and `step` both start here, so that they always speak of the same flow. What is said
while a question is open is read in `open_question`, what begins something in `new_requests`.
"""

from dataclasses import replace

from bot.dialogue.answers import invoice_kind_in
from bot.dialogue.beginnings import begin, take, without_offers
from bot.dialogue.flows.own_data import ERASE, EXPORT
from bot.dialogue.flows.questions import HANDOFF
from bot.dialogue.flows.table import flow_for, flow_named
from bot.dialogue.going_on import go_on_after
from bot.dialogue.hearing import words
from bot.dialogue.hearing.harm_words import is_hurt
from bot.dialogue.hearing.listening import is_grave, listen
from bot.dialogue.hearing.privacy_words import wants_erasure, wants_export
from bot.dialogue.hearing.slots import read_slot
from bot.dialogue.new_requests import route_new
from bot.dialogue.open_question import SHORT, asks_for_more, route_answer
from bot.dialogue.records import Heard
from bot.dialogue.state import Frame, State
from bot.dialogue.turns import Route, Turn

# What a channel's own "start" button stands for.
GREET = "greet"
# What was told holds for another order too; which item it is, or how it looks, does not.
_WHATEVER_ORDER = frozenset({"intent", "said", "reason", "wish", "defects", "since"})
_COMPLAINT = "complaint.complaint"


def route(state: State, heard: Heard) -> Route:
    """Take in what was heard."""
    if heard.kind == "command":
        return Route(Turn.COMMAND, state)
    if heard.kind == "delay":
        return Route(Turn.DELAY, state)
    if heard.kind == "lookup":
        return Route(Turn.LOOKUP, _take_up(state, heard))
    if heard.kind == "unreadable":
        return Route(Turn.UNREADABLE, state)
    if heard.choice is not None:
        return _route_choice(state, heard.choice)
    return _route_text(state, heard)


def _take_up(state: State, heard: Heard) -> State:
    """Begin the flow that had to wait, above what is going on now; the text of a look-up is the proof given then."""
    waiting = heard.command or {}
    frame = Frame(waiting["flow"], dict(waiting["slots"])).fill(digits=heard.text or None)
    return take(state.push(frame), frame)


def _route_choice(state: State, value: str) -> Route:
    if value == GREET:
        return Route(Turn.WELCOME, State(proven=state.proven))
    if value.startswith("faq:"):
        return Route(Turn.FAQ, state, chosen=value)
    if value.startswith("start:"):
        intent = value.removeprefix("start:")
        # Who gets the case need not ask again what it was about.
        asked = state.question if intent == HANDOFF else None
        return Route(Turn.FLOW, begin(state, intent, text=state.unclear or asked or ""))
    slot, _, answer = value.partition("=")
    frame = state.active
    if frame is None or frame.asking != slot:
        return Route(Turn.STALE_CHOICE, state)
    return Route(Turn.FLOW, take(state, frame.fill(**{slot: answer})))


def _route_text(state: State, heard: Heard) -> Route:
    frame = state.active
    if heard.photos and not heard.text.strip():
        return Route(Turn.PHOTO, state)
    if words.names(words.START_OVER, heard.text):
        return Route(Turn.START_OVER, State(proven=state.proven))
    at_once = None if _answers_plainly(frame, heard) else _at_once(heard)
    if at_once:
        return Route(Turn.FLOW, begin(state, at_once, text=heard.text, reading=heard.reading, photos=heard.photos))
    if words.names(words.OTHER_ORDER, heard.text) and (frame or state.request):
        return _route_other_order(without_offers(state), heard)
    return _route_words(state, frame, heard)


def _route_words(state: State, frame: Frame | None, heard: Heard) -> Route:
    """A place in the list offered, an answer, or something new; a correction says so."""
    chosen = words.offered_by(heard.text, state.offered)
    if chosen:
        return _route_choice(state, chosen)
    if frame and frame.asking:
        return route_answer(state, frame, heard)
    onward = go_on_after(state, heard) if frame is None else None
    if onward:
        return Route(Turn.FLOW, onward)
    fresh = route_new(state, heard)
    return replace(fresh, corrects=_corrects_afterwards(heard))


def _corrects_afterwards(heard: Heard) -> bool:
    """Tell whether a sentence corrects what a case was opened with, rather than telling of something new."""
    if words.corrected(heard.text) is None or len(heard.text) > SHORT or read_slot("order", heard):
        return False
    return not asks_for_more(heard) and not is_grave(listen(heard.text, heard.reading).get("reason"))


def _has_no_number(frame: Frame | None, heard: Heard) -> bool:
    """Tell whether the order's number was asked for and cannot be given: that is an answer, not a call for a person."""
    asked = frame is not None and frame.asking == "order" and flow_named(frame.flow).order_optional
    return asked and words.names(words.SKIP, heard.text) and not read_slot("order", heard)


def _answers_plainly(frame: Frame | None, heard: Heard) -> bool:
    """Tell whether a text is what was asked for: "个人" wants an invoice, and no person."""
    if frame is not None and frame.flow == "invoice" and frame.asking and invoice_kind_in(heard.text):
        return True
    return _has_no_number(frame, heard) or _leaves_address(frame, heard)


def _leaves_address(frame: Frame | None, heard: Heard) -> bool:
    """Tell whether this is the mail address that was asked for, whatever the words around it sound like."""
    return frame is not None and frame.asking == "mail_to" and bool(read_slot("mail_to", heard))


def _at_once(heard: Heard) -> str | None:
    """What waits for no question: somebody was hurt; somebody wants their data, or a person."""
    if is_hurt(heard.text):
        return _COMPLAINT
    if wants_erasure(heard.text) or wants_export(heard.text):
        return ERASE if wants_erasure(heard.text) else EXPORT
    reading = heard.reading
    asks = reading is not None and reading.intent == HANDOFF and not reading.unsure
    called = any(words.names(call, heard.text) for call in (words.PERSON_PLEASE, words.PERSON_DECIDES))
    above = words.names(words.SPEAK_TO, heard.text)
    return HANDOFF if asks or above or (called and not words.is_question(heard.text)) else None


def begin_status(state: State, heard: Heard) -> State:
    """Begin telling how the customer's cases stand."""
    return begin(state, "case_status", text=heard.text)


def _route_other_order(state: State, heard: Heard) -> Route:
    """The same of another order, or something else of it: "where is my other order?" while one is being cancelled."""
    frame, reading = state.active, heard.reading
    tells = reading is not None and not reading.unsure and flow_for(reading.intent).tells
    asks = tells and words.names(words.ASKS, heard.text)
    if frame is None or reading is None or not asks or flow_for(reading.intent) is flow_named(frame.flow):
        return Route(Turn.FLOW, _turn_to_other_order(state, heard))
    begun = begin(replace(state, order=None), reading.intent, text=heard.text, reading=reading)
    other = begun.swap(begun.frames[-1].fill(not_order=frame.slots.get("order")))
    return Route(Turn.FLOW, other, interrupted=True)


def _turn_to_other_order(state: State, heard: Heard) -> State:
    """The same for another order; once a flow has ended, for what was asked last ("and the other one?")."""
    frame, reading, elsewhere = state.active, heard.reading, replace(state, order=None)
    if frame is None:
        begun = begin(elsewhere, state.request or "", text=heard.text, reading=reading)
        return begun.swap(begun.frames[-1].fill(not_order=state.order))
    kept = {name: value for name, value in frame.slots.items() if name in _WHATEVER_ORDER}
    turned = Frame(frame.flow, kept).fill(not_order=frame.slots.get("order"), **read_slot("order", None, reading))
    return take(elsewhere, turned)
