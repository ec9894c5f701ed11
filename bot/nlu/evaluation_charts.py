"""Confusion matrix and reliability diagram as SVG: drawn by hand, readable in grey, a title each, colours by class."""

from collections import Counter
from collections.abc import Sequence
from xml.sax.saxutils import escape

from bot.nlu.evaluation import Calibration

_LEFT, _TOP, _CELL, _ROW = 84, 66, 34, 26
_WIDTH, _HEIGHT, _EDGE, _FLOOR = 360, 300, 42, 34
_STRONGEST = 0.5


def draw_matrix(title: str, pairs: Counter[tuple[str, str]], categories: Sequence[str]) -> str:
    """Draw what (down) was read as what (across). A cell is the stronger the more of its row stands in it."""
    height = _TOP + _ROW * len(categories) + 4
    parts = [_open(title, _LEFT + _CELL * len(categories) + 48, height)]
    for index, name in enumerate(categories):
        x, y = _LEFT + _CELL * index + _CELL / 2, _TOP + _ROW * index + 17
        parts.append(f'<text x="{x}" y="{_TOP - 6}" transform="rotate(-45 {x} {_TOP - 6})">{escape(name)}</text>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y}" text-anchor="end">{escape(name)}</text>')
    for row, category in enumerate(categories):
        total = sum(pairs[category, answer] for answer in categories)
        for column, answer in enumerate(categories):
            parts.append(_draw_cell(row, column, pairs[category, answer], total))
    return "".join([*parts, "</svg>"])


def draw_reliability(title: str, calibration: Calibration) -> str:
    """Draw how often readings of one confidence are right, with intervals, against the line where both agree."""
    parts = [_open(title, _WIDTH, _HEIGHT)]
    for value in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = _x(value), _y(value)
        parts.append(f'<line x1="{_x(0)}" x2="{_x(1)}" y1="{y}" y2="{y}" class="grid"/>')
        parts.append(f'<text x="{_EDGE - 6}" y="{y + 4}" text-anchor="end">{value:.0%}</text>')
        parts.append(f'<text x="{x}" y="{_HEIGHT - 18}" text-anchor="middle">{value:.0%}</text>')
    parts.append(f'<line x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}" class="agree"/>')
    parts.append(f'<text x="{_x(0.5)}" y="{_HEIGHT - 4}" text-anchor="middle">how sure it was</text>')
    most = max((part.right.n for part in calibration.bins), default=1)
    for part in calibration.bins:
        x, y = _x(part.confidence), _y(part.right.hits / part.right.n)
        low, high = (_y(edge) for edge in part.right.interval)
        radius = 2.5 + 5 * (part.right.n / most) ** 0.5
        parts.append(f'<line x1="{x}" x2="{x}" y1="{low}" y2="{high}" class="spread"/>')
        parts.append(f'<circle cx="{x}" cy="{y}" r="{radius:.1f}" class="dot"/>')
    return "".join([*parts, "</svg>"])


def _draw_cell(row: int, column: int, count: int, total: int) -> str:
    x, y = _LEFT + _CELL * column, _TOP + _ROW * row
    if not count:
        return f'<rect x="{x}" y="{y}" width="{_CELL - 1}" height="{_ROW - 1}" class="none"/>'
    kind, strength = "right" if row == column else "wrong", 0.08 + (_STRONGEST - 0.08) * count / total
    return (
        f'<rect x="{x}" y="{y}" width="{_CELL - 1}" height="{_ROW - 1}" class="{kind}" fill-opacity="{strength:.2f}"/>'
        f'<text x="{x + _CELL / 2}" y="{y + 17}" text-anchor="middle" class="{kind}">{count}</text>'
    )


def _open(title: str, width: int, height: int) -> str:
    name = escape(title, {'"': "&quot;"})
    return f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{name}"><title>{name}</title>'


def _x(share: float) -> float:
    return round(_EDGE + (_WIDTH - _EDGE - 16) * share, 1)


def _y(share: float) -> float:
    return round(_HEIGHT - _FLOOR - (_HEIGHT - _FLOOR - 12) * share, 1)
