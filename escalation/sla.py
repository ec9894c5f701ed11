"""What `shouwen sla due` computes: one line in, its deadline and steps out. Pure."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from escalation.clocks import PAUSABLE, ClockKind, compute_due, compute_steps
from escalation.service_levels import ServiceLevels
from escalation.severity import Tier


class _LineError(ValueError):
    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field, self.reason = field, reason


def compute_due_line(levels: ServiceLevels, line: str) -> dict[str, Any]:
    """Return `{"due_at", "steps"}` for a JSON line, or `{"error": {"field", "reason"}}`."""
    try:
        data = json.loads(line)
        if not isinstance(data, dict):
            raise _LineError("", "a line must be a JSON object")
        return _compute(levels, data)
    except _LineError as error:
        return {"error": {"field": error.field, "reason": error.reason}}
    except (ValueError, RecursionError):
        return {"error": {"field": "", "reason": "not JSON"}}


def _compute(levels: ServiceLevels, data: Mapping[str, Any]) -> dict[str, Any]:
    tier = Tier(_one_of(data, "tier", [tier.value for tier in Tier]))
    kind = ClockKind(_one_of(data, "clock", [kind.value for kind in ClockKind]))
    if data.get("calendar") is not None:
        raise _LineError("calendar", f"the service file has no calendar {data['calendar']!r}")
    start = _instant("start", data.get("start"))
    pauses = _pauses(data.get("pauses") or [])
    if pauses and kind not in PAUSABLE:
        raise _LineError("pauses", f"the {kind} clock never pauses")
    due = compute_due(start, levels.within[tier, kind], pauses)
    steps = compute_steps(start, due, tier, levels.ladder)
    return {"due_at": due.isoformat(), "steps": [{"name": step.name, "at": step.at.isoformat()} for step in steps]}


def _one_of(data: Mapping[str, Any], field: str, known: list[str]) -> str:
    value = data.get(field)
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
    return at.astimezone(UTC)


def _pauses(value: object) -> list[tuple[datetime, datetime]]:
    if not isinstance(value, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in value):
        raise _LineError("pauses", "must be a list of [begin, end]")
    pauses = [(_instant("pauses", begin), _instant("pauses", end)) for begin, end in value]
    if any(end < begin for begin, end in pauses):
        raise _LineError("pauses", "a pause ends before it begins")
    return pauses
