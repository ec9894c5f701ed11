"""From texts to numbers: the sentence encoder's vector, and weighted character n-grams. Plain numpy.

Runs in both environments (numpy 1.23 and 2), so nothing here may differ between them.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.nlu.encoder import DIMENSIONS, Encoder
from bot.nlu.normalise import normalise_for_features

FEATURES_VERSION = 1
"""Raised whenever the same text gives other features: every exported model is stale then."""

_SHORTEST, _LONGEST = 1, 4

Array = np.ndarray[Any, np.dtype[np.float32]]


class SentenceEncoder:
    """The multilingual sentence encoder, with the last vectors remembered. Not thread-safe: one thread owns it."""

    def __init__(self, *, remember: int = 4096) -> None:
        self._encoder = Encoder()
        self._remember = remember
        self._known: OrderedDict[str, Array] = OrderedDict()

    def encode(self, texts: Sequence[str]) -> Array:
        """Return one unit vector a text, (n, 512), for texts already normalised for features."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        # An empty batch of tokens cannot be reduced: the encoder always gets at least a space.
        vectors = dict(zip(new, self._encoder.encode([text or " " for text in new]), strict=True)) if new else {}
        found = [vectors[text] if text in vectors else self._known[text] for text in texts]
        self._keep(vectors)
        return np.asarray(found, dtype=np.float32).reshape(len(texts), DIMENSIONS)

    def _keep(self, vectors: dict[str, Array]) -> None:
        for text, vector in vectors.items():
            self._known[text] = vector
        while len(self._known) > self._remember:
            self._known.popitem(last=False)


def list_ngrams(text: str) -> list[str]:
    """Return the character n-grams of a normalised text, with a blank at both ends, repeats included."""
    padded = f" {text} "
    return [
        padded[start : start + length]
        for length in range(_SHORTEST, _LONGEST + 1)
        for start in range(len(padded) - length + 1)
        if padded[start : start + length] != " "
    ]


@dataclass(frozen=True)
class Vocabulary:
    """The n-grams worth a weight, and the weight of each (inverse document frequency)."""

    index: dict[str, int]
    idf: Array

    def weigh(self, text: str) -> tuple[list[int], Array]:
        """Return the columns a text touches and their values, a unit vector (or empty)."""
        counts = Counter(column for gram in list_ngrams(text) if (column := self.index.get(gram)) is not None)
        columns = list(counts)
        values = (1 + np.log(np.fromiter(counts.values(), dtype=np.float32, count=len(counts)))) * self.idf[columns]
        norm = float(np.sqrt(np.sum(values * values)))
        return columns, (values / norm if norm else values).astype(np.float32)


def learn_vocabulary(texts: Iterable[str], *, seen_in: int, at_most: int) -> Vocabulary:
    """Return the n-grams found in at least `seen_in` texts, the `at_most` most frequent of them."""
    listed = list(texts)
    frequency = Counter(gram for text in listed for gram in set(list_ngrams(text)))
    kept = sorted((gram for gram, count in frequency.items() if count >= seen_in), key=lambda g: (-frequency[g], g))
    kept = kept[:at_most]
    counts = np.array([frequency[gram] for gram in kept], dtype=np.float32)
    idf = (np.log((1 + len(listed)) / (1 + counts)) + 1).astype(np.float32)
    return Vocabulary({gram: column for column, gram in enumerate(kept)}, idf)


def prepare_texts(texts: Sequence[str]) -> list[str]:
    """Return the texts as the features want them."""
    return [normalise_for_features(text) for text in texts]
