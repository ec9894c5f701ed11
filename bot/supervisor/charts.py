"""Charts as SVG, made on the server: few, labelled directly, readable in grey and by a screen reader (a title each).

A bar, and a point in time, may lead to what it counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _BOTTOM = 460, 170, 24, 104, 24
_LINE_HEIGHT = 17
# Room for a name before a bar, and for "1204 (+1204)" after the longest.
_BAR_LEFT, _BAR_LABEL = 128, 112


@dataclass(frozen=True)
class Point:
    """A point in time: its name, and where it leads. `told`: what is said of it, its values among that."""

    name: str
    link: str
    told: str


@dataclass(frozen=True)
class Line:
    """One line: a name written at its end, a value (or None) for each point, and how it is dashed."""

    name: str
    values: Sequence[float | None]
    dash: str = ""


def draw_lines(
    title: str, points: Sequence[Point], lines: Sequence[Line], *, low: float, high: float, mark: float | None = None
) -> str:
    """Draw values over time. `mark` is a benchmark drawn across."""
    parts = [_open(title)]
    for value in (low, (low + high) / 2, high):
        y = _y(value, low, high)
        parts.append(f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{_WIDTH - _RIGHT}" y2="{y:.1f}" class="grid"/>')
        parts.append(f'<text x="{_LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>')
    if mark is not None:
        y = _y(mark, low, high)
        parts.append(f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{_WIDTH - _RIGHT}" y2="{y:.1f}" class="mark"/>')
    for index in (0, len(points) - 1) if len(points) > 1 else range(len(points)):
        anchor = "start" if index == 0 else "end"
        x = _x(index, len(points))
        parts.append(f'<text x="{x:.1f}" y="{_HEIGHT - 6}" text-anchor="{anchor}">{escape(points[index].name)}</text>')
    parts += [_draw_line(line, len(points), low, high) for line in lines]
    parts += _label_ends(lines, len(points), low, high)
    parts += [_draw_column(point, index, len(points)) for index, point in enumerate(points)]
    return "".join([*parts, "</svg>"])


def _draw_column(point: Point, index: int, count: int) -> str:
    """Lay a link over all that is drawn of one point in time."""
    wide = (_WIDTH - _RIGHT - _LEFT) / max(count - 1, 1)
    left = max(_x(index, count) - wide / 2, 0)
    # What follows the last one are the lines' names.
    right = _x(index, count) + (9 if index == count - 1 else wide / 2)
    spot = f'x="{left:.1f}" y="0" width="{right - left:.1f}" height="{_HEIGHT}"'
    return f'{_open_link(point.link, point.told)}<rect {spot} class="column"/></a>'


def _open_link(link: str, told: str) -> str:
    name = _quote(told)
    return f'<a href="{_quote(link)}" aria-label="{name}"><title>{name}</title>'


def _label_ends(lines: Sequence[Line], count: int, low: float, high: float) -> list[str]:
    """Write each line's name at its end, with a piece of it, pushed apart where lines meet."""
    ends: list[tuple[float, float, str, str]] = []
    for line in lines:
        spots = [(index, value) for index, value in enumerate(line.values) if value is not None]
        if spots:
            index, value = spots[-1]
            ends.append((_y(value, low, high), _x(index, count), line.name, _dash(line)))
    labels, free_from = [], 0.0
    for y, x, name, dash in sorted(ends):
        free_from = max(y, free_from)
        spot = f'x1="{x + 9:.1f}" x2="{x + 31:.1f}" y1="{free_from:.1f}" y2="{free_from:.1f}"'
        labels.append(f'<line {spot} class="series"{dash}/>')
        labels.append(f'<text x="{x + 37:.1f}" y="{free_from + 4:.1f}">{escape(name)}</text>')
        free_from += _LINE_HEIGHT
    return labels


def _draw_line(line: Line, count: int, low: float, high: float) -> str:
    spots = [(_x(index, count), _y(value, low, high)) for index, value in enumerate(line.values) if value is not None]
    if not spots:
        return ""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in spots)
    return f'<polyline points="{path}" class="series"{_dash(line)}/>{dots}'


def _dash(line: Line) -> str:
    return f' stroke-dasharray="{line.dash}"' if line.dash else ""


@dataclass(frozen=True)
class Bar:
    """One count, how it was in the period before, and where it leads."""

    name: str
    count: int
    before: int
    link: str

    @property
    def label(self) -> str:
        """The count with its change, such as "8 (+3)"."""
        change = self.count - self.before
        return f"{self.count} ({change:+d})" if change else f"{self.count} (=)"


def draw_bars(title: str, bars: Sequence[Bar]) -> str:
    """Draw counts in the order given, each with its name, its number and the change."""
    row = 24
    most = max((bar.count for bar in bars), default=1) or 1
    parts = [_open(title, height=max(row * len(bars), row))]
    for index, bar in enumerate(bars):
        y = index * row
        parts.append(_open_link(bar.link, f"{bar.name} {bar.label}"))
        width = (_WIDTH - _BAR_LEFT - _BAR_LABEL) * bar.count / most
        parts.append(f'<text x="{_BAR_LEFT - 8}" y="{y + 16}" text-anchor="end">{escape(bar.name)}</text>')
        parts.append(f'<rect x="{_BAR_LEFT}" y="{y + 4}" width="{width:.1f}" height="15" class="bar"/>')
        parts.append(f'<text x="{_BAR_LEFT + 6 + width:.1f}" y="{y + 16}">{bar.label}</text></a>')
    return "".join([*parts, "</svg>"])


def _open(title: str, *, height: int = _HEIGHT) -> str:
    name = _quote(title)
    return f'<svg viewBox="0 0 {_WIDTH} {height}" role="group" aria-label="{name}" class="chart"><title>{name}</title>'


def _quote(text: str) -> str:
    return escape(text, {'"': "&quot;"})


def _x(index: int, count: int) -> float:
    return _LEFT + (_WIDTH - _RIGHT - _LEFT) * (index / (count - 1) if count > 1 else 0.5)


def _y(value: float, low: float, high: float) -> float:
    share = (min(max(value, low), high) - low) / (high - low)
    return _HEIGHT - _BOTTOM - share * (_HEIGHT - _BOTTOM - 12)
