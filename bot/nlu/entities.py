"""What a message names, found by patterns and a lexicon.

Numbers of orders, parcels and phones, sums, spans of time, counts, sizes, addresses; goods, faults, colours.

Spans count characters of the raw text; values are normalised:

    order_number 20260101001     amount   199.00 (no currency: the shop's, or not told; else 50.00 USD)
    tracking_number SF123...     duration P7D, PT48H
    phone_digits 8888            quantity 3
    size XL, 42, 256GB, 55in     address  as written, on one line
    product, defect, colour      canonical names of `lexicon.yml`

Who comes first takes the characters: the numbers, then addresses, measures, and words. The cost is linear in the text.
Dates depend on when the message was written: `bot.nlu.dates` finds them. Runs in both environments.
"""

import re
from collections.abc import Iterator

from bot.nlu.addresses import find_addresses
from bot.nlu.folding import LOOK_AT, Folded, fold
from bot.nlu.lexicon import load_lexicon
from bot.nlu.numerals import ENGLISH
from bot.nlu.patterns import MEASURES, NUMBERS, Pattern, read_count
from bot.nlu.reading import Entity

__all__ = ["LOOK_AT", "find_entities"]

_WORDS = re.compile(r"\w")
# A year is none.
_FOUR_DIGITS = re.compile(r"(?<![0-9a-z.])[0-9]{4}(?![0-9a-z]|\.[0-9]|\s?年)")
_COUNT_BEFORE = re.compile(rf"(?<![0-9a-z.#-])(?P<v>(?P<n>[0-9]{{1,3}}|{ENGLISH}))\s$")
MOST_ENTITIES = 100
"""Nobody names more in one message; the numbers come first."""

_LONGEST_COUNT = 24
_PROOF_LENGTH = 4
# So near behind an order's number, four digits among others are its proof.
_BESIDE = 3
# So near behind it, four digits are the phone's own: it is not for sale.
_OWN_DIGITS_WITHIN = 12


def find_entities(text: str) -> tuple[Entity, ...]:
    """Return the entities of a text in the order they stand. Accepts any string."""
    folded = fold(text)
    claims = _Claims(folded)
    claims.take(_find_numbers(folded))
    # Before words are taken away: one beside the four digits says that they may mean something else.
    claims.take(_find_lone_digits(folded.text, claims))
    claims.take(_find_words(folded.text, claims))
    claims.take(_find_counts_of_goods(folded.text, claims))
    return tuple(_place(entity, folded) for entity in sorted(claims.entities, key=lambda found: found.start))


class _Claims:
    """Entities found so far, and the raw characters they have taken ("¼" is folded into three)."""

    def __init__(self, folded: Folded) -> None:
        self.entities: list[Entity] = []
        self._folded, self._taken = folded, bytearray(len(folded.raw))

    def take(self, found: Iterator[Entity]) -> None:
        """Add the entities whose characters nobody has."""
        for entity in found:
            if len(self.entities) >= MOST_ENTITIES:
                return
            start, end = self._folded.find_span(entity.start, entity.end)
            if 1 not in self._taken[start:end]:
                self._taken[start:end] = b"\1" * (end - start)
                self.entities.append(entity)

    def blank(self) -> str:
        """Return the folded text with spaces for what is taken."""
        places = zip(self._folded.text, self._folded.origin, strict=True)
        return "".join(" " if self._taken[place] else char for char, place in places)


def _place(entity: Entity, folded: Folded) -> Entity:
    """Return the entity with its span in the raw text; an address keeps the customer's own writing."""
    start, end = folded.find_span(entity.start, entity.end)
    value = " ".join(folded.raw[start:end].split()) if entity.name == "address" else entity.value
    return Entity(entity.name, value, start, end)


def _find_numbers(folded: Folded) -> Iterator[Entity]:
    """Yield what patterns find, addresses right after the numbers of orders and parcels."""
    for pattern in NUMBERS:
        yield from _find_pattern(pattern, folded.text)
    cased = folded.raw if len(folded.raw) == len(folded.text) else folded.text
    for start, end in find_addresses(folded.text, cased):
        yield Entity("address", folded.text[start:end], start, end)
    for pattern in MEASURES:
        yield from _find_pattern(pattern, folded.text)


def _find_pattern(pattern: Pattern, folded: str) -> Iterator[Entity]:
    for match in pattern.regex.finditer(folded):
        value = pattern.value(match)
        if value is not None:
            start, end = match.span("v" if "v" in pattern.regex.groupindex else 0)
            yield Entity(pattern.name, value, start, end)


def _find_lone_digits(folded: str, claims: _Claims) -> Iterator[Entity]:
    """Four digits beside an order number, or alone in the message, are the phone's; of several orders each."""
    digits = [entity for entity in claims.entities if entity.name == "phone_digits"]
    orders = [entity for entity in claims.entities if entity.name == "order_number"]
    # A whole number may be a new one; what proves the order stands beside it.
    told = sum(entity.end - entity.start <= _PROOF_LENGTH for entity in digits)
    if (told and len(orders) <= 1) or _FOUR_DIGITS.search(folded) is None:
        return
    rest = claims.blank()
    found = list(_FOUR_DIGITS.finditer(rest))
    alone = not _WORDS.search(_FOUR_DIGITS.sub("", rest))
    if len(found) > 1 and len(orders) == 1:
        found = [one for one in found if 0 < one.start() - orders[0].end <= _BESIDE]
    of_one = not told and len(found) == 1 and (alone or bool(orders))
    if of_one or (found and told + len(found) == len(orders)):
        for one in found:
            yield Entity("phone_digits", one.group(), one.start(), one.end())


def _find_words(folded: str, claims: _Claims) -> Iterator[Entity]:
    """Yield goods, faults and colours."""
    digits = {entity.start for entity in claims.entities if entity.name == "phone_digits"}
    for word, start, end in load_lexicon().find(folded):
        own_digits = word.value == "phone" and digits.intersection(range(end, end + _OWN_DIGITS_WITHIN))
        if not own_digits:
            yield Entity(word.name, word.value, start, end)


def _find_counts_of_goods(folded: str, claims: _Claims) -> Iterator[Entity]:
    """Yield numbers right before goods, or before their colour: "2 shirts", "three red mugs"."""
    starts = [entity.start for entity in claims.entities if entity.name in {"product", "colour"}]
    for start in starts:
        if not folded[start - 1 : start].isspace():
            continue
        found = _COUNT_BEFORE.search(folded, max(0, start - _LONGEST_COUNT), start)
        value = read_count(found) if found else None
        if found and value is not None:
            yield Entity("quantity", value, found.start("v"), found.end("v"))
