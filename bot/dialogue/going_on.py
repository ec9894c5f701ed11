"""What is said once a flow has ended, and goes on with it: "when?", "the other number", "please all the same". Pure."""

from bot.dialogue.beginnings import begin
from bot.dialogue.flows.questions import HANDOFF
from bot.dialogue.flows.table import WARRANTY, flow_for
from bot.dialogue.hearing import words
from bot.dialogue.hearing.case_words import asks_only_when
from bot.dialogue.hearing.circumstance_words import part_in
from bot.dialogue.hearing.goods_state import told_state
from bot.dialogue.hearing.insisting_words import disputes, pleads, would_pay
from bot.dialogue.hearing.listening import merge
from bot.dialogue.hearing.slots import read_slot
from bot.dialogue.open_question import SHORT
from bot.dialogue.records import Heard
from bot.dialogue.state import Frame, State

# What tells of a day, and is asked for it once more by "when?" alone.
_TOLD_WHEN = frozenset({"after_sales.refund"})
# What is told of goods, or of money, part by part.
_OF_ITS_PARTS = frozenset({WARRANTY, "after_sales.refund"})
# So short a sentence with another order's number in it asks for nothing else.
_PUTS_RIGHT = 60


def go_on_after(state: State, heard: Heard) -> State | None:
    """Return the state with the flow begun that words go on with, while none is in progress; None where they do not."""
    asked = _find_asked_again(state, heard)
    if asked:
        return begin(state, asked, text=heard.text, reading=heard.reading)
    if state.ended is not None and _was_refused(state) and pleads(heard.text):
        return state.push(Frame(state.ended.flow, state.ended.slots))
    return _decide_again(state, heard) if _goes_on_about_state(state, heard) else None


def _find_asked_again(state: State, heard: Heard) -> str | None:
    """Return the intent that is meant once more, or None."""
    if state.request in _TOLD_WHEN and asks_only_when(heard.text):
        return state.request
    if _was_refused(state) and (would_pay(heard.text) or disputes(heard.text)):
        # What it costs, only a person can say; and whether what policy rests on is so.
        return HANDOFF
    if state.request in _OF_ITS_PARTS and len(heard.text) <= SHORT and _names_part(state, heard):
        return state.request
    return _asked_of_other_order(state, heard)


def _was_refused(state: State) -> bool:
    """Tell whether the last thing that was decided is closed to the customer."""
    last = state.tried[-1] if state.tried else None
    return last is not None and last.kind == "decision" and last.details.get("outcome") == "refuse"


def _names_part(state: State, heard: Heard) -> bool:
    """Tell whether a few words name a part of what was asked about: "and the compressor?", "积分呢"."""
    if state.request == WARRANTY:
        return part_in(heard.text) is not None
    return words.names(words.ASKS_AFTER_GIFTS, heard.text)


def _asked_of_other_order(state: State, heard: Heard) -> str | None:
    """Return what was asked last, where a sentence only puts right of which order; else None."""
    put_right = words.corrected(heard.text) is not None or words.names(words.WRONG_NUMBER, heard.text)
    if not put_right or len(heard.text) > _PUTS_RIGHT or "order" not in read_slot("order", heard):
        return None
    asked = state.request or (state.ended.slots.get("intent") if state.ended else None)
    return asked if asked and flow_for(asked).needs_order else None


def _goes_on_about_state(state: State, heard: Heard) -> bool:
    """Tell whether a bare word on the goods' state follows what was decided by it: it is about that, no report."""
    last = state.tried[-1] if state.tried else None
    decided = last is not None and last.kind == "decision" and last.details.get("outcome") in {"refuse", "human"}
    unwanted = state.ended is not None and state.ended.slots.get("reason") == "no_reason"
    return decided and unwanted and state.active is None and told_state(heard.text) is not None


def _decide_again(state: State, heard: Heard) -> State:
    """Decide once more what has ended, with what is told of the goods by now."""
    ended = state.ended or Frame("")
    return state.push(merge(Frame(ended.flow, ended.slots), {"intact": told_state(heard.text)}, heard, corrects=False))
