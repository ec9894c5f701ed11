"""A text in the one spelling that patterns look for, with the way back to the customer's own characters.

Compatibility forms are folded (NFKC), letters are small, Traditional characters Simplified, each character by itself.
Runs in both environments.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from bot.nlu.normalise import to_simplified

LOOK_AT = 4000
"""How far into a text values are looked for."""

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_APOSTROPHES = frozenset("\u2018\u2019\u02bc\u00b4`")


@dataclass(frozen=True)
class Folded:
    """A folded text; `origin[i]` is the place in the raw text that its character `i` comes from."""

    raw: str
    text: str
    origin: tuple[int, ...] | list[int] | range

    def find_span(self, start: int, end: int) -> tuple[int, int]:
        """Return where a span of the folded text (not empty) lies in the raw one."""
        return self.origin[start], self.origin[end - 1] + 1


def fold(text: str) -> Folded:
    """Return the head of a text, folded. Accepts any string."""
    raw = text[:LOOK_AT]
    pieces = [_fold_character(char) for char in raw]
    folded = "".join(pieces)
    if len(folded) == len(raw) and all(pieces):
        return Folded(raw, folded, range(len(raw)))
    return Folded(raw, folded, [index for index, piece in enumerate(pieces) for _ in piece])


@lru_cache(maxsize=16384)
def _fold_character(char: str) -> str:
    if char in _APOSTROPHES:
        return "'"
    plain = unicodedata.normalize("NFKC", char).lower()
    return to_simplified(plain) if _HAN.search(plain) else plain
