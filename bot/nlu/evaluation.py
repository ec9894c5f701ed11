"""How well an engine understands: labelled utterances and its readings in, figures out.

    files = load_labelled(folder)                    # strict; a broken line is named and the others are read
    judged = judge(file.rows, readings)
    compute_strict(judged), compute_lenient(judged), compute_macro_f1(judged), compute_calibration(judged)

A row is one JSON object a line: `text`, `category` (or `expected`), and where given `alt` (other categories that are
right as well) and `selection` (how the row was picked). Figures of different files are never pooled: an easy file
would hide a hard one. `bot/nlu/commands.py` runs it, `bot/nlu/evaluation_report.py` draws it.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Any

from bot.nlu.reading import CATEGORIES, Reading

BUSINESS = ("order", "logistics", "quality", "after_sales")
"""The categories a customer is answered from the shop's facts in: nonsense must not be taken for one of them."""

_F1_FROM = 10
_BINS = 10
_Z = 1.959964


class EvaluationError(Exception):
    """There is nothing to measure."""


@dataclass(frozen=True)
class LabelledText:
    """One utterance and what is right for it."""

    text: str
    category: str
    also_right: tuple[str, ...] = ()
    selection: str | None = None

    def accepts(self, category: str) -> bool:
        """Whether this answer is right, leniently."""
        return category == self.category or category in self.also_right


@dataclass(frozen=True)
class BrokenLine:
    """A line that could not be used."""

    file: Path
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


@dataclass(frozen=True)
class LabelledFile:
    """One file's rows, and its lines that are none."""

    name: str
    rows: tuple[LabelledText, ...]
    broken: tuple[BrokenLine, ...]


@dataclass(frozen=True)
class Judged:
    """An utterance with its reading."""

    row: LabelledText
    reading: Reading

    @property
    def is_right(self) -> bool:
        """Whether the category is one of those that are right."""
        return self.row.accepts(self.reading.category)


@dataclass(frozen=True)
class Share:
    """So many of so many, with Wilson's 95 % interval. Without any, there is no value."""

    hits: int
    n: int

    @property
    def value(self) -> float | None:
        """The share, 0..1."""
        return self.hits / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float]:
        """Where the share of all such utterances lies, with 95 % confidence; everywhere where nothing was seen."""
        if not self.n:
            return 0.0, 1.0
        square, share = _Z * _Z, self.hits / self.n
        middle = (share + square / (2 * self.n)) / (1 + square / self.n)
        spread = _Z * sqrt(share * (1 - share) / self.n + square / (4 * self.n * self.n)) / (1 + square / self.n)
        return max(0.0, min(share, middle - spread)), min(1.0, max(share, middle + spread))


@dataclass(frozen=True)
class Confusion:
    """One category taken for another, with every case of it, the surest first."""

    category: str
    taken_for: str
    cases: tuple[Judged, ...]


@dataclass(frozen=True)
class Bin:
    """The readings of about one confidence: how sure they were on average, and how many were right."""

    confidence: float
    right: Share


@dataclass(frozen=True)
class Calibration:
    """Whether 80 % sure means right in 80 % of cases. `error` is the expected calibration error, None without rows."""

    bins: tuple[Bin, ...]
    error: float | None


def load_labelled(folder: Path) -> tuple[LabelledFile, ...]:
    """Return every `*.jsonl` file of a folder, by name.

    Raises:
        EvaluationError: there is none.
    """
    files = sorted(path for path in folder.glob("*.jsonl") if path.is_file())
    if not files:
        raise EvaluationError(f"{folder}: no *.jsonl files here")
    return tuple(_load_file(path) for path in files)


def judge(rows: Sequence[LabelledText], readings: Sequence[Reading]) -> list[Judged]:
    """Return each row with its reading, in order."""
    return [Judged(row, reading) for row, reading in zip(rows, readings, strict=True)]


def compute_strict(judged: Sequence[Judged]) -> Share:
    """Return how many are right of the rows that have one right answer."""
    return _share([case.is_right for case in judged if not case.row.also_right])


def compute_lenient(judged: Sequence[Judged]) -> Share:
    """Return how many of all rows got an answer that is right."""
    return _share([case.is_right for case in judged])


def compute_macro_f1(judged: Sequence[Judged]) -> float | None:
    """Return the mean F1 over the categories with ten rows or more, by first label; None where there is none."""
    labels = Counter(case.row.category for case in judged)
    answers = Counter(case.reading.category for case in judged)
    hits = Counter(case.row.category for case in judged if case.row.category == case.reading.category)
    scores = [2 * hits[label] / (answers[label] + rows) for label, rows in labels.items() if rows >= _F1_FROM]
    return sum(scores) / len(scores) if scores else None


