"""Our features for Rasa's own classifiers: the sentence encoder's vector, and weighted character n-grams.

Runs inside Rasa's environment. For whoever wants DIET instead of the exported model, `nlu_data/config-diet.yml`:

    pipeline:
      - name: bot.nlu.rasa_features.TextFeaturizer
      - name: DIETClassifier
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy import sparse  # type: ignore[import-untyped]

from bot.nlu.features import FEATURES_VERSION, SentenceEncoder, Vocabulary, learn_vocabulary, prepare_texts
from bot.nlu.rasa_graph import LearntComponent

_VOCABULARY_FILE = "vocabulary.json"
_TOGETHER = 256


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class TextFeaturizer(LearntComponent, DenseFeaturizer):  # type: ignore[misc]
    """Gives every text its vector and its n-grams, as one feature of the sentence and of a sequence of one."""

    def __init__(self, config: dict[str, Any], name: str, storage: ModelStorage, resource: Resource) -> None:
        LearntComponent.__init__(self, config, name, storage, resource)
        DenseFeaturizer.__init__(self, name, config)
        self._vocabulary: Vocabulary | None = None
        self._encoder = SentenceEncoder(remember=0)

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the settings' defaults: n-grams seen in two sentences count, the most frequent of them."""
        return {
            **DenseFeaturizer.get_default_config(), "seen_in": 2, "grams_at_most": 60_000, "version": FEATURES_VERSION
        }  # fmt: skip

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Accept any settings: Rasa has put the defaults in for what is missing."""

    def train(self, training_data: TrainingData) -> Resource:
        """Learn which n-grams are worth a weight."""
        texts = prepare_texts([example.get(TEXT) for example in training_data.intent_examples])
        config = self._config
        self._vocabulary = learn_vocabulary(texts, seen_in=config["seen_in"], at_most=config["grams_at_most"])
        return self.keep()

    def write(self, folder: Path) -> None:
        """Write the n-grams and their weights into a folder."""
        vocabulary = self._learnt()
        known = {"grams": list(vocabulary.index), "idf": vocabulary.idf.tolist()}
        (folder / _VOCABULARY_FILE).write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")

    def open(self, folder: Path) -> None:
        """Go by the n-grams of a folder."""
        known = json.loads((folder / _VOCABULARY_FILE).read_text(encoding="utf-8"))
        index = {gram: column for column, gram in enumerate(known["grams"])}
        self._vocabulary = Vocabulary(index, np.array(known["idf"], dtype=np.float32))

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the features to every message that has a text."""
        written = [message for message in messages if message.get(TEXT)]
        for start in range(0, len(written), _TOGETHER):
            self._add_features(written[start : start + _TOGETHER])
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the features to the training sentences."""
        self.process(training_data.training_examples)
        return training_data

    def _add_features(self, messages: list[Message]) -> None:
        texts = prepare_texts([message.get(TEXT) for message in messages])
        for message, text, vector in zip(messages, texts, self._encoder.encode(texts)):  # noqa: B905
            # DIET wants a sequence too; ours is the sentence itself, once.
            self.add_features_to_message(vector[None, :], vector[None, :], TEXT, message)
            grams = self._weigh(text)
            self.add_features_to_message(grams, grams, TEXT, message)

    def _weigh(self, text: str) -> sparse.csr_matrix:
        vocabulary = self._learnt()
        columns, values = vocabulary.weigh(text)
        rows = np.zeros(len(columns), dtype=np.int32)
        return sparse.csr_matrix((values, (rows, columns)), shape=(1, len(vocabulary.index)))

    def _learnt(self) -> Vocabulary:
        if self._vocabulary is None:
            raise RuntimeError("the featurizer was neither trained nor loaded")
        return self._vocabulary
