"""What a heard thing means for the conversation: fill the asked slot, begin a flow, or something said in passing.

Pure, and without facts: `plan` and `step` both start here, so that they always speak of the same flow.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from bot.dialogue import words
from bot.dialogue.flows import flow_for
from bot.dialogue.records import Heard
from bot.dialogue.slots import read_slot
from bot.dialogue.state import Frame, State
from bot.masking import mask_sensitive
from bot.nlu.reading import Reading


class Turn(StrEnum):
    """What this turn is about."""

    FLOW = "flow"
    UNHEARD = "unheard"  # the asked slot was not in the answer: ask again
    STALE_CHOICE = "stale_choice"
    START_OVER = "start_over"
    SMALL_TALK = "small_talk"
    WELCOME = "welcome"
    UNREADABLE = "unreadable"  # a voice message, say
    UNSURE = "unsure"
    PHOTO = "photo"
    COMMAND = "command"


@dataclass(frozen=True)
class Route:
    """The conversation's state with what was heard taken in, and what the turn is about."""

    turn: Turn
    state: State
    interrupted: bool = False


# What a channel's own "start" button stands for.
GREET = "greet"
# Words of these kinds beside a photo are its caption.
_NO_MATTER = frozenset({"chitchat", "out_of_scope"})
# Who asks for a person gets one, whatever was being asked.
HANDOFF = "handoff.ask_human"
COMPLAINT = "complaint.complaint"


def route(state: State, heard: Heard) -> Route:
    """Take in what was heard."""
    if heard.kind == "command":
        return Route(Turn.COMMAND, state)
    if heard.kind == "unreadable":
        return Route(Turn.UNREADABLE, state)
    if heard.choice is not None:
        return _route_choice(state, heard.choice)
    return _route_text(state, heard)


def _route_choice(state: State, value: str) -> Route:
    if value == GREET:
        return Route(Turn.WELCOME, State(proven=state.proven))
    if value.startswith("start:"):
        return Route(Turn.FLOW, _begin(state, value.removeprefix("start:"), text=""))
    slot, _, answer = value.partition("=")
    frame = state.active
    if frame is None or frame.asking != slot:
        return Route(Turn.STALE_CHOICE, state)
    return Route(Turn.FLOW, _take(state, frame.fill(**{slot: answer})))


def _route_text(state: State, heard: Heard) -> Route:
    if heard.photos and not heard.text.strip():
        return Route(Turn.PHOTO, state)
    if words.names(words.START_OVER, heard.text):
        return Route(Turn.START_OVER, State(proven=state.proven))
    at_once = _at_once(heard)
    if at_once:
        return Route(Turn.FLOW, _begin(state, at_once, text=heard.text, photos=heard.photos))
    frame = state.active
    if words.names(words.OTHER_ORDER, heard.text) and (frame or state.request):
        return Route(Turn.FLOW, _turn_to_other_order(state, heard))
    if frame and frame.asking:
        return _route_answer(state, frame, heard)
    return _route_new(state, heard)


def _at_once(heard: Heard) -> str | None:
    """What waits for no question: somebody was hurt; somebody wants a person."""
    if words.is_hurt(heard.text):
        return COMPLAINT
    reading = heard.reading
    return HANDOFF if reading and reading.intent == HANDOFF and not reading.unsure else None


def _route_answer(state: State, frame: Frame, heard: Heard) -> Route:
    filled = read_slot(frame.asking or "", heard)
    if filled:
        return Route(Turn.FLOW, _take(state, frame.fill(**filled)))
    fresh = _route_new(state, heard)
    same = fresh.state.active is not None and fresh.state.active.flow == frame.flow
    if fresh.turn is Turn.FLOW and not same:
        return replace(fresh, interrupted=True)
    if fresh.turn is Turn.SMALL_TALK and words.is_small_talk(heard.text):
        return Route(Turn.SMALL_TALK, state)
    return Route(Turn.UNHEARD, state)


def _route_new(state: State, heard: Heard) -> Route:
    reading = heard.reading
    if words.names(words.CASE_STATUS, heard.text):
        return Route(Turn.FLOW, _begin(state, "case_status", text=heard.text))
    if heard.photos and (reading is None or reading.unsure or reading.category in _NO_MATTER):
        return Route(Turn.PHOTO, state)
    if reading is None or reading.unsure:
        return Route(Turn.UNSURE, replace(_take_order(state, reading), unsure=state.unsure + 1))
    if reading.category == "chitchat":
        return Route(Turn.SMALL_TALK, state)
    begun = _begin(state, reading.intent, text=heard.text, reading=reading, photos=heard.photos)
    later = tuple(intent for intent in reading.also if intent != reading.intent)
    return Route(Turn.FLOW, replace(begun, later=later))


def _begin(state: State, intent: str, *, text: str, reading: Reading | None = None, photos: int = 0) -> State:
    flow = flow_for(intent)
    slots = {"intent": intent, "said": mask_sensitive(text), **({"photos": photos} if photos else {})}
    frame = Frame(flow.name, slots).fill(**read_slot("order", None, reading), **flow.first_slots(intent, text))
    if "order" not in frame.slots:
        frame = frame.fill(order=state.order)
    begun = _take(state.push(frame), frame)
    category, dot, _ = intent.partition(".")
    return replace(begun, topic=category, request=intent) if dot else begun


def _take(state: State, frame: Frame) -> State:
    """Put the frame in place; its order becomes the one being talked about."""
    return replace(state.swap(frame), order=frame.slots.get("order", state.order))


def _take_order(state: State, reading: Reading | None) -> State:
    """Keep an order number said in a sentence that was not understood."""
    return replace(state, order=read_slot("order", None, reading).get("order", state.order))


def _turn_to_other_order(state: State, heard: Heard) -> State:
    """The same for another order; once a flow has ended, for what was asked last ("and the other one?")."""
    frame, reading, elsewhere = state.active, heard.reading, replace(state, order=None)
    if frame is None:
        return _begin(elsewhere, state.request or "", text=heard.text, reading=reading)
    kept = {name: value for name, value in frame.slots.items() if name in {"intent", "said", "reason", "remedy"}}
    return _take(elsewhere, Frame(frame.flow, kept).fill(**read_slot("order", None, reading)))