def compute_unsure(judged: Sequence[Judged]) -> Share:
    """Return how many the bot would ask back about."""
    return _share([case.reading.unsure for case in judged])


def compute_right_when_sure(judged: Sequence[Judged]) -> Share:
    """Return how many are right of those the bot would act on."""
    return _share([case.is_right for case in judged if not case.reading.unsure])


def compute_false_accepts(judged: Sequence[Judged]) -> Share:
    """Return how many of the out-of-scope rows are taken for business, and sure of it."""
    return Share(len(list_false_accepts(judged)), len([case for case in judged if _is_out_of_scope(case)]))


def list_false_accepts(judged: Sequence[Judged]) -> list[Judged]:
    """Return the out-of-scope rows that are taken for business, and sure of it: the surest first."""
    taken = [
        case
        for case in judged
        if _is_out_of_scope(case)
        and not case.is_right
        and not case.reading.unsure
        and case.reading.category in BUSINESS
    ]
    return sorted(taken, key=lambda case: -case.reading.confidence)


def count_pairs(judged: Sequence[Judged]) -> Counter[tuple[str, str]]:
    """Return how often a category was given which answer; an answer that is right as well counts as the label."""
    return Counter((case.row.category, _name_answer(case)) for case in judged)


def list_confusions(judged: Sequence[Judged]) -> list[Confusion]:
    """Return what was taken for what, the most frequent first."""
    cases: defaultdict[tuple[str, str], list[Judged]] = defaultdict(list)
    for case in judged:
        if not case.is_right:
            cases[case.row.category, case.reading.category].append(case)
    found = [
        Confusion(category, taken_for, tuple(sorted(wrong, key=lambda case: -case.reading.confidence)))
        for (category, taken_for), wrong in cases.items()
    ]
    return sorted(found, key=lambda confusion: -len(confusion.cases))


def compute_calibration(judged: Sequence[Judged]) -> Calibration:
    """Return sureness against being right, in ten bins of equal width; empty ones are left out."""
    bins: defaultdict[int, list[Judged]] = defaultdict(list)
    for case in judged:
        bins[min(int(case.reading.confidence * _BINS), _BINS - 1)].append(case)
    found = tuple(
        Bin(sum(case.reading.confidence for case in bins[index]) / len(bins[index]), compute_lenient(bins[index]))
        for index in sorted(bins)
    )
    if not judged:
        return Calibration(found, None)
    gaps = (abs(part.right.hits / part.right.n - part.confidence) * part.right.n for part in found)
    return Calibration(found, sum(gaps) / len(judged))


def split_selections(judged: Sequence[Judged]) -> dict[str, list[Judged]]:
    """Return a file's parts by how their rows were picked; nothing where all were picked alike."""
    parts: defaultdict[str, list[Judged]] = defaultdict(list)
    for case in judged:
        parts[case.row.selection or ""].append(case)
    return dict(parts) if len(parts) > 1 else {}


def _share(outcomes: Sequence[bool]) -> Share:
    return Share(sum(outcomes), len(outcomes))


def _is_out_of_scope(case: Judged) -> bool:
    return case.row.category == "out_of_scope"


def _name_answer(case: Judged) -> str:
    return case.row.category if case.is_right else case.reading.category


def _load_file(path: Path) -> LabelledFile:
    rows, broken = list[LabelledText](), list[BrokenLine]()
    for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            rows.append(_read_row(line))
        except ValueError as error:
            broken.append(BrokenLine(path, number, str(error)))
    return LabelledFile(path.stem, tuple(rows), tuple(broken))


def _read_row(line: bytes) -> LabelledText:
    """Raises ValueError with the reason."""
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 ({error.reason} at byte {error.start})") from error
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}") from error
    if not isinstance(row, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - a broken line is one kind of error, whatever is wrong
    if not isinstance(row.get("text"), str):
        raise ValueError("field `text` is missing or not a string")  # noqa: TRY004 - as above
    selection = row.get("selection")
    return LabelledText(
        row["text"], _read_label(row), _read_others(row), selection if isinstance(selection, str) else None
    )


def _read_label(row: dict[str, Any]) -> str:
    field = "expected" if "expected" in row and "category" not in row else "category"
    return _check_category(field, row.get(field))


def _read_others(row: dict[str, Any]) -> tuple[str, ...]:
    others = row.get("alt") or []
    if not isinstance(others, list):
        raise ValueError("field `alt` is not a list")  # noqa: TRY004 - as above
    return tuple(_check_category("alt", other) for other in others)


def _check_category(field: str, value: Any) -> str:
    if not isinstance(value, str) or value not in CATEGORIES:
        raise ValueError(f"field `{field}`: {value!r} is none of {', '.join(CATEGORIES)}")
    return value
