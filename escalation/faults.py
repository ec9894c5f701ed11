"""Collects what is wrong with a file that the shop edits: all of it is told at once, each fault with its line."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any


class Faults:
    """What is wrong with one YAML file, read with its line numbers."""

    def __init__(self, path: Path, clause: str | None = None) -> None:
        """`clause` is cited where a fault has none of its own: what the file as a whole is about."""
        self._path, self._clause = path, clause
        self._found: list[tuple[int, str]] = []

    def note(self, parent: Any, key: Any, field: str, reason: str, clause: str | None = None) -> None:
        """Add a fault: `parent[key]` is what is wrong, `clause` the standard's (or the law's) word on it."""
        line = _find_line(parent, key)
        value = _shorten(parent[key]) if _has(parent, key) else "nothing"
        cited = f" ({clause or self._clause})" if clause or self._clause else ""
        self._found.append((line, f"{self._path}:{line}: {field}: {value} {reason}{cited}"))

    def check_names(
        self, parent: Mapping[str, Any], prefix: str, *, required: Iterable[str], optional: Iterable[str] = ()
    ) -> None:
        """Add a fault for each required name that is missing, and for each name that is unknown."""
        required = tuple(required)
        known = (*required, *optional)
        for name in required:
            if name not in parent:
                self.note(parent, name, f"{prefix}{name}", "is there, and it is needed")
        for name in parent:
            if name not in known:
                self.note(parent, name, f"{prefix}{name}", f"is not known here; known are: {', '.join(known)}")

    def tell(self) -> list[str]:
        """Return the faults in the order of their lines."""
        return [fault for _, fault in sorted(self._found)]


def _has(parent: Any, key: Any) -> bool:
    return key in parent if isinstance(parent, Mapping) else isinstance(parent, list) and key < len(parent)


def _find_line(parent: Any, key: Any) -> int:
    """The line of a value of a mapping or list; where it is missing, that of the mapping itself."""
    marks: Any = getattr(parent, "lc", None)
    try:
        mark = marks.item(key) if isinstance(parent, list) else marks.key(key)
        return int(mark[0]) + 1
    except (AttributeError, KeyError, IndexError, TypeError):
        return int(getattr(marks, "line", None) or 0) + 1


def _shorten(value: Any) -> str:
    text = repr(value) if isinstance(value, str | int | float | type(None)) else str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
