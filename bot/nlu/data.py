"""The training sentences of `nlu_data/nlu/`, read strictly: a broken line is an error with file, line and reason.

The files are Rasa's (`version: "3.1"`, `nlu:`, `intent`, `examples: |`), so that `rasa train` and `rasa data validate`
read the same ones. Application environment only: inside Rasa the sentences come from Rasa's own reader.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError

from bot.nlu.reading import CATEGORIES
from bot.nlu.text_model import compute_fingerprint

_ANNOTATIONS = ("](", "]{")


class TrainingDataError(Exception):
    """The training data cannot be used; the message names file, line and reason."""

    def __init__(self, file: Path, line: int, reason: str) -> None:
        self.file, self.line, self.reason = file, line, reason
        super().__init__(f"{file}:{line}: {reason}")


@dataclass(frozen=True)
class Example:
    """One training sentence, as written, and where it stands."""

    intent: str
    text: str
    file: Path
    line: int

    @property
    def category(self) -> str:
        """The part of the intent before the dot."""
        return self.intent.split(".")[0]


def load_examples(folder: Path) -> list[Example]:
    """Return every sentence under a folder, in a stable order.

    Raises:
        TrainingDataError: a file is not in the format, an intent is of no known category or has fewer than two
            sentences, or one sentence stands under two intents.
    """
    files = sorted(folder.rglob("*.yml"))
    examples = [example for file in files for example in _read_file(file)]
    if not examples:
        raise TrainingDataError(folder, 0, "no training sentences here")
    _check_contradictions(examples)
    _check_sizes(examples)
    return list({(example.intent, example.text): example for example in examples}.values())


def compute_data_fingerprint(examples: list[Example]) -> str:
    """Return the fingerprint of the data and of the code that turns it into features."""
    return compute_fingerprint((example.intent, example.text) for example in examples)


def _read_file(file: Path) -> Iterator[Example]:
    try:
        document = YAML().load(file.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise TrainingDataError(file, mark.line + 1 if mark else 0, str(error.problem or error)) from error
    except UnicodeDecodeError as error:
        raise TrainingDataError(file, 0, f"not UTF-8 ({error.reason})") from error
    if not isinstance(document, CommentedMap) or not isinstance(document.get("nlu"), list):
        raise TrainingDataError(file, 1, "a list `nlu:` is expected at the top")
    for index, item in enumerate(document["nlu"]):
        yield from _read_item(file, document["nlu"].lc.item(index)[0] + 1, item)


def _read_item(file: Path, line: int, item: Any) -> Iterator[Example]:
    if not isinstance(item, CommentedMap) or not isinstance(item.get("intent"), str):
        raise TrainingDataError(file, line, "an item needs `intent:`")
    intent = item["intent"]
    if intent.split(".")[0] not in CATEGORIES or "." not in intent:
        raise TrainingDataError(file, line, f"intent {intent!r} is of no known category")
    if not isinstance(item.get("examples"), str):
        raise TrainingDataError(file, line, f"intent {intent!r} needs `examples: |` with one sentence a line")
    first = item.lc.value("examples")[0] + 2
    for offset, sentence in enumerate(item["examples"].splitlines()):
        yield Example(intent, _read_sentence(file, first + offset, sentence), file, first + offset)


def _read_sentence(file: Path, line: int, written: str) -> str:
    text = written[1:].strip("\n\r ")
    if not written.startswith("-") or not text:
        raise TrainingDataError(file, line, f"a sentence begins with `- `, not {written[:20]!r}")
    if any(mark in text for mark in _ANNOTATIONS):
        raise TrainingDataError(file, line, "entity annotations are not used here: entities come from patterns")
    return text


def _check_contradictions(examples: list[Example]) -> None:
    seen: dict[str, Example] = {}
    for example in examples:
        first = seen.setdefault(example.text, example)
        if first.intent != example.intent:
            where = f"{first.intent} ({first.file.name}:{first.line})"
            raise TrainingDataError(example.file, example.line, f"the sentence stands under {where} too")


def _check_sizes(examples: list[Example]) -> None:
    counts = Counter(example.intent for example in examples)
    for example in examples:
        if counts[example.intent] < 2:
            raise TrainingDataError(example.file, example.line, f"{example.intent} has a single sentence; give it more")
