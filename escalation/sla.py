"""What `shouwen sla due` computes: one line in, its deadline and steps out. Pure.

`calendar` names one of the service file's, or `round_the_clock`; null leaves it to the tier. `pauses` is when the
customer was waited for: resolution and feedback stand still then, the others go on.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from escalation.calendar import Calendar
from escalation.clocks import PAUSABLE, ClockKind
from escalation.ladder import ClockFacts, compute_ladder
from escalation.severity import Tier
from escalation.terms import ROUND_THE_CLOCK, ServiceLevels

_FIELDS = ("tier", "clock", "start", "calendar", "pauses")
# Beyond these an instant is a slip of the pen.
_YEARS = range(1990, 2200)
_LONGEST_QUOTE = 40


class _LineError(ValueError):
    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field, self.reason = field, reason


def compute_due_line(levels: ServiceLevels, line: str) -> dict[str, Any]:
    """Return `{"due_at", "steps"}` for a JSON line, or `{"error": {"field", "reason"}}`."""
    try:
        data = json.loads(line.removeprefix("\ufeff"), object_pairs_hook=_read_object)
        if not isinstance(data, dict):
            raise _LineError("", "a line must be a JSON object")
        return _compute(levels, data)
    except _LineError as error:
        return {"error": {"field": error.field, "reason": error.reason}}
    except OverflowError:
        return {"error": {"field": "start", "reason": "a step lies beyond the end of the calendar (year 9999)"}}
    except (ValueError, RecursionError):
        return {"error": {"field": "", "reason": "not JSON"}}


def _read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of a field that stands twice nobody knows which was meant."""
    read: dict[str, Any] = {}
    for name, value in pairs:
        if name in read:
            raise _LineError(_quote(name), "stands twice")
        read[name] = value
    return read


def _quote(name: str) -> str:
    """Return a name that can be printed whatever stood in the line: short, and without half characters."""
    return name[:_LONGEST_QUOTE].encode("utf-8", "backslashreplace").decode("utf-8")


def _compute(levels: ServiceLevels, data: Mapping[str, Any]) -> dict[str, Any]:
    unknown = next((name for name in data if name not in _FIELDS), None)
    if unknown is not None:
        raise _LineError(_quote(unknown), f"is not a field of a line; they are {', '.join(_FIELDS)}")
    tier = Tier(_one_of(data, "tier", [tier.value for tier in Tier]))
    kind = ClockKind(_one_of(data, "clock", [kind.value for kind in ClockKind]))
    calendar = _calendar(levels, tier, kind, data.get("calendar"))
    start = _instant("start", _required(data, "start"))
    pauses = _pauses(data.get("pauses"))
    # The customer is waited for by all of a ticket's clocks; only some of them stand still meanwhile.
    clock = ClockFacts(kind, tier, start, levels.within[tier, kind], pauses if kind in PAUSABLE else (), calendar)
    steps = compute_ladder(clock, levels.ladder)
    return {
        "due_at": clock.due_at.isoformat(),
        "steps": [{"name": step.name, "at": step.at.isoformat()} for step in steps],
    }


def _calendar(levels: ServiceLevels, tier: Tier, kind: ClockKind, name: object) -> Calendar | None:
    if name is None:
        return levels.terms_for(tier, kind).calendar
    if name == ROUND_THE_CLOCK:
        return None
    named = levels.calendars.get(name) if isinstance(name, str) else None
    if named is None:
        known = ", ".join(sorted([ROUND_THE_CLOCK, *levels.calendars]))
        raise _LineError("calendar", f"the service file has no calendar {name!r}; it has: {known}")
    return named.calendar


def _required(data: Mapping[str, Any], field: str) -> object:
    if field not in data:
        raise _LineError(field, "is missing")
    return data[field]


def _one_of(data: Mapping[str, Any], field: str, known: list[str]) -> str:
    value = _required(data, field)
    if value not in known:
        raise _LineError(field, f"{value!r} is none of: {', '.join(known)}")
    return str(value)


def _instant(field: str, value: object) -> datetime:
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        raise _LineError(field, f"{value!r} is no ISO 8601 instant") from None
    if at.tzinfo is None:
        raise _LineError(field, "an instant needs its offset from UTC")
    if at.year not in _YEARS:
        raise _LineError(field, f"{value!r} is not in the years {_YEARS.start} to {_YEARS.stop - 1}")
    return at.astimezone(UTC)


def _pauses(value: object) -> tuple[tuple[datetime, datetime], ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in value):
        raise _LineError("pauses", "must be a list of [begin, end]")
    pauses = tuple((_instant("pauses", begin), _instant("pauses", end)) for begin, end in value)
    if any(end < begin for begin, end in pauses):
        raise _LineError("pauses", "a pause ends before it begins")
    return pauses
