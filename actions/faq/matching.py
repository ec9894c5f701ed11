"""Which entry a question means, by vectors handed in; and whether that is sure enough to answer. Pure.

An entry's likeness to a question is the middle between its nearest way to ask and the mean of its three nearest: one
chance likeness is not enough. How like it must be grows with the question's likeness to sentences of other matters (the
background), made in the same way: a router's password is like the account's, and liker still to what no FAQ answers.
`bench/faq.py` measures the thresholds, docs/performance.md has the figures.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

BACKGROUND_WEIGHT = 0.7
"""So much of the likeness to the background is asked of an entry's likeness; beyond it:"""

ANSWER_BEYOND, SUGGEST_BEYOND = 0.12, 0.05
"""so much more for an answer, and for being suggested."""

ANSWER_FROM, SUGGEST_FROM = 0.5, 0.4
"""Less like than this, an entry is not given as the answer, and not suggested, however far the background is."""

ANSWER_MARGIN = 0.1
"""Unless a second entry comes this close: then the customer is asked which is meant."""

USUAL_BACKGROUND = 0.7
"""The likeness to the background where there is none to compare with."""

SUGGESTED = 3
_NEAREST = 3
# Ways to ask that are looked at for one question: more than enough for the few entries that matter.
_LOOKED_AT = 200
# Questions of which many are looked for together.
_BLOCK = 64

Vectors = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True)
class Match:
    """How like an entry a question is, and which way to ask was nearest."""

    entry_id: str
    score: float
    variant: str


class Answered(StrEnum):
    """What comes of a question."""

    FOUND = "found"
    CLOSE = "close"
    NONE = "none"


@dataclass(frozen=True)
class Finding:
    """What comes of a question: the entry that answers it, those to choose from, or neither.

    `matches`: the best three. `background`: how like the question is to sentences of other matters.
    """

    answered: Answered
    matches: tuple[Match, ...]
    background: float = USUAL_BACKGROUND

    @property
    def best(self) -> Match | None:
        """The most likely entry, however unlikely."""
        return self.matches[0] if self.matches else None

    @property
    def suggested(self) -> tuple[Match, ...]:
        """The entries to choose from, where it is not sure which is meant."""
        if self.answered is not Answered.CLOSE:
            return ()
        return tuple(match for match in self.matches if match.score >= compute_suggest_from(self.background))

    @property
    def answer_from(self) -> float:
        """How like this question an entry must be to answer it."""
        return compute_answer_from(self.background)


class FaqIndex:
    """All ways to ask as unit vectors, and those of the background. Immutable."""

    def __init__(
        self, variants: Mapping[str, Sequence[str]], vectors: Vectors, background: Vectors | None = None
    ) -> None:
        """`variants`: by entry; `vectors`: one for each of them, in that order; `background`: of other matters."""
        self._names = [(entry_id, variant) for entry_id, asked in variants.items() for variant in asked]
        self._sizes = {entry_id: len(asked) for entry_id, asked in variants.items()}
        self._vectors = vectors
        self._background = background if background is not None and len(background) >= _NEAREST else None
        if len(self._names) != len(vectors):
            raise ValueError(f"{len(vectors)} vectors for {len(self._names)} questions")

    def find(self, vector: Vectors) -> Finding:
        """Return what comes of a question with this vector."""
        return next(self.find_all(vector[np.newaxis]))

    def find_all(self, vectors: Vectors) -> Iterator[Finding]:
        """Yield the same for each of many: the background, some megabytes, is read once for a block of them."""
        for start in range(0, len(vectors), _BLOCK):
            block = vectors[start : start + _BLOCK]
            likeness = block @ self._vectors.T if self._names else np.empty((len(block), 0), np.float32)
            for one, background in zip(likeness, self._compare_background(block), strict=True):
                yield decide(self._rank(one), float(background))

    def _compare_background(self, vectors: Vectors) -> Vectors:
        if self._background is None:
            return np.full(len(vectors), USUAL_BACKGROUND, np.float32)
        likeness = vectors @ self._background.T
        nearest = np.partition(likeness, likeness.shape[1] - _NEAREST, axis=1)[:, -_NEAREST:]
        middle: Vectors = (nearest.max(axis=1) + nearest.mean(axis=1)) / 2
        return middle

    def rank(self, vector: Vectors) -> tuple[Match, ...]:
        """Return the entries that are likeliest meant, best first."""
        return self._rank(self._vectors @ vector) if self._names else ()

    def _rank(self, likeness: Vectors) -> tuple[Match, ...]:
        if not len(likeness):
            return ()
        looked_at = min(_LOOKED_AT, len(likeness))
        near = np.argpartition(-likeness, looked_at - 1)[:looked_at]
        near = near[np.argsort(-likeness[near])]
        found: dict[str, list[int]] = {}
        for index in near.tolist():
            found.setdefault(self._names[index][0], []).append(index)
        floor = float(likeness[near[-1]])
        matches = [self._match(entry_id, likeness[indexes], indexes[0], floor) for entry_id, indexes in found.items()]
        return tuple(sorted(matches, key=lambda match: -match.score))

    def _match(self, entry_id: str, likeness: Vectors, nearest: int, floor: float) -> Match:
        wanted = min(_NEAREST, self._sizes[entry_id])
        top = [*likeness[:wanted].tolist(), *[floor] * (wanted - len(likeness[:wanted]))]
        return Match(entry_id, (top[0] + sum(top) / wanted) / 2, self._names[nearest][1])


def compute_answer_from(background: float) -> float:
    """Return how like a question an entry must be to answer it."""
    return max(ANSWER_FROM, BACKGROUND_WEIGHT * background + ANSWER_BEYOND)


def compute_suggest_from(background: float) -> float:
    """Return how like a question an entry must be to be suggested."""
    return max(SUGGEST_FROM, BACKGROUND_WEIGHT * background + SUGGEST_BEYOND)


def decide(matches: Sequence[Match], background: float = USUAL_BACKGROUND) -> Finding:
    """Return what comes of a question with these matches, best first."""
    best = tuple(matches[:SUGGESTED])
    if not best or best[0].score < compute_suggest_from(background):
        return Finding(Answered.NONE, best, background)
    margin = best[0].score - best[1].score if len(best) > 1 else 1.0
    sure = best[0].score >= compute_answer_from(background) and margin >= ANSWER_MARGIN
    return Finding(Answered.FOUND if sure else Answered.CLOSE, best, background)
