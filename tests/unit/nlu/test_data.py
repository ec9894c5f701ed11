"""Training data: read strictly, with file, line and reason."""

from pathlib import Path

import pytest

from bot.nlu.data import TrainingDataError, compute_data_fingerprint, load_examples

_HEAD = 'version: "3.1"\nnlu:\n'
_GOOD = _HEAD + "- intent: order.cancel\n  examples: |\n    - 取消\n    - cancel it\n"


def _write(folder: Path, content: str, name: str = "a.yml") -> Path:
    (folder / name).write_text(content, encoding="utf-8")
    return folder


def test_reads_sentences_with_their_place(tmp_path: Path):
    """Each sentence knows its intent and the line it stands on."""
    examples = load_examples(_write(tmp_path, _GOOD))
    assert [(example.intent, example.text, example.line) for example in examples] == [
        ("order.cancel", "取消", 5),
        ("order.cancel", "cancel it", 6),
    ]


@pytest.mark.parametrize(
    ("line", "reason", "content"),
    [
        (6, "begins with", _HEAD + "- intent: order.cancel\n  examples: |\n    - 取消\n    cancel it\n"),
        (5, "begins with", _HEAD + "- intent: order.cancel\n  examples: |\n    -\n    - x\n"),
        (3, "no known category", _HEAD + "- intent: orders.cancel\n  examples: |\n    - 取消\n"),
        (3, "no known category", _HEAD + "- intent: order\n  examples: |\n    - 取消\n"),
        (3, "examples", _HEAD + "- intent: order.cancel\n"),
        (3, "needs `intent:`", _HEAD + "- regex: x\n"),
        (5, "single sentence", _HEAD + "- intent: order.cancel\n  examples: |\n    - 取消\n"),
        (5, "annotations", _HEAD + "- intent: order.cancel\n  examples: |\n    - 取消[12](order_number)\n"),
        (1, "list `nlu:`", 'version: "3.1"\n'),
        (10, "stands under", _GOOD + "- intent: order.change\n  examples: |\n    - 改地址\n    - 取消\n"),
    ],
)  # fmt: skip
def test_a_broken_line_is_named(tmp_path: Path, line: int, reason: str, content: str):
    """The error carries file, line and reason, whatever is wrong."""
    with pytest.raises(TrainingDataError, match=reason) as caught:
        load_examples(_write(tmp_path, content))
    assert (tmp_path / "a.yml", line) == (caught.value.file, caught.value.line)


def test_broken_yaml_is_named_too(tmp_path: Path):
    """A file that is no YAML at all is reported like a broken line."""
    with pytest.raises(TrainingDataError) as caught:
        load_examples(_write(tmp_path, _HEAD + '- intent: "order\n'))
    assert caught.value.line >= 3


def test_a_folder_without_sentences_is_an_error(tmp_path: Path):
    """Nothing to learn from is not an empty model."""
    with pytest.raises(TrainingDataError, match="no training sentences"):
        load_examples(tmp_path)


def test_the_fingerprint_follows_the_sentences_only(tmp_path: Path):
    """Order, repeats and file names change nothing; another sentence does."""
    once = compute_data_fingerprint(load_examples(_write(tmp_path, _GOOD)))
    again = compute_data_fingerprint(load_examples(_write(tmp_path, _GOOD, "b.yml")))
    other = compute_data_fingerprint(load_examples(_write(tmp_path, _GOOD + "    - 不要了\n", "c.yml")))
    assert once == again != other


def test_the_projects_own_data_can_be_read():
    """Every sentence of the project is in the format, and the domain lists exactly its intents."""
    project = Path(__file__).parents[3] / "nlu_data"
    domain = (project / "domain.yml").read_text(encoding="utf-8")
    intents = {example.intent for example in load_examples(project / "nlu")}
    listed = {line.removeprefix("  - ") for line in domain.splitlines() if line.startswith("  - ") and "." in line}
    assert intents == listed
