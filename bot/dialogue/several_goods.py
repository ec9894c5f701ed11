"""A message about several goods: what is wrong with each, and what is wanted for each. Pure.

"The lamp is dead, one cup is chipped" are two matters of one order; "exchange the lamp, refund the cup" answers both.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.dialogue.hearing.listening import listen
from bot.dialogue.hearing.reason_words import intent_of
from bot.dialogue.hearing.told_words import told_defects
from bot.dialogue.hearing.wish_words import remedy_in
from bot.nlu.reading import Reading

_BREAK = re.compile(
    r"[，,。；;！!？?\n]|\.\s|\b(?:and|but|while|also)\b|另外|还有|還有|而且|(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])",
    re.IGNORECASE,
)
_PROOF = frozenset({"order_number", "phone_digits"})
# What belongs to goods of any kind is no goods of its own.
_BELONGINGS = frozenset({"battery", "cable", "charger", "gift_box", "packaging_box", "remote_control"})
_NO_FAULT = frozenset({None, "no_reason", "accidental_damage"})


@dataclass(frozen=True)
class Matter:
    """Goods, the words about them, and the intent of these."""

    products: frozenset[str]
    reading: Reading
    intent: str


def matters_of(reading: Reading | None) -> tuple[Matter, ...]:
    """Return what is wrong with each of several goods that a message names; nothing where it is one matter."""
    if reading is None or not _names_several(reading):
        return ()
    found = [matter for group in _group(reading) if (matter := _read(group))]
    apart = all(one.products.isdisjoint(two.products) for at, one in enumerate(found) for two in found[:at])
    return tuple(found) if len(found) > 1 and apart else ()


def wishes_of(reading: Reading | None) -> tuple[tuple[frozenset[str], str], ...]:
    """Return which remedy a message names for which goods, where it does so for several."""
    groups = (
        [(goods_in(group), remedy_in(group.text)) for group in _group(reading)]
        if reading and _names_several(reading)
        else []
    )
    wished = tuple((goods, remedy) for goods, remedy in groups if goods and remedy)
    return wished if len(wished) > 1 else ()


def _names_several(reading: Reading) -> bool:
    return len(goods_in(reading)) > 1


def _read(group: Reading) -> Matter | None:
    told, goods = listen(group.text, group), goods_in(group)
    faulty = told.get("reason") not in _NO_FAULT or "unexplained" in told
    intent = intent_of(group.text, told_defects(group.text, group.entities)) if goods and faulty else None
    return Matter(goods, group, intent) if intent else None


def _group(reading: Reading) -> Iterator[Reading]:
    """Yield the clauses of a message, those that name no goods joined to the ones before them; each with the proof."""
    clauses: list[tuple[int, int]] = []
    for start, end in _cut(reading.text):
        names = any(one.name == "product" and start <= one.start < end for one in reading.entities)
        if clauses and not (names and _has_goods(reading, *clauses[-1])):
            clauses[-1] = (clauses[-1][0], end)
        else:
            clauses.append((start, end))
    proof = tuple(one for one in reading.entities if one.name in _PROOF)
    for start, end in clauses:
        inside = (one for one in reading.entities if start <= one.start and one.end <= end and one.name not in _PROOF)
        moved = tuple(replace(one, start=one.start - start, end=one.end - start) for one in inside)
        yield replace(reading, text=reading.text[start:end], entities=(*moved, *proof), also=())


def _cut(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for found in _BREAK.finditer(text):
        yield start, found.start()
        start = found.end()
    yield start, len(text)


def _has_goods(reading: Reading, start: int, end: int) -> bool:
    return any(
        one.name == "product" and one.value not in _BELONGINGS and start <= one.start < end for one in reading.entities
    )


def goods_in(group: Reading) -> frozenset[str]:
    """Return the goods that words name, without what belongs to goods of any kind."""
    return frozenset(one.value for one in group.entities if one.name == "product") - _BELONGINGS
