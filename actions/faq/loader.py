"""Reads, checks and writes the shop's FAQ file. Every fault is reported at once, each with its line."""

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from actions.faq.entries import Entry, EntryFault, Faq, Place, find_doubles, read_entry

DEFAULT_FILE = Path(__file__).with_name("default.yml")
_HEAD = "# The shop's FAQ. Every entry has questions and an answer in all three languages.\n"


@dataclass(frozen=True)
class FaqFault:
    """One thing wrong with a FAQ file."""

    file: str
    line: int
    field: str
    value: str
    reason: str

    def __str__(self) -> str:
        named = f"{self.field} = {self.value}" if self.value else self.field
        return (
            f"{self.file}:{self.line}: {named}: {self.reason}" if named else f"{self.file}:{self.line}: {self.reason}"
        )


class FaqError(Exception):
    """A FAQ file that can't be used; `faults` names everything that is wrong with it."""

    def __init__(self, faults: Iterable[FaqFault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: fault.line))
        super().__init__("\n".join(map(str, self.faults)))


@cache
def load_default_faq() -> Faq:
    """Return the FAQ that comes with the product."""
    return load_faq(DEFAULT_FILE)


def load_faq(path: Path) -> Faq:
    """Read a FAQ file.

    Raises:
        FaqError: it can't be read, or an entry is not whole.
    """
    return _FaqReading(path).read()


def write_faq(entries: Iterable[Entry]) -> str:
    """Return a file's text that `load_faq` reads as these entries."""
    out = io.StringIO()
    yaml = YAML()
    yaml.width = 10_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump({"entries": [entry.to_json() for entry in entries]}, out)
    return _HEAD + out.getvalue()


class _FaqReading:
    """One reading of one file, collecting faults."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._faults: list[FaqFault] = []

    def read(self) -> Faq:
        data = self._parse()
        for name in data:
            if name != "entries":
                self._note(data, (name,), EntryFault((str(name),), "is not known here; known is entries"))
        listed = data.get("entries")
        if not isinstance(listed, list):
            raise FaqError([*self._faults, self._fault(data, (), EntryFault(("entries",), "is missing: a list"))])
        entries, places = self._read_entries(listed)
        for doubled, question, owner in find_doubles(entries):
            place = _find_variant(entries[doubled], question)
            reason = f"is a question of {owner} too: it can have only one answer"
            self._note(listed, (places[doubled], *place), EntryFault(place, reason), owner=doubled)
        if self._faults:
            raise FaqError(self._faults)
        return Faq(entries)

    def _parse(self) -> Mapping[str, Any]:
        try:
            data = YAML(typ="rt").load(self._path.read_text(encoding="utf-8"))
        except (YAMLError, OSError, UnicodeDecodeError) as error:
            mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
            problem = error.problem if isinstance(error, MarkedYAMLError) and error.problem else error
            line = mark.line + 1 if mark else 1
            raise FaqError([FaqFault(str(self._path), line, "", "", f"can't be read: {problem}")]) from error
        if not isinstance(data, Mapping):
            raise FaqError([FaqFault(str(self._path), 1, "", "", "is not a table with a list of entries")])
        return data

    def _read_entries(self, listed: list[Any]) -> tuple[dict[str, Entry], dict[str, int]]:
        entries: dict[str, Entry] = {}
        places: dict[str, int] = {}
        for index, content in enumerate(listed):
            entry, faults = read_entry(content)
            name = str(content.get("id", index)) if isinstance(content, Mapping) else str(index)
            for fault in faults:
                self._note(listed, (index, *fault.place), fault, owner=name)
            if entry is None:
                continue
            if entry.id in entries:
                self._note(
                    listed, (index, "id"), EntryFault(("id",), "there is an entry of this id already"), owner=name
                )
                continue
            entries[entry.id], places[entry.id] = entry, index
        return entries, places

    def _note(self, data: Any, place: Place, fault: EntryFault, *, owner: str = "") -> None:
        self._faults.append(self._fault(data, place, fault, owner=owner))

    def _fault(self, data: Any, place: Place, fault: EntryFault, *, owner: str = "") -> FaqFault:
        """Return the fault with the line of its place, or of the nearest place above it that is there."""
        value, line = data, 1
        for key in place:
            known = key in value if isinstance(value, Mapping) else isinstance(value, list) and _has(value, key)
            if not known:
                value = None
                break
            value, line = value[key], _line_of(value, key)
        told = str(value)[:60] if isinstance(value, str | int | float | bool) else ""
        field = ".".join(map(str, (owner, *fault.place) if owner else fault.place))
        return FaqFault(str(self._path), line, field, told, fault.reason)


def _has(value: list[Any], key: str | int) -> bool:
    return isinstance(key, int) and key < len(value)


def _line_of(parent: Any, key: str | int) -> int:
    """Return the line of a key of a table, or of an item of a list."""
    is_list = isinstance(parent, list)
    lines = parent.lc.item(key) if is_list else parent.lc.key(key)
    return int(lines[0]) + 1


def _find_variant(entry: Entry, question: str) -> Place:
    return next(
        ("questions", language, asked.index(question))
        for language, asked in entry.questions.items()
        if question in asked
    )
