"""A message that names several orders: which words are about which, and which digits prove which. Pure.

"Order A came broken and B never came" are two matters, each of its own order; what is told of one says nothing of the
other.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.dialogue.hearing import words
from bot.dialogue.hearing.order_words import ASKS_WHERE, NEW_PHONE, tells_no_arrival, without_proof
from bot.dialogue.hearing.reason_words import intent_of, reason_in
from bot.dialogue.hearing.told_words import told_defects
from bot.dialogue.hearing.wish_words import remedy_in
from bot.dialogue.records import OrderClaim
from bot.nlu.reading import Reading

# Of how many orders one message is looked through.
_MOST = 3
_PROOF_LENGTH = 4
_BREAK = re.compile(r"[，,。；;！!？?\n]|\b(?:and|but|while|plus|also)\b|另外|还有|還有|而|跟|和|以及", re.IGNORECASE)
_WISHES = {
    "return": "after_sales.return", "refund": "after_sales.refund", "exchange": "after_sales.exchange",
    "repair": "after_sales.repair_warranty",
}  # fmt: skip
_NEVER_CAME, _WHERE = "logistics.not_received", "logistics.tracking"
_CANCEL = re.compile(r"取消|\bcancel\b")


@dataclass(frozen=True)
class Part:
    """What a message says of one order, and what that asks for; None where it is the same as of the others."""

    order: str
    reading: Reading
    intent: str | None


def claims_in(reading: Reading | None) -> tuple[OrderClaim, ...]:
    """Return the orders that a message names, each with the digits that prove it; one pair of digits is for all."""
    if reading is None:
        return ()
    orders = _list(reading, "order_number")[:_MOST]
    proofs = [one for one in reading.entities if one.name == "phone_digits"]
    bare = [one.value for one in proofs if one.end - one.start <= _PROOF_LENGTH]
    new = words.names(NEW_PHONE, without_proof(reading.text))
    digits = bare or ([] if new else [one.value for one in proofs])
    if len(set(digits)) == 1:
        return tuple(OrderClaim(order, digits[0]) for order in orders)
    return tuple(OrderClaim(order, own) for order, own in zip(orders, digits, strict=False))


def parts_of(reading: Reading | None) -> tuple[Part, ...]:
    """Return what a message says of each of several orders, in their order; nothing where it names one or none."""
    if reading is None or len(_list(reading, "order_number")) <= 1 or words.corrected(reading.text) is not None:
        return ()
    return tuple(
        Part(order, cut, intent_of_part(cut))
        for order, cut in _cut_by_order(reading)
        if words.names(_ANY_WORD, cut.text)
    )[:_MOST]


_ANY_WORD = re.compile(r"\w")


def _list(reading: Reading, name: str) -> list[str]:
    return list(dict.fromkeys(one.value for one in reading.entities if one.name == name))


def _cut_by_order(reading: Reading) -> Iterator[tuple[str, Reading]]:
    """Yield each order with the words about it: up to the last break before the next one's number."""
    numbers = [one for one in reading.entities if one.name == "order_number"]
    seen, start = set[str](), 0
    for index, one in enumerate(numbers):
        following = numbers[index + 1].start if index + 1 < len(numbers) else None
        end = len(reading.text) if following is None else _find_break(reading.text, one.end, following)
        if one.value not in seen:
            seen.add(one.value)
            yield one.value, _cut(reading, start, end)
        start = end


def _find_break(text: str, start: int, end: int) -> int:
    breaks = [match.start() for match in _BREAK.finditer(text, start, end)]
    return breaks[-1] if breaks else end


def _cut(reading: Reading, start: int, end: int) -> Reading:
    inside = (one for one in reading.entities if start <= one.start and one.end <= end)
    moved = tuple(replace(one, start=one.start - start, end=one.end - start) for one in inside)
    return replace(reading, text=reading.text[start:end], entities=moved)


def intent_of_part(part: Reading) -> str | None:
    """Return what a part of a message plainly asks for, or None."""
    text = part.text
    if tells_no_arrival(text):
        return _NEVER_CAME
    if words.names(_CANCEL, text):
        return "order.cancel"
    defects = told_defects(text, part.entities)
    fault = intent_of(text, defects)
    if fault or reason_in(text, defects=defects) not in {None, "no_reason"}:
        return fault
    return _WISHES.get(remedy_in(text) or "") or (_WHERE if words.names(ASKS_WHERE, text) else None)
