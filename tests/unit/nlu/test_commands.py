"""`shouwen nlu train` and `parse`: the JSON lines contract, and the stored model."""

import json
from pathlib import Path

import pytest

from bot.nlu.commands import parse_lines, train


@pytest.fixture
def parse(nlu_data: Path, tmp_path: Path):
    """Return what runs lines through the command: exit code and answers."""

    def run(lines: list[str]) -> tuple[int, list[dict]]:
        written: list[str] = []
        code = parse_lines(lines, written.append, nlu_data=nlu_data, data_dir=tmp_path / "data")
        assert all(line.endswith("\n") for line in written)
        return code, [json.loads(line) for line in written]

    return run


def test_answers_have_exactly_the_public_fields(parse):
    """One answer a line, in order, with the interface's fields and no other."""
    code, (first, second) = parse(['{"text": "20260101001 取消订单"}\n', '{"text": "转人工"}\n'])
    assert code == 0
    fields = {"text", "intent", "category", "confidence", "unsure", "language", "entities", "also", "engine"}
    assert fields == set(first)
    assert first["entities"] == [{"name": "order_number", "value": "20260101001", "start": 0, "end": 11}]
    assert (first["category"], second["category"], second["engine"]) == ("order", "handoff", "embedded")


def test_a_bad_line_gets_an_error_and_the_others_their_answers(parse):
    """A broken line does not cost its neighbours theirs, and the exit code tells."""
    code, answers = parse(["{", '{"text": 5}', "[]", '{"text": "转人工"}', "", '{"text": "\\ud800"}'])
    assert code == 1
    assert ["error" in answer for answer in answers] == [True, True, True, False, False]


def test_trains_once_and_again_only_when_the_data_changes(nlu_data: Path, tmp_path: Path):
    """A fresh model is used as it lies; another sentence makes it stale, and only the new one is kept."""
    told: list[str] = []
    first = train(nlu_data, tmp_path, told.append)
    trainings = len(told)
    assert first == train(nlu_data, tmp_path, told.append)
    assert trainings == len(told) > 0
    with (nlu_data / "nlu" / "all.yml").open("a", encoding="utf-8") as stream:
        stream.write("    - 给我接人工\n")
    second = train(nlu_data, tmp_path, told.append)
    assert [second] == list((tmp_path / "models").iterdir())
