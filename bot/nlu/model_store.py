"""Where exported models lie: `DATA_DIR/models/<fingerprint>/`. One is kept; a stale one is trained again by itself."""

import shutil
from collections.abc import Callable
from pathlib import Path

from bot.nlu.data import compute_data_fingerprint, load_examples
from bot.nlu.features import SentenceEncoder
from bot.nlu.text_model import TextModel, TextModelError, load_text_model

Progress = Callable[[str], None]


def find_models_folder(data_dir: Path) -> Path:
    """Return the folder that holds the models of a data directory."""
    return data_dir / "models"


def prepare_text_model(
    nlu_data: Path, data_dir: Path, progress: Progress, *, force: bool = False, encoder: SentenceEncoder | None = None
) -> TextModel:
    """Return the model of the present training data; train and store it first where it is missing (or `force`).

    Takes seconds when it trains: call it from a thread. Two processes at once both arrive at the same model.

    Raises:
        TrainingDataError: the training data has a broken line.
    """
    examples = load_examples(nlu_data / "nlu")
    fingerprint = compute_data_fingerprint(examples)
    folder = find_models_folder(data_dir) / fingerprint
    if not force:
        try:
            return load_text_model(folder, fingerprint=fingerprint)
        except TextModelError:
            pass
    # scikit-learn takes a second to import and is needed only here.
    from bot.nlu.training import train_text_model  # noqa: PLC0415

    model = train_text_model(examples, encoder or SentenceEncoder(remember=0), progress)
    model.save(folder)
    _drop_others(folder)
    return model


def _drop_others(folder: Path) -> None:
    for other in folder.parent.iterdir():
        if other != folder and (other / "model.json").exists():
            shutil.rmtree(other, ignore_errors=True)
