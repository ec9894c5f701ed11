"""What goods, faults and colours are called: `lexicon.yml`, and where its words stand in a text.

Looked up by dictionary, not by pattern: the cost grows with the text, not with the number of words. Runs in both
environments.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from bot.nlu.folding import fold

_FILE = Path(__file__).with_name("lexicon.yml")
_LETTER = re.compile("[0-9a-z]")
# "没坏", "not broken": the fault is denied.
_DENIED = re.compile(r"(?:没有?|未|不是|并非|并不|(?:\b(?:not|never|without|no)|n't)(?:\s(?:a|any|at all))?\s)$")
# A parcel that is missing is lost; nothing is missing in it.
_LOST = re.compile(r"\b(?:parcels?|packages?|orders?|deliver(?:y|ies)|shipments?|refund|money|it)\s$")
_MISSING = re.compile(r"(?:is|are|was|were) missing")


@dataclass(frozen=True)
class Word:
    """What a word of the lexicon stands for: a kind of entity and its canonical name."""

    name: str
    value: str


@dataclass(frozen=True)
class Lexicon:
    """All words, folded; `lengths` says for a first character how long the words are that begin so, longest first."""

    words: Mapping[str, Word | None]
    lengths: Mapping[str, tuple[int, ...]]

    def find(self, folded: str) -> Iterator[tuple[Word, int, int]]:
        """Yield word, start and end, left to right, each as long as it can be, none on top of another."""
        at, length = 0, len(folded)
        while at < length:
            size = self._measure(folded, at)
            word = self.words[folded[at : at + size]] if size else None
            if word and not _is_refused(word, folded, at, at + size):
                yield word, at, at + size
            at += size or 1

    def _measure(self, folded: str, at: int) -> int:
        """Return the length of the longest word here, 0 without one."""
        sizes = self.lengths.get(folded[at])
        if sizes is None or (at and folded[at].isascii() and _LETTER.match(folded[at - 1])):
            return 0
        for size in sizes:
            end = at + size
            if end <= len(folded) and folded[at:end] in self.words and _ends_well(folded, end):
                return size
        return 0


@lru_cache(maxsize=1)
def load_lexicon() -> Lexicon:
    """Return the lexicon; the file is read once."""
    document = YAML(typ="safe", pure=True).load(_FILE.read_text(encoding="utf-8"))
    words: dict[str, Word | None] = {}
    for name, canonical, terms in _list_entries(document):
        for term in terms:
            for spelling in _spell(str(term), plural=name == "product"):
                words.setdefault(spelling, Word(name, canonical))
    words.update(dict.fromkeys((fold(str(term)).text for term in document["nothing"]), None))
    lengths: dict[str, set[int]] = {}
    for spelling in words:
        lengths.setdefault(spelling[0], set()).add(len(spelling))
    return Lexicon(words, {first: tuple(sorted(sizes, reverse=True)) for first, sizes in lengths.items()})


def _list_entries(document: Mapping[str, Any]) -> Iterator[tuple[str, str, list[Any]]]:
    for group in document["products"].values():
        yield from (("product", canonical, terms) for canonical, terms in group.items())
    yield from (("defect", canonical, terms) for canonical, terms in document["defects"].items())
    yield from (("colour", canonical, terms) for canonical, terms in document["colours"].items())


def _spell(term: str, *, plural: bool) -> Iterator[str]:
    """Yield the ways a word may be written: English also without apostrophes, goods also in the plural."""
    folded = fold(term).text
    yield folded
    if not folded.isascii():
        return
    if "'" in folded:
        yield folded.replace("'", "")
    if plural and folded[-1].isalpha() and not folded.endswith("s"):
        yield folded + ("es" if folded.endswith(("sh", "ch", "x")) else "s")
    elif plural and folded.endswith("ss"):
        yield folded + "es"


def _ends_well(folded: str, end: int) -> bool:
    """An English word must end where the text's word ends."""
    return not (folded[end - 1].isascii() and end < len(folded) and _LETTER.match(folded[end]))


def _is_refused(word: Word, folded: str, start: int, end: int) -> bool:
    if word.name != "defect":
        return False
    if folded[start] == "不" and folded[start - 1 : start] == folded[start + 1 : start + 2] != "":
        # 是不是正品, 新不新鲜: asked, not told.
        return True
    before = folded[max(0, start - 16) : start]
    lost = _MISSING.fullmatch(folded, start, end) is not None and _LOST.search(before) is not None
    return lost or _DENIED.search(before) is not None
