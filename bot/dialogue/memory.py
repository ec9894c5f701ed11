"""What was told of goods outlives the flow that heard it: the next one about the same order need not ask. Pure."""

from dataclasses import replace
from typing import Any

from bot.dialogue.hearing.listening import LASTING
from bot.dialogue.state import Frame, State


def remember(state: State, frame: Frame) -> State:
    """Return the state knowing what a flow has heard of the goods, for the order it is about."""
    order = frame.slots.get("order")
    facts = {name: value for name, value in frame.slots.items() if name in LASTING}
    return state.tell({**_told(state, order), **facts}, order=None if order == "none" else order) if facts else state


def keep_photos(state: State, count: int) -> State:
    """Return the state with photos that came before a word on what they show."""
    told = _told(state, state.order)
    return replace(state, told={**state.told, state.order or "": {**told, "photos": told.get("photos", 0) + count}})


def _told(state: State, order: str | None) -> dict[str, Any]:
    return state.told.get(order or "", {})
