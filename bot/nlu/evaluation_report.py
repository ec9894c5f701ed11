"""The figures as a table for the terminal and as one HTML file that needs nothing else: for whoever trains the model.

The file quotes what customers wrote, so it is readable by its owner alone. English, like every tool of the operator.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.nlu.evaluation import (
    BrokenLine,
    Calibration,
    Confusion,
    Judged,
    Share,
    compute_calibration,
    compute_false_accepts,
    compute_lenient,
    compute_macro_f1,
    compute_right_when_sure,
    compute_strict,
    compute_unsure,
    count_pairs,
    list_confusions,
    list_false_accepts,
    split_selections,
)
from bot.nlu.evaluation_charts import draw_matrix, draw_reliability
from bot.nlu.reading import CATEGORIES

_WORST = 8
_NONE = "–"


@dataclass(frozen=True)
class FileReport:
    """One file's readings, and what is told of them. `parts` are its figures by how rows were picked."""

    name: str
    judged: Sequence[Judged]

    @property
    def strict(self) -> Share:
        """Rows with one right answer."""
        return compute_strict(self.judged)

    @property
    def lenient(self) -> Share:
        """All rows, any right answer."""
        return compute_lenient(self.judged)

    @property
    def macro_f1(self) -> float | None:
        """Over the categories with ten rows or more."""
        return compute_macro_f1(self.judged)

    @property
    def unsure(self) -> Share:
        """What would be asked back."""
        return compute_unsure(self.judged)

    @property
    def right_when_sure(self) -> Share:
        """What would be acted on rightly."""
        return compute_right_when_sure(self.judged)

    @property
    def false_accepts(self) -> Share:
        """Out of scope, taken for business."""
        return compute_false_accepts(self.judged)

    @cached_property
    def calibration(self) -> Calibration:
        """Sureness against being right."""
        return compute_calibration(self.judged)

    @property
    def parts(self) -> list["FileReport"]:
        """The same by selection, where there are several."""
        return [FileReport(name or "(no selection)", judged) for name, judged in split_selections(self.judged).items()]

    @property
    def worst_confusions(self) -> list[Confusion]:
        """The most frequent ones."""
        return list_confusions(self.judged)[:_WORST]

    @property
    def accepted_wrongly(self) -> list[Judged]:
        """Each false accept, the surest first."""
        return list_false_accepts(self.judged)

    @property
    def matrix(self) -> str:
        """The confusion matrix as SVG."""
        return draw_matrix(f"{self.name}: what was read as what", count_pairs(self.judged), CATEGORIES)

    @property
    def reliability(self) -> str:
        """The reliability diagram as SVG."""
        return draw_reliability(f"{self.name}: how sure against how often right", self.calibration)


@dataclass(frozen=True)
class Report:
    """One run over a folder. `model` is the fingerprint of the training data, where it is known."""

    folder: Path
    engine: str
    model: str | None
    made_at: datetime
    files: Sequence[FileReport]
    broken: Sequence[BrokenLine]


def format_table(report: Report) -> str:
    """Return the table for the terminal, without a newline at its end."""
    lines = [
        f"{'file':34} {'rows':>5}  {'strict (95 %)':17}  {'lenient (95 %)':17}  {'macro-F1':>8}  {'ECE':>5}"
        f"  {'unsure':>6}  {'false accepts':>13}"
    ]
    for file in report.files:
        lines.append(_format_row(file.name, file))
        lines += [_format_row(f"  {part.name}", part) for part in file.parts]
    return "\n".join(lines)


def render_report(report: Report) -> str:
    """Return the HTML document."""
    environment = Environment(
        loader=PackageLoader("bot.nlu", ""), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {"share": _format_share, "span": _format_interval, "figure": _format_figure}
    return environment.get_template("evaluation_report.html").render(report=report)


def write_report(report: Report, path: Path) -> Path:
    """Write the HTML document, whatever characters the utterances hold; makes the folders above it.

    Raises:
        OSError: it cannot be written there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(render_report(report), encoding="utf-8", errors="replace")
    return path


def _format_row(name: str, file: FileReport) -> str:
    accepts = f"{file.false_accepts.hits} of {file.false_accepts.n}" if file.false_accepts.n else _NONE
    return (
        f"{name[:34]:34} {len(file.judged):5}  {_format_both(file.strict):17}  {_format_both(file.lenient):17}"
        f"  {_format_figure(file.macro_f1):>8}  {_format_figure(file.calibration.error):>5}"
        f"  {_format_share(file.unsure):>6}  {accepts:>13}"
    )


def _format_both(share: Share) -> str:
    return f"{_format_share(share)} {_format_interval(share)}".strip()


def _format_share(share: Share) -> str:
    return _format_figure(share.value)


def _format_interval(share: Share) -> str:
    low, high = share.interval
    return f"{low:.3f}–{high:.3f}" if share.n else ""


def _format_figure(value: float | None) -> str:
    return _NONE if value is None else f"{value:.3f}"
