"""The nearest sentences vote: found by a sketch, weighed exactly."""

import numpy as np

from bot.nlu.features import DIMENSIONS, Array
from bot.nlu.neighbours import make_neighbours

INTENTS = 8


def make_vectors(count: int, *, seed: int) -> tuple[Array, Array]:
    """Return unit vectors around one middle for each intent, and the intents."""
    numbers = np.random.default_rng(seed)
    middles = numbers.standard_normal((INTENTS, DIMENSIONS))
    intents = (np.arange(count) % INTENTS).astype(np.int32)
    vectors = middles[intents] + 0.8 * numbers.standard_normal((count, DIMENSIONS))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32), intents


def vote_by_all(vectors: Array, intents: Array, asked: Array) -> Array:
    """Return the vote of the fifteen nearest, every sentence looked at."""
    kept = vectors.astype(np.float16).astype(np.float32)
    votes = []
    for vector in asked:
        likeness = kept @ vector
        nearest = np.argsort(-likeness)[:15]
        loudness = np.exp(20 * (likeness[nearest] - 1))
        shares = np.bincount(intents[nearest], weights=loudness, minlength=INTENTS)
        votes.append(np.log((shares / shares.sum() + 1e-3) / (1 + 1e-3 * INTENTS)))
    return np.array(votes, dtype=np.float32)


def test_few_sentences_are_all_looked_at() -> None:
    """The sketch chooses nothing then: the vote is the exhaustive one."""
    vectors, intents = make_vectors(100, seed=1)
    asked, _ = make_vectors(20, seed=1)
    vote = make_neighbours(vectors, intents, 0.3).vote(asked, INTENTS)
    np.testing.assert_allclose(vote, vote_by_all(vectors, intents, asked), atol=1e-3)


def test_many_sentences_vote_as_if_all_had_been_looked_at() -> None:
    """The same intent comes first for every text, and it is that of the text's own kind."""
    vectors, intents = make_vectors(4000, seed=2)
    neighbours = make_neighbours(vectors[200:], intents[200:], 0.3)
    vote = neighbours.vote(vectors[:200], INTENTS)
    exhaustive = vote_by_all(vectors[200:], intents[200:], vectors[:200])
    assert (vote.argmax(axis=1) == exhaustive.argmax(axis=1)).all()
    assert (vote.argmax(axis=1) == intents[:200]).all()
    np.testing.assert_allclose(np.exp(vote).sum(axis=1), 1, atol=1e-3)


def test_fewer_sentences_than_voters() -> None:
    """Three sentences vote alone."""
    vectors, intents = make_vectors(3, seed=3)
    vote = make_neighbours(vectors, intents, 0.3).vote(vectors[:1], INTENTS)
    assert vote.argmax() == intents[0]
