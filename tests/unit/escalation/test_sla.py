"""What `shouwen sla due` answers."""

import json
from typing import Any

import pytest

from escalation.service_levels import ServiceLevels
from escalation.sla import compute_due_line

LINE = {"tier": "general", "clock": "resolution", "start": "2026-11-23T12:00:00+08:00", "calendar": None, "pauses": []}


def answer(levels: ServiceLevels, **changes: Any) -> dict[str, Any]:
    """Ask with one line."""
    return compute_due_line(levels, json.dumps(LINE | changes))


def test_the_deadline_is_told_in_utc(levels: ServiceLevels) -> None:
    """48 h after noon in Shanghai."""
    assert "2026-11-25T04:00:00+00:00" == answer(levels)["due_at"]


def test_the_steps_are_told_in_order(levels: ServiceLevels) -> None:
    """Each with its name and instant, and the breach at the deadline."""
    told = answer(levels)
    assert sorted(step["at"] for step in told["steps"]) == [step["at"] for step in told["steps"]]
    assert {"name": "breach", "at": told["due_at"]} in told["steps"]


def test_a_pause_moves_it(levels: ServiceLevels) -> None:
    """Three hours of waiting for the customer."""
    pauses = [["2026-11-23T05:00:00Z", "2026-11-23T08:00:00Z"]]
    assert "2026-11-25T07:00:00+00:00" == answer(levels, pauses=pauses)["due_at"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"tier": "urgent"}, "tier"),
        ({"clock": "lunch"}, "clock"),
        ({"start": "tomorrow"}, "start"),
        ({"start": "2026-11-23T12:00:00"}, "start"),  # without an offset
        ({"calendar": "moon"}, "calendar"),
        ({"pauses": [["2026-11-23T05:00:00Z"]]}, "pauses"),
        ({"pauses": [["2026-11-23T08:00:00Z", "2026-11-23T05:00:00Z"]]}, "pauses"),
        ({"clock": "response", "pauses": [["2026-11-23T05:00:00Z", "2026-11-23T08:00:00Z"]]}, "pauses"),
    ],
)
def test_a_bad_line_names_its_field(levels: ServiceLevels, changes: dict[str, Any], field: str) -> None:
    """And the reason."""
    error = answer(levels, **changes)["error"]
    assert field == error["field"]
    assert error["reason"]


@pytest.mark.parametrize("line", ["", "{", "[]", "null", "[" * 100_000])
def test_what_is_no_object_is_an_error_too(levels: ServiceLevels, line: str) -> None:
    """Nothing that is sent makes it fail."""
    assert "error" in compute_due_line(levels, line)
