"""How a flow begins: with what the sentence tells, what was told before of the same goods, and what was kept. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.dialogue.flows.questions import HANDOFF, OUT_OF_SCOPE
from bot.dialogue.flows.table import Flow, flow_for, flow_named
from bot.dialogue.hearing import words
from bot.dialogue.hearing.harm_words import is_hurt
from bot.dialogue.hearing.listening import listen, recall
from bot.dialogue.hearing.slots import read_slot
from bot.dialogue.memory import remember
from bot.dialogue.records import Heard
from bot.dialogue.state import Frame, State
from bot.nlu.reading import Reading
from bot.security.masking import mask_sensitive

_WISH_INTENTS = {
    "return": "after_sales.return", "exchange": "after_sales.exchange", "repair": "after_sales.repair_warranty",
}  # fmt: skip
_FOR_A_PERSON = frozenset({"reason", "wish", "defects", "products", "since", "size", "colour"})


def begin(state: State, intent: str, *, text: str, reading: Reading | None = None, photos: int = 0) -> State:
    """Begin a flow with all that the sentence tells, and what was told before of the same goods."""
    flow = flow_for(intent)
    first = flow.first_slots(text, reading)
    named = _read_claim(reading, first)
    number = named.get("order", state.order)
    frame = Frame(flow.name, {"intent": intent, "said": mask_sensitive(text)}).fill(**{"order": number, **named})
    frame = frame.fill(assumed=None if "order" in named else state.order)
    frame = frame.fill(**gather(flow, state, number, text=text, reading=reading, intent=intent), **first)
    if photos:
        frame = frame.fill(photos=frame.slots.get("photos", 0) + photos)
    begun = replace(take(without_offers(state).push(frame), frame), unclear="")
    begun = begun if flow.about_goods else _keep_fault(begun, number, text, reading)
    category, dot, _ = intent.partition(".")
    # Who asks for a person still wants what they wanted before, or what they say beside it.
    wished = _WISH_INTENTS.get(frame.slots.get("wish", "")) if intent == HANDOFF else None
    request = wished or state.request or intent if intent == HANDOFF else intent
    # What nobody here knows changes nothing of what is talked about.
    return replace(begun, topic=category, request=request) if dot and category != OUT_OF_SCOPE else begun


def _keep_fault(state: State, order: str | None, text: str, reading: Reading | None) -> State:
    """Keep what a sentence about something else tells of faulty goods ("the cups are broken, and send the invoice")."""
    fresh = listen(text, reading)
    if fresh.get("reason") in {None, "no_reason"} or words.is_question(text) or is_hurt(text):
        # What hurt somebody is no matter of which remedy is open: whoever has the complaint decides.
        return state
    return remember(state, Frame("", fresh).fill(order=order))


def gather(
    flow: Flow, state: State, order: str | None, *, text: str, reading: Reading | None, intent: str
) -> dict[str, Any]:
    """Return what is known for a flow that begins: told before of the order's goods, and told now."""
    fresh = listen(text, reading, intent=intent)
    if intent == HANDOFF:
        # Whoever gets it need not ask what was wanted beside them.
        return {name: value for name, value in fresh.items() if name in _FOR_A_PERSON}
    if not flow.about_goods:
        return {"products": fresh["products"]} if "products" in fresh else {}
    known = state.told.get(order or "", {}) or state.told.get("", {})
    return recall(known, fresh) | fresh


def without_offers(state: State) -> State:
    """What was only offered in passing is not come back to."""
    return replace(state, frames=tuple(frame for frame in state.frames if flow_named(frame.flow).resumes))


def begin_later(state: State, intent: str, ended: Frame) -> State:
    """Begin what else was asked in the sentence of a flow that has ended."""
    said = ended.slots.get("said", "")
    flow = flow_for(intent)
    frame = Frame(flow.name, {"intent": intent, "said": said}).fill(order=state.order)
    frame = frame.fill(**flow.first_slots(said, None))
    return state.push(frame.fill(**gather(flow, state, state.order, text=said, reading=None, intent=intent)))


def begin_apart(state: State, intent: str, heard: Heard) -> State:
    """Begin a flow about other goods: nothing that was told of the first holds for them."""
    untold = replace(state, told={})
    return begin(untold, intent, text=heard.text, reading=heard.reading, photos=heard.photos)


def put_off(state: State, frame: Frame) -> State:
    """Keep a flow that was begun for when the present one has ended; the proof of its order is not kept."""
    return replace(state, kept=(*state.kept, frame.forget("digits")))


def begin_kept(state: State) -> State:
    """Begin what was put off first, about the order that is talked about by now, or the one it was told of."""
    frame, *rest = state.kept
    if "own_order" in frame.slots:
        return take(replace(state, kept=tuple(rest), told={}).push(frame), frame)
    if "order" not in frame.slots:
        frame = frame.fill(assumed=state.order)
    return replace(state, kept=tuple(rest), told={}).push(frame.fill(order=state.order))


def _read_claim(reading: Reading | None, first: Mapping[str, Any]) -> dict[str, Any]:
    """Return the order that a sentence names and its proof; a new telephone number is no proof."""
    claim = read_slot("order", None, reading)
    is_new = "digits" in claim and str(first.get("phone", "")).endswith(claim["digits"])
    return {name: value for name, value in claim.items() if name != "digits" or not is_new}


def take(state: State, frame: Frame) -> State:
    """Put the frame in place; its order, if it has one, becomes the one being talked about."""
    order = frame.slots.get("order", state.order)
    return replace(state.swap(frame), order=state.order if order == "none" else order)
