"""How an answer fills the slot that was asked for."""

from collections.abc import Callable
from typing import Any

from bot.dialogue import words
from bot.dialogue.records import Heard
from bot.nlu.reading import Reading


def read_slot(slot: str, heard: Heard | None, reading: Reading | None = None) -> dict[str, Any]:
    """Return what the answer gives for a slot (several values for an order: number and digits), or {}.

    The order is read from the reading's entities; give the reading alone where nothing was asked.
    """
    if slot == "order":
        return _read_order(heard.reading if heard else reading)
    if heard is None or slot not in _PARSERS:
        return {}
    value = _PARSERS[slot](heard.text)
    return {} if value is None else {slot: value}


def _read_order(reading: Reading | None) -> dict[str, Any]:
    found = {entity.name: entity.value for entity in reading.entities} if reading else {}
    values = {"order": found.get("order_number"), "digits": found.get("phone_digits")}
    return {name: value for name, value in values.items() if value is not None}


def _read_yes_no(text: str) -> str | None:
    if words.is_yes(text):
        return "yes"
    return "no" if words.is_no(text) else None


def _read_intact(text: str) -> str | None:
    if words.names(words.DEFECT, text):
        return "no"
    return _read_yes_no(text)


_PARSERS: dict[str, Callable[[str], str | None]] = {
    "confirm": _read_yes_no,
    "intact": _read_intact,
    "reason": words.reason_in,
    "remedy": words.remedy_in,
    "detail": lambda text: text.strip() or None,
    "item": lambda text: text.strip() or None,
}
