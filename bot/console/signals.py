"""What the consoles of one process have to tell those of another, as a notification carries it.

People are their ids and nothing else; a name is read where it is shown. Anybody with the database's password may send
such a notification, so nonsense is left out.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from escalation.tickets import is_number

# A notification may have 8,000 bytes; so many kinds, numbers and ids together have fewer than 4,000.
_AT_ONCE = 80


@dataclass(frozen=True)
class Viewers:
    """Who looks at a ticket in the process that says so; nobody: they have gone."""

    number: str
    people: tuple[UUID, ...]


@dataclass(frozen=True)
class Answering:
    """Somebody writes an answer to a ticket's customer."""

    number: str
    person: UUID


@dataclass(frozen=True)
class Duty:
    """Somebody else has set somebody on duty or away."""

    person: UUID
    available: bool


@dataclass(frozen=True)
class RosterChanged:
    """A limit or a desk was changed."""


@dataclass(frozen=True)
class AccountChanged:
    """Somebody has another role now, or none: their consoles begin anew."""

    person: UUID


@dataclass(frozen=True)
class Begin:
    """A process begins to listen: what it said before is over, and it would like to hear of everybody's viewers."""


Signal = Viewers | Answering | Duty | RosterChanged | AccountChanged | Begin


def find_subject(signal: Signal) -> object:
    """Return what a signal is about: a later one about the same makes it void."""
    match signal:
        case Viewers(number):
            return Viewers, number
        case Duty(person):
            return Duty, person
    return signal


def write(process: str, signals: Iterable[Signal]) -> Iterator[str]:
    """Yield as many notifications as the signals of a process need."""
    lines: list[list[Any]] = []
    room = _AT_ONCE
    for signal in signals:
        line = _line(signal)
        if len(line) > room and lines:
            yield _pack(process, lines)
            lines, room = [], _AT_ONCE
        lines.append(line)
        room -= len(line)
    if lines:
        yield _pack(process, lines)


def _pack(process: str, lines: list[list[Any]]) -> str:
    return json.dumps([process, lines], separators=(",", ":"))


def _line(signal: Signal) -> list[Any]:
    match signal:
        case Viewers(number, people):
            return ["viewing", number, *(person.hex for person in people[:_AT_ONCE])]
        case Answering(number, person):
            return ["answering", number, person.hex]
        case Duty(person, available):
            return ["duty", person.hex, available]
        case RosterChanged():
            return ["roster"]
        case AccountChanged(person):
            return ["account", person.hex]
        case Begin():
            return ["begin"]


def read(payload: str) -> tuple[str, list[Signal]]:
    """Return the process that sent a notification, and its signals. Raises ValueError for what is none of ours."""
    try:
        process, lines = json.loads(payload)
        return str(process), [_read_line(*line) for line in lines]
    except (TypeError, AttributeError, RecursionError) as error:
        raise ValueError("not a notification of consoles") from error


def _read_line(kind: str, *given: Any) -> Signal:
    match kind, given:
        case "viewing", (str(number), *people) if is_number(number):
            return Viewers(number, tuple(UUID(person) for person in people))
        case "answering", (str(number), person) if is_number(number):
            return Answering(number, UUID(person))
        case "duty", (person, bool(available)):
            return Duty(UUID(person), available)
        case "roster", ():
            return RosterChanged()
        case "account", (person,):
            return AccountChanged(UUID(person))
        case "begin", ():
            return Begin()
    raise ValueError(f"no such signal: {kind!r:.40}")
