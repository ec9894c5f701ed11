"""The nearest training sentences vote for their intents. Plain numpy, the same in both environments."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from bot.nlu.features import Array

_VOTING = 15
_SHARPNESS = 20
# What an intent without a near sentence still gets: a vote of nothing would forbid it.
_FLOOR = 1e-3
# A sketch of so many numbers finds so many candidates: over 99 % of the fifteen nearest are among them.
_SKETCHED = 128
_CANDIDATES = 128
# Sentences that are compared as one at first: who is among the best so many is in one of the best so many folds.
_FOLD = 16


@dataclass(frozen=True)
class Neighbours:
    """The training sentences: the nearest ones vote for their intents, the nearer the louder.

    `vectors` (sentences, 512) are unit vectors in half precision; `intents` (sentences) are columns of the model's
    intents; `directions` (512, sketched) are those in which the vectors differ most; `weight` is the share of the vote.
    """

    vectors: "np.ndarray[Any, np.dtype[np.float16]]"
    intents: "np.ndarray[Any, np.dtype[np.int32]]"
    directions: Array
    weight: float

    def vote(self, vectors: Array, count: int) -> Array:
        """Return log probabilities of the `count` intents for many texts' vectors."""
        shares = np.zeros((len(vectors), count), dtype=np.float32)
        for row, (vector, near) in enumerate(zip(vectors, self._find_candidates(vectors), strict=True)):
            likeness = self.vectors[near].astype(np.float32) @ vector
            nearest = np.argpartition(-likeness, min(_VOTING, len(near)) - 1)[:_VOTING]
            np.add.at(shares[row], self.intents[near[nearest]], np.exp(_SHARPNESS * (likeness[nearest] - 1)))
        shares /= shares.sum(axis=1, keepdims=True)
        return np.asarray(np.log((shares + _FLOOR) / (1 + _FLOOR * count)), dtype=np.float32)

    def _find_candidates(self, vectors: Array) -> "np.ndarray[Any, np.dtype[np.int64]]":
        """Return the sentences worth a look for each vector: sketches are a quarter of what memory must deliver."""
        likeness = np.asarray((vectors @ self.directions) @ self._sketches.T, dtype=np.float32)
        folds = likeness.shape[1] // _FOLD
        if len(self.vectors) <= _FOLD * _CANDIDATES:
            return _find_largest(likeness[:, : len(self.vectors)], min(_CANDIDATES, len(self.vectors)))
        likeness[:, len(self.vectors) :] = -np.inf
        best = _find_largest(likeness.reshape(len(likeness), _FOLD, folds).max(axis=1), _CANDIDATES)
        members = (best[:, None, :] + folds * np.arange(_FOLD)[:, None]).reshape(len(best), -1)
        found = _find_largest(np.take_along_axis(likeness, members, axis=1), _CANDIDATES)
        return np.asarray(np.take_along_axis(members, found, axis=1))

    @cached_property
    def _sketches(self) -> Array:
        """The sentences along the directions, with empty ones behind them up to a whole number of folds."""
        rows = -(-len(self.vectors) // _FOLD) * _FOLD
        sketches = np.zeros((rows, self.directions.shape[1]), dtype=np.float32)
        sketches[: len(self.vectors)] = self.vectors.astype(np.float32) @ self.directions
        return sketches


def _find_largest(values: Array, count: int) -> "np.ndarray[Any, np.dtype[np.int64]]":
    """Return the columns of the `count` largest values of each row, in no order."""
    return np.argpartition(values, values.shape[1] - count, axis=1)[:, values.shape[1] - count :]


def make_neighbours(vectors: Array, intents: "np.ndarray[Any, np.dtype[np.int32]]", weight: float) -> Neighbours:
    """Return training sentences as neighbours, rounded as they will lie on disk."""
    _, directions = np.linalg.eigh(vectors.T @ vectors)
    strongest = np.ascontiguousarray(directions[:, ::-1][:, :_SKETCHED], dtype=np.float32)
    return Neighbours(vectors.astype(np.float16), intents, strongest, weight)
