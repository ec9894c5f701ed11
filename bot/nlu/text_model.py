"""The exported text model: numbers in, probabilities out. Plain numpy, the same in both environments.

A model is a folder `<fingerprint>/` with `model.json` (intents, heads, calibration, vocabulary, fingerprint) and
`model.npz` (weights). The fingerprint covers the training sentences and the versions of the code that makes features
of them. Linear heads and the nearest training sentences vote by their logarithms; the temperature that calibrates the
sum was fitted on sentences they had not seen. docs/adr/0005-the-text-model.md has the figures behind it.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from bot.nlu.features import FEATURES_VERSION, Array, SentenceEncoder, Vocabulary, prepare_texts
from bot.nlu.neighbours import Neighbours

MODEL_VERSION = 6
"""Raised when training would give another model from the same data."""

NUMBERS_FILE = "model.npz"
DESCRIPTION_FILE = "model.json"


class TextModelError(Exception):
    """A model's folder is missing, broken, or belongs to other training data."""


def compute_fingerprint(sentences: Iterable[tuple[str, str]]) -> str:
    """Return the fingerprint of a model trained on these (intent, sentence) pairs by this code."""
    digest = hashlib.sha256(f"{FEATURES_VERSION} {MODEL_VERSION}".encode())
    for intent, text in sorted(set(sentences)):
        digest.update(f"\0{intent}\0{text}".encode())
    return digest.hexdigest()[:20]


@dataclass(frozen=True)
class Head:
    """One linear classifier. `grams` is None for a head that looks at the encoder's vector alone.

    `vector` is (512, intents), `grams` (vocabulary, intents), `bias` (intents); `weight` is its share of the vote.
    """

    vector: Array
    grams: Array | None
    bias: Array
    weight: float


@dataclass(frozen=True)
class TextModel:
    """Intents with their probabilities for texts. Immutable; safe to share between threads."""

    intents: tuple[str, ...]
    vocabulary: Vocabulary
    heads: tuple[Head, ...]
    neighbours: Neighbours
    temperature: float
    fingerprint: str

    def predict(self, texts: Sequence[str], encoder: SentenceEncoder) -> Array:
        """Return calibrated probabilities, (texts, intents); every row sums to one."""
        return self.predict_features(prepare_texts(texts), encoder)

    def predict_features(self, prepared: Sequence[str], encoder: SentenceEncoder) -> Array:
        """Return the same for texts that went through `prepare_texts`."""
        if not prepared:
            return np.zeros((0, len(self.intents)), dtype=np.float32)
        vectors = encoder.encode(prepared)
        weighed = [self.vocabulary.weigh(text) for text in prepared]
        votes = [self._vote(head, vectors, weighed) for head in self.heads]
        votes.append(self.neighbours.vote(vectors, len(self.intents)))
        weights = [*(head.weight for head in self.heads), self.neighbours.weight]
        return combine_votes(votes, weights, self.temperature)

    def list_vectors(self, category: str) -> Array:
        """Return the vectors of the training sentences of a category, (sentences, 512)."""
        wanted = [column for column, intent in enumerate(self.intents) if intent.partition(".")[0] == category]
        chosen = np.isin(self.neighbours.intents, wanted)
        return np.ascontiguousarray(self.neighbours.vectors[chosen], dtype=np.float32)

    def _vote(self, head: Head, vectors: Array, weighed: Sequence[tuple[list[int], Array]]) -> Array:
        scores = vectors @ head.vector + head.bias
        if head.grams is not None:
            for row, (columns, values) in enumerate(weighed):
                scores[row] += values @ head.grams[columns]
        return log_softmax(scores)

    def save(self, folder: Path) -> None:
        """Write the model into a folder, completely or not at all as far as `load` is concerned."""
        folder.mkdir(parents=True, exist_ok=True)
        arrays: dict[str, Any] = {
            "idf": self.vocabulary.idf,
            "sentences": self.neighbours.vectors,
            "directions": self.neighbours.directions,
            "sentence_intents": self.neighbours.intents,
        }
        for number, head in enumerate(self.heads):
            arrays |= {f"vector{number}": head.vector, f"bias{number}": head.bias}
            arrays |= {} if head.grams is None else {f"grams{number}": head.grams}
        numbers_draft = folder / f"new-{NUMBERS_FILE}"
        np.savez(numbers_draft, **arrays)
        numbers_draft.replace(folder / NUMBERS_FILE)
        description = {
            "fingerprint": self.fingerprint,
            "intents": self.intents,
            "temperature": self.temperature,
            "weights": [head.weight for head in self.heads],
            "neighbours_weight": self.neighbours.weight,
            "vocabulary": list(self.vocabulary.index),
        }
        draft = folder / f"{DESCRIPTION_FILE}.new"
        draft.write_text(json.dumps(description, ensure_ascii=False), encoding="utf-8")
        draft.replace(folder / DESCRIPTION_FILE)


def combine_votes(votes: Sequence[Array], weights: Sequence[float], temperature: float) -> Array:
    """Return probabilities from log probabilities: their weighted sum, sharpened or softened."""
    total = sum((vote * weight for vote, weight in zip(votes, weights, strict=True)), start=np.zeros_like(votes[0]))
    return np.exp(log_softmax(total / np.float32(temperature))).astype(np.float32)


def log_softmax(scores: Array) -> Array:
    """Return the logarithm of the softmax of each row."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)), dtype=np.float32)


def load_text_model(folder: Path, *, fingerprint: str | None = None) -> TextModel:
    """Return the model of a folder.

    Raises:
        TextModelError: there is none, it is broken, or it does not carry the `fingerprint` that is asked for.
    """
    try:
        description = json.loads((folder / DESCRIPTION_FILE).read_text(encoding="utf-8"))
        # Opened here, because numpy leaves the file open where it turns out broken.
        with (folder / NUMBERS_FILE).open("rb") as stream, np.load(stream, allow_pickle=False) as numbers:
            arrays = dict(numbers)
        model = _assemble(description, arrays)
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise TextModelError(f"no usable text model in {folder}: {error}") from error
    if fingerprint is not None and model.fingerprint != fingerprint:
        raise TextModelError(f"the text model in {folder} was trained on other data (run `shouwen nlu train`)")
    return model


def _assemble(description: dict[str, object], arrays: dict[str, Any]) -> TextModel:
    grams, weights = description["vocabulary"], description["weights"]
    if not isinstance(grams, list) or not isinstance(weights, list) or not isinstance(description["intents"], list):
        raise KeyError("the description is not a model's")
    heads = [
        Head(arrays[f"vector{number}"], arrays.get(f"grams{number}"), arrays[f"bias{number}"], float(weight))
        for number, weight in enumerate(weights)
    ]
    vocabulary = Vocabulary({gram: column for column, gram in enumerate(grams)}, arrays["idf"])
    neighbours_weight = float(str(description["neighbours_weight"]))
    neighbours = Neighbours(arrays["sentences"], arrays["sentence_intents"], arrays["directions"], neighbours_weight)
    return TextModel(
        intents=tuple(description["intents"]),
        vocabulary=vocabulary,
        heads=tuple(heads),
        neighbours=neighbours,
        temperature=float(str(description["temperature"])),
        fingerprint=str(description["fingerprint"]),
    )
