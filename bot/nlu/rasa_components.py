"""The exported text model as a Rasa graph component: intent, ranking and entities, the same as the embedded engine's.

Runs inside Rasa's environment (Python 3.11, numpy 1.23). "Training" checks that the exported model belongs to the
training data that Rasa has read, and copies it into Rasa's own model archive, which is then complete in itself.

    pipeline:
      - name: bot.nlu.rasa_components.TextModelComponent
        models: ../.data/models        # where `shouwen nlu train` exports to; NLU_MODELS_DIR overrides it
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.analysis import TextReader
from bot.nlu.features import FEATURES_VERSION, SentenceEncoder
from bot.nlu.rasa_graph import LearntComponent
from bot.nlu.reading import Reading
from bot.nlu.text_model import MODEL_VERSION, TextModel, TextModelError, compute_fingerprint, load_text_model

_RANKING = "intent_ranking"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TextModelComponent(LearntComponent):
    """Serves an exported text model. Raises TextModelError where it does not belong to the training data."""

    _model: TextModel
    _reader: TextReader | None = None

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the settings' defaults: where exported models lie.

        The version is nobody's to set: Rasa keeps what a component once learnt from the same data and settings, and
        would go on with a model that this release cannot read.
        """
        return {"models": "../.data/models", "version": f"{FEATURES_VERSION}.{MODEL_VERSION}"}

    def train(self, training_data: TrainingData) -> Resource:
        """Take in the exported model of exactly this training data."""
        pairs = [(example.get(INTENT), example.get(TEXT)) for example in training_data.intent_examples]
        fingerprint = compute_fingerprint(pairs)
        folder = Path(os.environ.get("NLU_MODELS_DIR") or self._config["models"]) / fingerprint
        self._take(load_text_model(folder, fingerprint=fingerprint))
        return self.keep()

    def write(self, folder: Path) -> None:
        """Copy the model into a folder."""
        self._model.save(folder)

    def open(self, folder: Path) -> None:
        """Read with the model of a folder."""
        self._take(load_text_model(folder))

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent, ranking, entities and the rest of the reading on every message."""
        if self._reader is None:
            raise TextModelError("no text model is loaded")
        # The client's shield keeps its place in front, so that the spans Rasa reports fit the text Rasa was sent.
        texts = [message.get(TEXT) or "" for message in messages]
        for message, reading in zip(messages, self._reader.read(texts, engine="rasa")):  # noqa: B905
            _set_reading(message, reading)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Return the training data as it is: nothing after this component learns from its readings."""
        return training_data

    def _take(self, model: TextModel) -> None:
        self._model = model
        self._reader = TextReader(model, SentenceEncoder())
        self._reader.warm_up()


def _set_reading(message: Message, reading: Reading) -> None:
    message.set(INTENT, {"name": reading.intent, "confidence": reading.confidence}, add_to_output=True)
    ranking = [{"name": intent, "confidence": share} for intent, share in reading.ranking]
    message.set(_RANKING, ranking, add_to_output=True)
    found = [
        {
            "entity": entity.name,
            "value": entity.value,
            "start": entity.start,
            "end": entity.end,
            "extractor": "patterns",
        }
        for entity in reading.entities
    ]
    message.set(ENTITIES, [*(message.get(ENTITIES) or []), *found], add_to_output=True)
    rest = {
        "unsure": reading.unsure,
        "also": list(reading.also),
        "language": reading.language,
        "points": [vars(point) for point in reading.points],
    }
    message.set("reading", rest, add_to_output=True)
