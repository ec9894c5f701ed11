"""The exported model: the same numbers as scikit-learn's, in a folder that knows its data."""

from pathlib import Path

import numpy as np
import pytest
from scipy import sparse  # type: ignore[import-untyped]
from sklearn.linear_model import LogisticRegression

from bot.nlu.data import Example
from bot.nlu.features import SentenceEncoder, prepare_texts
from bot.nlu.text_model import TextModel, TextModelError, load_text_model
from bot.nlu.training import PLANS, Features, train_text_model, vote, weigh_all

_TEXTS = ["我想退掉这个", "where's my package", "你好呀", "快递單號12345查一下", "", "😀", "x" * 3000]


@pytest.mark.parametrize("number", range(len(PLANS)))
def test_a_head_votes_as_scikit_learn_does(
    number: int, model: TextModel, examples: list[Example], encoder: SentenceEncoder
):
    """The exported weights give the probabilities that scikit-learn's own search finds."""

    def featurise(texts: list[str]) -> Features:
        prepared = prepare_texts(texts)
        return Features(encoder.encode(prepared), weigh_all(model.vocabulary, prepared))

    plan = PLANS[number]

    def stack(texts: list[str]) -> sparse.csr_matrix:
        features = featurise(texts)
        vectors = sparse.csr_matrix(features.vectors * plan.vector_factor)
        return sparse.hstack([vectors, features.grams]) if plan.with_grams else vectors

    classifier = LogisticRegression(C=plan.strength, max_iter=1000, tol=1e-6)
    classifier.fit(stack([e.text for e in examples]), [e.intent for e in examples])
    expected = classifier.predict_proba(stack(_TEXTS))
    assert list(model.intents) == list(classifier.classes_)
    np.testing.assert_allclose(np.exp(vote(model.heads[number], featurise(_TEXTS))), expected, atol=0.01)


def test_a_saved_model_predicts_the_same(tmp_path: Path, model: TextModel, encoder: SentenceEncoder):
    """Nothing is lost on disk, and each row is a distribution."""
    model.save(tmp_path)
    loaded = load_text_model(tmp_path, fingerprint=model.fingerprint)
    expected = model.predict(_TEXTS, encoder)
    np.testing.assert_array_equal(expected, loaded.predict(_TEXTS, encoder))
    np.testing.assert_allclose(np.ones(len(_TEXTS)), expected.sum(axis=1), atol=1e-5)


def test_training_again_gives_the_same_model(model: TextModel, examples: list[Example], encoder: SentenceEncoder):
    """Training is deterministic: two machines with the same data agree."""
    again = train_text_model(examples, encoder, lambda _: None)
    np.testing.assert_array_equal(model.predict(_TEXTS, encoder), again.predict(_TEXTS, encoder))
    assert model.fingerprint == again.fingerprint


def test_a_text_reads_the_same_alone_and_in_a_batch(model: TextModel, encoder: SentenceEncoder):
    """Who else writes at the same moment has no influence."""
    batch = model.predict(_TEXTS, encoder)
    alone = np.concatenate([model.predict([text], SentenceEncoder()) for text in _TEXTS[:2]])
    np.testing.assert_allclose(batch[:2], alone, atol=1e-4)


def test_a_model_of_other_data_is_refused(tmp_path: Path, model: TextModel):
    """A model that does not match the data must not answer customers."""
    model.save(tmp_path)
    with pytest.raises(TextModelError, match="other data"):
        load_text_model(tmp_path, fingerprint="0" * 20)


@pytest.mark.parametrize("broken", ["model.json", "model.npz"])
def test_a_broken_folder_is_refused(tmp_path: Path, model: TextModel, broken: str):
    """Half a file is no model."""
    model.save(tmp_path)
    (tmp_path / broken).write_bytes((tmp_path / broken).read_bytes()[:100])
    with pytest.raises(TextModelError, match="no usable text model"):
        load_text_model(tmp_path)
