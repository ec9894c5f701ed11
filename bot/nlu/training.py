"""Trains the text model and exports it as numbers. Application environment only; deterministic.

The temperature is fitted on a fifth of the sentences that a first, rougher round did not see; what is exported is then
trained on all of them, from there to the end: stopped early, a few sentences more or less move files of a hundred rows
by several.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse  # type: ignore[import-untyped]
from scipy.optimize import minimize_scalar  # type: ignore[import-untyped]
from sklearn.model_selection import train_test_split

from bot.nlu.data import Example, compute_data_fingerprint
from bot.nlu.features import Array, SentenceEncoder, Vocabulary, learn_vocabulary, prepare_texts
from bot.nlu.neighbours import Neighbours, make_neighbours
from bot.nlu.softmax_regression import Fit, fit_softmax
from bot.nlu.text_model import Head, TextModel, combine_votes, log_softmax

Progress = Callable[[str], None]

_SEEN_IN = 2
_GRAMS_AT_MOST = 60_000
# How small the gradient must become: twice as many steps for a tenth.
_ROUGH, _EXACT = 1e-3, 1e-4
_HELD_BACK = 0.2
_SEED = 0


@dataclass(frozen=True)
class HeadPlan:
    """How one head is trained: strength of fit (scikit-learn's C), factor on the vector, with n-grams or without."""

    strength: float
    vector_factor: float
    with_grams: bool
    weight: float


PLANS = (HeadPlan(strength=20, vector_factor=1, with_grams=True, weight=0.7),)
_NEIGHBOURS_WEIGHT = 0.3


@dataclass(frozen=True)
class Features:
    """The features of many texts: vectors (texts, 512) and weighted n-grams (texts, vocabulary)."""

    vectors: Array
    grams: sparse.csr_matrix

    def take(self, rows: Sequence[int]) -> "Features":
        """Return the features of some of the texts."""
        return Features(self.vectors[rows], self.grams[rows])


def train_text_model(examples: Sequence[Example], encoder: SentenceEncoder, progress: Progress) -> TextModel:
    """Return the model trained on these sentences."""
    progress(f"Training the text model on {len(examples)} sentences")
    prepared = prepare_texts([example.text for example in examples])
    vocabulary = learn_vocabulary(prepared, seen_in=_SEEN_IN, at_most=_GRAMS_AT_MOST)
    features = Features(encoder.encode(prepared), weigh_all(vocabulary, prepared))
    labels = np.array([example.intent for example in examples])
    intents = tuple(sorted({example.intent for example in examples}))
    temperature, fits = _fit_temperature(features, labels, intents)
    progress("Training on all of them")
    heads = tuple(
        make_head(plan, fit_plan(plan, features, labels, start=fit), labels, intents)
        for plan, fit in zip(PLANS, fits, strict=True)
    )
    neighbours = gather_neighbours(features, labels, intents)
    return TextModel(intents, vocabulary, heads, neighbours, temperature, compute_data_fingerprint(list(examples)))


def weigh_all(vocabulary: Vocabulary, prepared: Sequence[str]) -> sparse.csr_matrix:
    """Return the weighted n-grams of texts as a sparse matrix."""
    rows = [vocabulary.weigh(text) for text in prepared]
    columns = np.concatenate([np.asarray(columns, dtype=np.int32) for columns, _ in rows])
    starts = np.cumsum([0, *(len(columns) for columns, _ in rows)])
    values = np.concatenate([values for _, values in rows])
    return sparse.csr_matrix((values, columns, starts), shape=(len(rows), len(vocabulary.index)))


def fit_plan(
    plan: HeadPlan, features: Features, labels: Any, *, tolerance: float = _EXACT, start: Fit | None = None
) -> Fit:
    """Return one trained regression; its classes are the labels there are, in the order of their names."""
    _, classes = np.unique(labels, return_inverse=True)
    return fit_softmax(
        features.vectors * np.float32(plan.vector_factor),
        features.grams if plan.with_grams else None,
        classes,
        strength=plan.strength,
        tolerance=tolerance,
        start=start,
    )


def make_head(plan: HeadPlan, fit: Fit, labels: Any, intents: Sequence[str]) -> Head:
    """Return a regression as a head; an intent without a sentence among the labels is never its answer."""
    places = [intents.index(intent) for intent in np.unique(labels)]
    bias = np.full(len(intents), -30.0, dtype=np.float32)
    bias[places] = fit.bias
    vector = _spread(fit.vector * np.float32(plan.vector_factor), places, len(intents))
    return Head(vector, None if fit.grams is None else _spread(fit.grams, places, len(intents)), bias, plan.weight)


def _spread(columns: Array, places: Sequence[int], count: int) -> Array:
    whole = np.zeros((len(columns), count), dtype=np.float32)
    whole[:, places] = columns
    return whole


def gather_neighbours(features: Features, labels: Any, intents: Sequence[str]) -> Neighbours:
    """Return the sentences as neighbours."""
    columns = {intent: column for column, intent in enumerate(intents)}
    found = np.array([columns[label] for label in labels], dtype=np.int32)
    return make_neighbours(features.vectors, found, _NEIGHBOURS_WEIGHT)


def vote(head: Head, features: Features) -> Array:
    """Return a head's log probabilities for many texts at once."""
    scores = features.vectors @ head.vector + head.bias
    return log_softmax(scores if head.grams is None else scores + features.grams @ head.grams)


def _fit_temperature(features: Features, labels: Any, intents: Sequence[str]) -> tuple[float, list[Fit]]:
    """Return the temperature, and the rough fits that it was found with."""
    kept, held = train_test_split(np.arange(len(labels)), test_size=_HELD_BACK, random_state=_SEED, stratify=labels)
    seen = features.take(kept)
    fits = [fit_plan(plan, seen, labels[kept], tolerance=_ROUGH) for plan in PLANS]
    heads = [make_head(plan, fit, labels[kept], intents) for plan, fit in zip(PLANS, fits, strict=True)]
    neighbours = gather_neighbours(seen, labels[kept], intents)
    unseen = features.take(held)
    votes = [*(vote(head, unseen) for head in heads), neighbours.vote(unseen.vectors, len(intents))]
    weights = [*(head.weight for head in heads), neighbours.weight]
    truth = [intents.index(label) for label in labels[held]]

    def loss(logarithm: float) -> float:
        shares = combine_votes(votes, weights, float(np.exp(logarithm)))
        return float(-np.log(shares[np.arange(len(truth)), truth] + 1e-9).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-2.0, 2.0), method="bounded").x)), fits
