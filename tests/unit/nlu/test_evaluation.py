"""Figures about labelled texts: true, with their uncertainty, and every broken line named."""

import json
from datetime import UTC, datetime
from html.parser import HTMLParser
from math import isclose
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.commands import evaluate
from bot.nlu.evaluation import (
    EvaluationError,
    Judged,
    LabelledText,
    Share,
    compute_calibration,
    compute_false_accepts,
    compute_lenient,
    compute_macro_f1,
    compute_strict,
    list_confusions,
    load_labelled,
    split_selections,
)
from bot.nlu.evaluation_report import FileReport, Report, format_table, write_report
from bot.nlu.reading import CATEGORIES, Reading
from escalation.testing import FakeClock

MARKUP = "<script>alert('&')</script> \ud800"


def judged(label: str, answer: str, *, also: tuple[str, ...] = (), sure: float = 0.9, unsure: bool = False) -> Judged:
    """A text with its reading."""
    reading = Reading(
        text=MARKUP, intent=f"{answer}.any", category=answer, confidence=sure, unsure=unsure, language="en",
        entities=(), also=(), ranking=(), engine="embedded",
    )  # fmt: skip
    return Judged(LabelledText(MARKUP, label, also), reading)


def test_strict_counts_rows_with_one_right_answer_and_lenient_all():
    """Where two answers are right, either counts, but only leniently."""
    rows = [judged("order", "order"), judged("order", "quality"), judged("order", "quality", also=("quality",))]
    assert (compute_strict(rows), compute_lenient(rows)) == (Share(1, 2), Share(2, 3))


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (50, 100, 0.4038, 0.5962), (0, 0, 0.0, 1.0)],
)
def test_intervals_are_wilsons(hits: int, n: int, low: float, high: float):
    """Wilson (1927): never outside 0..1, and wide where little was seen."""
    found = Share(hits, n).interval
    assert isclose(found[0], low, abs_tol=5e-5)
    assert isclose(found[1], high, abs_tol=5e-5)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_its_share(pair: tuple[int, int]):
    """And more of the same narrows it."""
    share, more = Share(*pair), Share(pair[0] * 4, pair[1] * 4)
    low, high = share.interval
    assert 0.0 <= low <= pair[0] / pair[1] <= high <= 1.0
    assert more.interval[1] - more.interval[0] < high - low


def test_macro_f1_leaves_rare_categories_out():
    """Ten rows make a category; one row of another does not halve the figure."""
    rows = [judged("order", "order")] * 8 + [judged("order", "quality")] * 2 + [judged("handoff", "order")]
    assert isclose(compute_macro_f1(rows) or 0, 2 * 8 / (9 + 10))
    assert compute_macro_f1(rows[:3]) is None


def test_a_false_accept_is_sure_and_about_business():
    """What would be asked back, and what is taken for small talk, harms nobody."""
    rows = [
        judged("out_of_scope", "order"),
        judged("out_of_scope", "order", unsure=True),
        judged("out_of_scope", "chitchat"),
        judged("out_of_scope", "logistics", also=("logistics",)),
        judged("quality", "order"),
    ]
    assert compute_false_accepts(rows) == Share(1, 4)


def test_calibration_is_the_gap_between_sure_and_right():
    """Two readings 90 % sure, one of them right: 40 % too sure."""
    found = compute_calibration([judged("order", "order"), judged("order", "quality")])
    assert isclose(found.error or 0, 0.4)
    assert compute_calibration([]).error is None


def test_the_most_frequent_confusion_comes_first_and_its_surest_case():
    """So that whoever trains sees where to begin."""
    rows = [judged("order", "quality", sure=0.5), judged("order", "quality", sure=0.8), judged("quality", "order")]
    first, second = list_confusions(rows)
    assert [case.reading.confidence for case in first.cases] == [0.8, 0.5]
    assert (second.category, second.taken_for) == ("quality", "order")


def test_parts_are_told_apart_only_where_there_are_several():
    """A file whose rows were all picked alike has no parts."""
    assert split_selections([judged("order", "order")]) == {}


BROKEN = {
    "{": "not JSON",
    "[]": "not a JSON object",
    '{"category": "order"}': "field `text`",
    '{"text": "x"}': "field `category`: None",
    '{"text": "x", "category": "return"}': "'return' is none of order, ",
    '{"text": "x", "category": "order", "alt": "quality"}': "field `alt` is not a list",
    '{"text": "x", "category": "order", "alt": ["x"]}': "field `alt`: 'x'",
}


def test_a_broken_line_is_named_and_the_others_are_read(tmp_path: Path):
    """By file, line and reason."""
    lines = [*BROKEN, '{"text": "hello", "expected": "chitchat", "selection": "mine"}', ""]
    path = tmp_path / "own.jsonl"
    path.write_bytes("\n".join(lines).encode() + b'\n{"text": "\xff", "category": "order"}')
    (file,) = load_labelled(tmp_path)
    assert [(row.text, row.category, row.selection) for row in file.rows] == [("hello", "chitchat", "mine")]
    reasons = [*BROKEN.values(), "not UTF-8"]
    for number, (broken, reason) in enumerate(zip(file.broken, reasons, strict=True), start=1):
        assert broken.line == (number if number <= len(BROKEN) else len(lines) + 1)
        assert reason in str(broken)
        assert str(path) in str(broken)


def test_an_empty_folder_is_said(tmp_path: Path):
    """Not measured as perfect."""
    with pytest.raises(EvaluationError, match=r"no \*\.jsonl files"):
        load_labelled(tmp_path)


class _Page(HTMLParser):
    """Takes note of every element and of every address it names."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href"}]


def test_the_report_is_one_file_that_needs_nothing_else_and_runs_nothing(tmp_path: Path):
    """Whatever customers wrote stays text; only its owner reads it."""
    rows = [judged(label, answer) for label in CATEGORIES for answer in ("order", label)]
    report = Report(tmp_path, "embedded", "abc", datetime(2026, 3, 1, tzinfo=UTC), [FileReport("own", rows)], [])
    path = write_report(report, tmp_path / "reports" / "one.html")
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    assert "script" not in page.tags
    assert page.tags.count("svg") == 2
    assert all(address.startswith("#") for address in page.addresses)
    assert path.stat().st_mode & 0o077 == 0
    assert "own" in format_table(report)


def test_the_command_measures_an_engine(nlu_data: Path, tmp_path: Path):
    """A table on standard output, the report where it was asked for, and 1 where a line was broken."""
    folder, written, told = tmp_path / "labelled", list[str](), list[str]()
    folder.mkdir()
    rows = [{"text": "转人工", "category": "handoff"}, {"text": "取消订单", "category": "order"}]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "own.jsonl").write_text(text, encoding="utf-8")
    asked: Any = {"nlu_data": nlu_data, "data_dir": tmp_path / "data", "clock": FakeClock(), "progress": told.append}
    assert evaluate(folder, written.append, out=tmp_path / "report.html", **asked) == 0
    assert "1.000" in written[0].splitlines()[1]
    assert (tmp_path / "report.html").exists()
    (folder / "own.jsonl").write_text(text + "{\n", encoding="utf-8")
    assert evaluate(folder, written.append, **asked) == 1
    assert any("own.jsonl:3: not JSON" in line for line in told)
    assert len(list((tmp_path / "data" / "reports").iterdir())) == 1
